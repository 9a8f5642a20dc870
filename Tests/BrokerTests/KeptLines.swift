import Logging
import Synchronization

/// Keeps what is logged.
final class KeptLines: LogHandler, Sendable {
  private let lines = Mutex<[(level: Logger.Level, text: String)]>([])
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
  func log(event: LogEvent) { lines.withLock { $0.append((event.level, "\(event.message)")) } }

  var logger: Logger { Logger(label: "kept") { _ in self } }
  var all: [String] { lines.withLock { $0.map(\.text) } }
  func lines(with text: String) -> [String] { all.filter { $0.contains(text) } }
  func lines(with text: String, at level: Logger.Level) -> [String] {
    lines.withLock { $0.filter { $0.level == level && $0.text.contains(text) }.map(\.text) }
  }
}
