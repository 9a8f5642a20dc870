import CPosix
import Glibc
import Synchronization

/// Standard error, or a file that is appended to and can be opened anew. Thread safe: one write per line.
public final class LogDestination: Sendable {
  private let path: String?
  private let sizeLimit: Int64
  private let maximumCount: Int
  private let file: Mutex<OpenFile>

  private struct OpenFile {
    var descriptor: Int32
    var size: Int64
  }

  /// What a rotation did, as sentences for the new file.
  struct Rotation {
    var notes: [String]
  }

  var isFile: Bool { path != nil }

  /// Standard error.
  public init() {
    path = nil
    sizeLimit = 0
    maximumCount = 0
    file = Mutex(OpenFile(descriptor: STDERR_FILENO, size: 0))
  }

  /// A file, made when there is none.
  /// - Parameters:
  ///   - sizeLimit: bytes after which the file is renamed, with the time at its end, and begun anew; 0 for never.
  ///   - maximumCount: files that are kept, the one in use among them; 0 for all.
  /// - Throws: `LogFileError` when it cannot be opened.
  public init(path: String, sizeLimit: Int64 = 0, maximumCount: Int = 0) throws(LogFileError) {
    self.path = path
    self.sizeLimit = sizeLimit
    self.maximumCount = maximumCount
    let (descriptor, size) = LogDestination.open(path)
    guard descriptor >= 0 else { throw LogFileError(path: path, reason: String(cString: strerror(errno))) }
    file = Mutex(OpenFile(descriptor: descriptor, size: size))
  }

  deinit { file.withLock { if path != nil { close($0.descriptor) } } }

  /// Writes one line, line feed included. What cannot be written is lost: a full disk must not stop a server.
  ///
  /// - Returns: What there is to say when the file was full and has been set aside.
  func write(_ line: [UInt8]) -> Rotation? {
    file.withLock { open in
      append(line, to: &open)
      guard sizeLimit > 0, open.size > sizeLimit, let path else { return nil }
      return rotate(&open, path)
    }
  }

  /// The same without looking at the size.
  func writeOnly(_ line: [UInt8]) { file.withLock { append(line, to: &$0) } }

  private func append(_ line: [UInt8], to open: inout OpenFile) {
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
  }

  func reopen() {
    guard let path else { return }
    file.withLock { reopen(&$0, path) }
  }

  private func rotate(_ open: inout OpenFile, _ path: String) -> Rotation {
    let saved = "\(path).\(Self.stamp())"
    rename(path, saved)
    reopen(&open, path)
    var rotation = Rotation(notes: ["Rotated log, backup saved as \"\(saved)\""])
    if maximumCount > 0 { purge(path, &rotation) }
    return rotation
  }

  /// `2026.11.21.05.06.07.123456789`, local time; zeros at the end of the fraction are left out.
  private static func stamp() -> String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    var parts = tm()
    localtime_r(&now.tv_sec, &parts)
    func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let fields = [two(parts.tm_mon + 1), two(parts.tm_mday), two(parts.tm_hour), two(parts.tm_min), two(parts.tm_sec)]
    let digits = String(now.tv_nsec)
    var fraction = String(repeating: "0", count: 9 - digits.utf8.count) + digits
    while fraction.hasSuffix("0") { fraction.removeLast() }
    return "\(parts.tm_year + 1900).\(fields.joined(separator: "."))" + (fraction.isEmpty ? "" : ".\(fraction)")
  }

  /// Deletes the oldest of the files that were set aside; their names sort by time.
  private func purge(_ path: String, _ rotation: inout Rotation) {
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
    let saved = Self.names(in: folder).filter { $0.hasPrefix(name + ".") && Self.isStamp($0.dropFirst(name.count + 1)) }.sorted()
    for old in saved.prefix(max(0, saved.count - (maximumCount - 1))) {
      let full = "\(folder)/\(old)"
      if unlink(full) == 0 { rotation.notes.append("Purged log file \"\(full)\"") }
    }
  }

  private static func names(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      names.append(name)
    }
    return names
  }

  /// Six or seven groups of digits, as ``stamp()`` makes them: nobody else's files are deleted.
  private static func isStamp(_ text: Substring) -> Bool {
    let fields = text.split(separator: ".", omittingEmptySubsequences: false)
    return (6...7).contains(fields.count) && fields[0].utf8.count == 4
      && fields.allSatisfy { field in !field.isEmpty && field.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } }
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
