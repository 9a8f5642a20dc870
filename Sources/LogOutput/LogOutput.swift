public import Logging
import Reactor
import Synchronization
import Wire

/// Where a process's log goes, in which form, and from which level on. One for the process; thread safe.
///
/// Level, form and destination may change while it is in use: a reload does that, log rotation calls ``reopen()``.
public final class LogOutput: Sendable {
  private struct Target {
    var format: LogFormat
    var destination: LogDestination
  }

  private let target: Mutex<Target>
  private let threshold: Atomic<Int>
  private let leavesOutDebug = Atomic(false)

  public init(format: LogFormat = .text, level: Logger.Level = .info, destination: LogDestination = LogDestination()) {
    target = Mutex(Target(format: format, destination: destination))
    threshold = Atomic(LogOutput.rank(level))
  }

  /// What is less severe is not written, but for loggers that were given a level of their own.
  public var level: Logger.Level {
    get { Logger.Level.allCases[threshold.load(ordering: .relaxed)] }
    set { threshold.store(LogOutput.rank(newValue), ordering: .relaxed) }
  }

  /// How a line looks.
  public var format: LogFormat { target.withLock { $0.format } }

  /// Lines of level `debug` are not written although those of level `trace` are: nats-server has two switches there.
  public var hidesDebug: Bool {
    get { leavesOutDebug.load(ordering: .relaxed) }
    set { leavesOutDebug.store(newValue, ordering: .relaxed) }
  }

  /// Whether lines go to a file, which can be opened anew.
  public var writesToFile: Bool { target.withLock { $0.destination }.isFile }

  /// Writes to another place, or in another form, from the next line on; a reload does.
  public func redirect(format: LogFormat, destination: LogDestination) {
    target.withLock { $0 = Target(format: format, destination: destination) }
  }

  /// Writes in another form from the next line on.
  public func reformat(_ format: LogFormat) { target.withLock { $0.format = format } }

  /// Makes every `Logger(label:)` of the process write here. Once per process.
  public func bootstrap() { LoggingSystem.bootstrap { LogOutputHandler(label: $0, output: self) } }

  /// A logger that writes here, without the process-wide bootstrap.
  public func logger(_ label: String) -> Logger { Logger(label: label) { LogOutputHandler(label: $0, output: self) } }

  /// Opens the log file anew, after something has moved it away. Nothing for standard error.
  public func reopen() { target.withLock { $0.destination }.reopen() }

  func write(level: Logger.Level, label: String, message: String, metadata: Logger.Metadata) {
    if level == .debug && hidesDebug { return }
    let (format, destination) = target.withLock { ($0.format, $0.destination) }
    var line: [UInt8] = []
    line.reserveCapacity(160)
    format.append(LogLine(time: WallClock.now(), level: level, label: label, message: message, metadata: metadata), to: &line)
    guard let saved = destination.write(line) else { return }
    for note in saved.notes {
      var line: [UInt8] = []
      format.append(LogLine(time: WallClock.now(), level: .info, label: label, message: note), to: &line)
      destination.writeOnly(line)
    }
  }

  private static func rank(_ level: Logger.Level) -> Int { Logger.Level.allCases.firstIndex(of: level) ?? 0 }
}

/// The swift-log end of ``LogOutput``: a value, as swift-log asks, whose own metadata and level stay its own.
public struct LogOutputHandler: LogHandler {
  private let label: String
  private let output: LogOutput
  private var ownLevel: Logger.Level?
  public var metadata: Logger.Metadata = [:]
  public var metadataProvider: Logger.MetadataProvider?

  public init(label: String, output: LogOutput) {
    self.label = label
    self.output = output
  }

  public var logLevel: Logger.Level {
    get { ownLevel ?? output.level }
    set { ownLevel = newValue }
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    var all = metadata
    if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
    if let given = event.metadata { all.merge(given) { $1 } }
    output.write(level: event.level, label: label, message: event.message.description, metadata: all)
  }
}
