/// A request method (RFC 9110 section 9). Names are case-sensitive.
public enum HTTPMethod: Sendable, Hashable, CustomStringConvertible {
  case get, head, post, put, delete, options, patch
  /// Any other token.
  case other(String)

  init(_ name: UnsafeRawBufferPointer) {
    switch name.count {
    case 3 where name.elementsEqual("GET".utf8): self = .get
    case 3 where name.elementsEqual("PUT".utf8): self = .put
    case 4 where name.elementsEqual("HEAD".utf8): self = .head
    case 4 where name.elementsEqual("POST".utf8): self = .post
    case 5 where name.elementsEqual("PATCH".utf8): self = .patch
    case 6 where name.elementsEqual("DELETE".utf8): self = .delete
    case 7 where name.elementsEqual("OPTIONS".utf8): self = .options
    default: self = .other(String(decoding: name, as: UTF8.self))
    }
  }

  public var description: String {
    switch self {
    case .get: "GET"
    case .head: "HEAD"
    case .post: "POST"
    case .put: "PUT"
    case .delete: "DELETE"
    case .options: "OPTIONS"
    case .patch: "PATCH"
    case .other(let name): name
    }
  }
}

/// Why a request cannot be served as it stands. The connection is closed after the answer, because where the next
/// request begins is not known.
public struct HTTPRequestError: Error, Sendable, Equatable {
  /// What is wrong; decides the status to answer with.
  public let problem: HTTPProblem
  /// One sentence without a full stop.
  public let description: String

  public init(_ problem: HTTPProblem, _ description: String) {
    self.problem = problem
    self.description = description
  }

  /// The status to answer with.
  public var status: Int { problem.status }

  static func malformed(_ description: String) -> HTTPRequestError { HTTPRequestError(.malformedRequest, description) }
}

/// How the end of a request's body is found (RFC 9112 section 6.3).
public enum HTTPBodyFraming: Sendable, Equatable {
  case none
  case length(Int)
  case chunked
}
