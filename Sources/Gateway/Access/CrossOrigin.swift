import HTTPServer

/// Which pages of other origins may read answers (the CORS protocol of the Fetch standard).
public struct CrossOrigin: Sendable, Equatable {
  private let origins: Set<String>
  private let isOpen: Bool
  private let withCredentials: Bool

  /// What scripts may see besides the fields that every script may.
  private static let exposed = (AnswerField.allCases.map(\.rawValue) + ["Age", "Retry-After"]).joined(separator: ", ")

  /// - Parameters:
  ///   - origins: such as `https://dash.example`; `*` for all, where there is no authentication.
  ///   - authenticated: whether callers sign in.
  /// - Throws: for `*` together with authentication, and for what is no origin.
  public init(_ origins: [String], authenticated: Bool) throws(AccessError) {
    isOpen = origins.contains("*")
    guard !isOpen || !authenticated else {
      throw AccessError("--cors-origin * would let any page read what a signed-in browser may read; name the origins instead")
    }
    for origin in origins where origin != "*" {
      guard origin.hasPrefix("http://") || origin.hasPrefix("https://"), !origin.dropFirst(8).contains("/") else {
        throw AccessError("--cors-origin \(origin): expected an origin such as https://dash.example")
      }
    }
    self.origins = Set(origins)
    withCredentials = authenticated
  }

  /// The fields for an answer to a request of that origin; none where it is not allowed.
  func headers(_ origin: String?) -> [HTTPHeader] {
    guard let origin else { return [] }
    if isOpen { return [HTTPHeader("Access-Control-Allow-Origin", "*"), HTTPHeader("Access-Control-Expose-Headers", CrossOrigin.exposed)] }
    guard origins.contains(origin) else { return [] }
    var headers = [
      HTTPHeader("Access-Control-Allow-Origin", origin), HTTPHeader("Access-Control-Expose-Headers", CrossOrigin.exposed),
      HTTPHeader("Vary", "Origin"),
    ]
    if withCredentials { headers.append(HTTPHeader("Access-Control-Allow-Credentials", "true")) }
    return headers
  }

  /// The answer to OPTIONS, preflight or not.
  func options(_ origin: String?) -> HTTPResponse {
    var response = HTTPResponse(status: 204, headers: [HTTPHeader("Allow", "GET, HEAD, OPTIONS")] + headers(origin))
    if response.headers.count > 1 {
      response.headers += [
        HTTPHeader("Access-Control-Allow-Methods", "GET, HEAD"),
        HTTPHeader("Access-Control-Allow-Headers", "Authorization, Accept, Last-Event-ID"),
        HTTPHeader("Access-Control-Max-Age", "600"),
      ]
    }
    return response
  }
}
