import HTTPServer

/// The fields that every answer bears, whatever it is.
enum StandardFields {
  private static let cacheControl = HTTPHeader("Cache-Control", "no-store")
  private static let vary = HTTPHeader("Vary", "Accept, Accept-Encoding, Authorization")

  /// Adds what is not there yet; static files bring their own.
  static func add(to response: inout HTTPResponse) {
    if !response.headers.contains(where: { $0.name == cacheControl.name }) { response.headers.append(cacheControl) }
    if !response.headers.contains(where: { $0.name == vary.name }) { response.headers.append(vary) }
  }

  /// Parameters that nothing knows.
  static func ignored(_ names: [String]) -> HTTPHeader {
    AnswerField.ignored(names.map(HTTPHeader.listItem).joined(separator: ", "))
  }
}
