import Wire

/// An answer that is an error. Its body has one shape on all of Natsight's own faces:
/// `{"error":{"code":404,"reason":"…","description":"…"}}`.
public struct Refusal: Error, Sendable {
  /// What is wrong; decides status and reason.
  public let problem: any Problem
  /// One sentence without a full stop: what was expected, and what was found.
  public let description: String
  /// Sent along with the answer.
  public var headers: [HTTPHeader]
  /// More members of the `error` object, their values as JSON.
  public var details: [(name: StaticString, json: [UInt8])] = []

  /// - Parameter headers: Where 429 and 503 bear no `Retry-After` of their own they say one second.
  public init(_ problem: some Problem, _ description: String, headers: [HTTPHeader] = []) {
    self.problem = problem
    self.description = description
    self.headers = headers
    guard problem.status == 429 || problem.status == 503, !headers.contains(where: { $0.name == "Retry-After" }) else { return }
    self.headers.append(HTTPHeader("Retry-After", "1"))
  }

  /// What the protocol refuses.
  public init(_ error: HTTPRequestError) { self.init(error.problem, error.description) }

  /// The status that it is answered with.
  public var status: Int { problem.status }

  /// The stable word for programs.
  public var reason: String { problem.reason }

  /// The answer.
  public var response: HTTPResponse {
    var json = JSONWriter(capacity: 128)
    json.object { json in json.member("error", object: write) }
    return .json(json.bytes + [0x0A], status: status, headers: headers)
  }

  /// The members of the `error` object.
  public func write(to json: inout JSONWriter) {
    json.member("code", status)
    json.member("reason", reason)
    json.member("description", description)
    for detail in details { json.member(detail.name, raw: detail.json) }
  }
}
