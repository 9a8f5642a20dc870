/// What HTTP itself refuses, whatever is served.
public enum HTTPProblem: String, Problem {
  case malformedRequest = "malformed_request"
  case badPath = "bad_path"
  case plainHTTP = "plain_http"
  case methodNotAllowed = "method_not_allowed"
  case requestTimeout = "request_timeout"
  case bodyTooLarge = "body_too_large"
  case targetTooLong = "target_too_long"
  case expectationFailed = "expectation_failed"
  case headersTooLarge = "headers_too_large"
  case unanswered = "internal"
  case unknownMethod = "unknown_method"
  case unsupportedTransferCoding = "unsupported_transfer_coding"
  case tooManyConnections = "too_many_connections"
  case unsupportedVersion = "unsupported_version"

  public var status: Int { facts.status }
  public var meaning: String { facts.meaning }
  public var advice: String { facts.advice }

  private var facts: (status: Int, meaning: String, advice: String) {
    switch self {
    case .malformedRequest:
      (
        400, "The request is not HTTP as RFC 9112 writes it.",
        "The sentence names the rule. Look at the client, or at the proxy between it and the gateway."
      )
    case .badPath:
      (
        400, "The path cannot be decoded, or holds a segment `.` or `..`.",
        "Percent-encode names that hold a slash, a space or a character beyond ASCII."
      )
    case .plainHTTP: (400, "Plain HTTP came to a port that speaks HTTPS.", "Ask with `https://`.")
    case .methodNotAllowed:
      (
        405, "The method is none of those that the field `Allow` of the answer names.",
        "Everything here is read with GET or HEAD; nothing can be changed."
      )
    case .requestTimeout:
      (
        408, "The request did not arrive in time, or its body came too slowly.",
        "Send a request at once, and ask again on a new connection."
      )
    case .bodyTooLarge: (413, "The request's body is larger than is taken.", "Nothing here needs a body: leave it out.")
    case .targetTooLong: (414, "The path and the query are longer than is taken.", "Ask for less at once.")
    case .expectationFailed: (417, "The request expects something else than `100-continue`.", "Leave the field `Expect` out.")
    case .headersTooLarge: (431, "The header fields are too large or too many.", "Send fewer cookies and forwarding fields.")
    case .unanswered:
      (500, "The gateway made no answer.", "This is a fault of the gateway: please report it with the request and the log around its id.")
    case .unknownMethod: (501, "The method is longer than any that is known.", "Ask with GET or HEAD.")
    case .unsupportedTransferCoding:
      (501, "The body has a transfer coding other than `chunked`.", "Leave the body out, or send its length.")
    case .tooManyConnections:
      (
        503, "As many connections are open as may be.",
        "Close connections that are not used, and look for a client that opens one for each request."
      )
    case .unsupportedVersion:
      (505, "The request's version is neither HTTP/1.1 nor HTTP/1.0.", "Ask with HTTP/1.1; HTTP/2 without TLS is not spoken here.")
    }
  }
}
