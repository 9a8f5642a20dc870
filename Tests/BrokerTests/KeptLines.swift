import Logging
import Synchronization

/// Keeps what is logged.
final class KeptLines: LogHandler, Sendable {
  private let lines = Mutex<[String]>([])
  var logLevel: Logger.Level {
    get { .trace }
    set {}
  }
  var metadata: Logger.Metadata {
    get { [:] }
    set {}
  }
  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { nil }
    set {}
  }
  func log(event: LogEvent) { lines.withLock { $0.append("\(event.message)") } }

  var logger: Logger { Logger(label: "kept") { _ in self } }
  var all: [String] { lines.withLock { $0 } }
  func lines(with text: String) -> [String] { all.filter { $0.contains(text) } }
}
