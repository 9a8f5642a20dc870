import SystemAPI
import Wire

/// What a full healthz complains of.
struct HealthProblems {
  /// Kinds of problems, in the documents' words.
  enum Kind: String {
    case connection = "CONNECTION"
    case badRequest = "BAD_REQUEST"
    case jetStream = "JETSTREAM"
    case account = "ACCOUNT"
    case stream = "STREAM"
    case consumer = "CONSUMER"
  }

  struct Problem {
    /// Its place in the document.
    let range: Range<Int>
    let kind: Kind?
    let account: String
    let stream: String
    let consumer: String
    let text: String
  }

  let all: [Problem]

  init(_ document: Document) {
    let errors = document.bytes.withUnsafeBufferPointer { JSONBytes.member("errors", $0, document.whole) }
    all = document.elements(errors).map { range in
      func text(_ name: StaticString) -> String { document.string(name, in: range) ?? "" }
      return Problem(
        range: range, kind: Kind(rawValue: text("type")), account: text("account"), stream: text("stream"), consumer: text("consumer"),
        text: text("error"))
    }
  }

  func has(_ kind: Kind) -> Bool { all.contains { $0.kind == kind } }
}
