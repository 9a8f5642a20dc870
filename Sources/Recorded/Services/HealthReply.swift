import SystemAPI
import Wire

/// Writes health as servers do: with all problems, or with the first one.
struct HealthReply {
  /// A problem that does not stand in the full document.
  struct Problem {
    let code: Int
    let kind: HealthProblems.Kind
    var account = ""
    var stream = ""
    var consumer = ""
    let text: String
  }

  let details: Bool

  func well() -> [UInt8] { Array(#"{"status":"ok","status_code":200}"#.utf8) }

  /// - Parameter problems: At least one.
  func bytes(_ problems: [HealthProblems.Problem], code: Int, in document: Document) -> [UInt8] {
    write(code: code, text: problems.first?.text ?? "") { json in
      for problem in problems { json.raw(document.bytes[problem.range]) }
    }
  }

  func bytes(_ problem: Problem) -> [UInt8] {
    write(code: problem.code, text: problem.text) { json in
      json.object { json in
        json.member("type", problem.kind.rawValue)
        json.member("account", unlessEmpty: problem.account)
        json.member("stream", unlessEmpty: problem.stream)
        json.member("consumer", unlessEmpty: problem.consumer)
        json.member("error", unlessEmpty: problem.text)
      }
    }
  }

  private func write(code: Int, text: String, _ errors: (inout JSONWriter) -> Void) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      // A wrong question and a server that does not listen are errors; the rest is what it cannot do now.
      json.member("status", details || code == 400 || code == 500 ? "error" : "unavailable")
      json.member("status_code", code)
      if details {
        json.key("errors")
        json.array(errors)
      } else {
        json.member("error", text)
      }
    }
    return json.bytes
  }
}
