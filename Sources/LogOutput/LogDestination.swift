import CPosix
import Glibc
import Synchronization

/// Standard error, or a file that is appended to and can be opened anew. Thread safe: one write per line.
public final class LogDestination: Sendable {
  private let path: String?
  private let sizeLimit: Int64
  private let file: Mutex<OpenFile>

  private struct OpenFile {
    var descriptor: Int32
    var size: Int64
  }

  /// Standard error.
  public init() {
    path = nil
    sizeLimit = 0
    file = Mutex(OpenFile(descriptor: STDERR_FILENO, size: 0))
  }

  /// A file, made when there is none.
  /// - Parameter sizeLimit: bytes after which the file is renamed, with the time at its end, and begun anew; 0 for never.
  /// - Throws: `LogFileError` when it cannot be opened.
  public init(path: String, sizeLimit: Int64 = 0) throws(LogFileError) {
    self.path = path
    self.sizeLimit = sizeLimit
    let (descriptor, size) = LogDestination.open(path)
    guard descriptor >= 0 else { throw LogFileError(path: path, reason: String(cString: strerror(errno))) }
    file = Mutex(OpenFile(descriptor: descriptor, size: size))
  }

  deinit { file.withLock { if path != nil { close($0.descriptor) } } }

  /// Writes one line, line feed included. What cannot be written is lost: a full disk must not stop a server.
  func write(_ line: [UInt8]) {
    file.withLock { open in
      line.withUnsafeBytes { bytes in
        var rest = bytes
        while !rest.isEmpty {
          let count = Glibc.write(open.descriptor, rest.baseAddress, rest.count)
          if count < 0, errno == EINTR { continue }
          if count <= 0 { break }
          rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        }
      }
      open.size += Int64(line.count)
      if sizeLimit > 0, open.size > sizeLimit, let path { rotate(&open, path) }
    }
  }

  func reopen() {
    guard let path else { return }
    file.withLock { reopen(&$0, path) }
  }

  private func rotate(_ open: inout OpenFile, _ path: String) {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    var parts = tm()
    gmtime_r(&now.tv_sec, &parts)
    func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let stamp = [two(parts.tm_mon + 1), two(parts.tm_mday), two(parts.tm_hour), two(parts.tm_min), two(parts.tm_sec)].joined(separator: ".")
    rename(path, "\(path).\(parts.tm_year + 1900).\(stamp).\(now.tv_nsec)")
    reopen(&open, path)
  }

  /// Keeps the old file where the new one cannot be opened.
  private func reopen(_ open: inout OpenFile, _ path: String) {
    let (descriptor, size) = LogDestination.open(path)
    guard descriptor >= 0 else { return }
    close(open.descriptor)
    open = OpenFile(descriptor: descriptor, size: size)
  }

  private static func open(_ path: String) -> (descriptor: Int32, size: Int64) {
    let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
    return (descriptor, descriptor < 0 ? 0 : Int64(lseek(descriptor, 0, SEEK_END)))
  }
}

/// The log file cannot be opened.
public struct LogFileError: Error, CustomStringConvertible {
  public let path: String
  public let reason: String
  public var description: String { "cannot open the log file \(path): \(reason)" }
}
