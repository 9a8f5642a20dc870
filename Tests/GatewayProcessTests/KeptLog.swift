import LogOutput
import Logging
import TestSupport

/// A log in a file, to be read by the test that made it.
final class KeptLog: Sendable {
  let folder: TemporaryFolder
  let output: LogOutput

  init(_ level: Logger.Level = .info) throws {
    folder = try TemporaryFolder()
    output = LogOutput(level: level, destination: try LogDestination(path: folder.path("log")))
  }

  var text: String { folder.read("log") }

  func lines(with part: String) -> [String] { text.split(separator: "\n").map(String.init).filter { $0.contains(part) } }
}
