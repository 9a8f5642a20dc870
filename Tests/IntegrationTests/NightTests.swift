import Foundation
import Play
import TestSupport
import Testing
import Wire

/// The night that `docs/time.md` tells of: every command in it, on the record that its first command plays, and every line that it shows of an
/// answer, in their order.
@Suite struct NightTests {
  /// A command of the document, and the lines of its answer that are shown.
  struct Step: Sendable, CustomTestStringConvertible {
    let command: String
    var shown: [String] = []

    var testDescription: String { command }
    /// What `curl` asks for.
    var path: String {
      command.firstRange(of: "localhost:8222").map { String(command[$0.upperBound...]).trimmingCharacters(in: ["'"]) } ?? ""
    }
  }

  /// Those that stand after a `$` in the document.
  static let steps: [Step] = {
    guard let text = try? String(contentsOfFile: "\(packageRoot)/docs/time.md", encoding: .utf8) else { return [] }
    var found: [Step] = []
    var isOpen = false
    for line in text.components(separatedBy: "\n") {
      if line.hasPrefix("$ ") {
        found.append(Step(command: String(line.dropFirst(2))))
        isOpen = true
      } else if line.hasPrefix("```") {
        isOpen = false
      } else if isOpen, !found.isEmpty, line != "…" {
        found[found.count - 1].shown.append(line.trimmingCharacters(in: .whitespaces))
      }
    }
    return found
  }()

  @Test func everyCommandAnswersAsTheDocumentSays() throws {
    let folder = try TemporaryFolder()
    let record = folder.path("night")
    var gateway: NatsightProcess?
    defer { gateway?.process.stop() }
    #expect(Self.steps.count > 10)
    for step in Self.steps {
      let words = step.command.split(separator: " ").map(String.init)
      switch words.first {
      case "scripts/play":
        #expect(try PlayCommand([record] + words.dropFirst(2), now: .zero).run() > 60)
      case "natsight":
        #expect(words[1] == "serve")
        gateway = try NatsightProcess.serve(words.dropFirst(2).map { $0 == "/tmp/night" ? record : $0 })
      case "curl":
        let port = try #require(gateway).httpPort()
        let reply = try RawHTTP.get(port: port, step.path)
        #expect(reply.status == 200, "\(step.command): \(reply.text)")
        var rest = reply.text[...]
        for shown in step.shown {
          let place = rest.firstRange(of: shown)
          #expect(place != nil, "\(step.command) does not say, or not there: \(shown)")
          if let place { rest = rest[place.upperBound...] }
        }
      default: Issue.record("nobody knows how to run: \(step.command)")
      }
    }
  }
}
