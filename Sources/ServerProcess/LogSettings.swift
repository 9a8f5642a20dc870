import BrokerCore
import BrokerOptions
import LogOutput
import Logging

extension LogOptions {
  /// How lines begin.
  public var format: LogFormat { time ? timeInUTC ? .server : .serverLocal : .serverBare }

  /// Standard error, or the file, which is made when it is missing.
  ///
  /// - Throws: Why the file cannot be written.
  public func openDestination() throws(LogFileError) -> LogDestination {
    file.isEmpty ? LogDestination() : try LogDestination(path: file, sizeLimit: fileSizeLimit, maximumCount: fileMaximumCount)
  }

  /// Whether lines go to the same file under the same limits.
  public func hasSameFile(as other: LogOptions) -> Bool {
    file == other.file && fileSizeLimit == other.fileSizeLimit && fileMaximumCount == other.fileMaximumCount
  }
}

extension BrokerOptions {
  /// The least important lines that these options show.
  public var logLevel: Logger.Level { broker.trace.isOn ? .trace : logging.debug ? .debug : .info }
}
