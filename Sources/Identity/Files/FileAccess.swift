import Glibc
import Wire

/// A file operation that failed: what was tried, on which path, and the system's reason.
public struct FileError: Error, Sendable, CustomStringConvertible {
  public let operation: String
  public let path: String
  public let code: Int32

  public init(operation: String, path: String, code: Int32) {
    self.operation = operation
    self.path = path
    self.code = code
  }

  public var description: String { "\(operation) \(path): \(String(cString: strerror(code)).lowercased())" }
  public var isMissing: Bool { code == ENOENT || code == ENOTDIR }
}

/// Small files, blocking: keys, JWTs, credentials, settings.
public enum FileAccess {
  /// The file's bytes; refuses what is larger than `limit` bytes.
  public static func read(_ path: String, limit: Int = 16 << 20) throws(FileError) -> [UInt8] {
    let fd = open(path, O_RDONLY | O_CLOEXEC)
    guard fd >= 0 else { throw FileError(operation: "open", path: path, code: errno) }
    defer { close(fd) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16384)
    while true {
      let count = Glibc.read(fd, &buffer, buffer.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError(operation: "read", path: path, code: errno)
      }
      if count == 0 { return bytes }
      bytes.append(contentsOf: buffer[0..<count])
      if bytes.count > limit { throw FileError(operation: "read", path: path, code: EFBIG) }
    }
  }

  public static func readText(_ path: String) throws(FileError) -> String { String(decoding: try read(path), as: UTF8.self) }

  /// Writes a new file beside `path`, syncs it, renames it over `path` and syncs the directory:
  /// after a crash at any moment the path holds the old content or the new, never a part.
  public static func writeAtomically(_ path: String, _ bytes: [UInt8], mode: mode_t = 0o600) throws(FileError) {
    let temporary = "\(path).\(getpid()).\(NUID.next()).tmp"
    let fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard fd >= 0 else { throw FileError(operation: "create", path: temporary, code: errno) }
    do throws(FileError) {
      try writeAll(fd, bytes, path: temporary)
      // The umask may have taken bits away that the caller asked for.
      if fchmod(fd, mode) != 0 { throw FileError(operation: "chmod", path: temporary, code: errno) }
      if fsync(fd) != 0 { throw FileError(operation: "sync", path: temporary, code: errno) }
    } catch {
      close(fd)
      unlink(temporary)
      throw error
    }
    // A full disk may be reported only here.
    guard close(fd) == 0, rename(temporary, path) == 0 else {
      let code = errno
      unlink(temporary)
      throw FileError(operation: "rename", path: path, code: code)
    }
    syncDirectory(parent(of: path))
  }

  private static func writeAll(_ fd: Int32, _ bytes: [UInt8], path: String) throws(FileError) {
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(fd, $0.baseAddress.map { $0 + offset }, $0.count - offset) }
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError(operation: "write", path: path, code: errno)
      }
      offset += count
    }
  }

  /// Makes a rename or a removal in `path` survive a crash. Best effort: some file systems refuse it.
  public static func syncDirectory(_ path: String) {
    let fd = open(path.isEmpty ? "." : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard fd >= 0 else { return }
    fsync(fd)
    close(fd)
  }

  /// Makes the directory and those above it that are missing.
  public static func makeDirectory(_ path: String, mode: mode_t = 0o700) throws(FileError) {
    if path.isEmpty || isDirectory(path) { return }
    let above = parent(of: path)
    if above != path { try makeDirectory(above, mode: mode) }
    if mkdir(path, mode) != 0 && errno != EEXIST { throw FileError(operation: "mkdir", path: path, code: errno) }
  }

  /// Names in the directory, sorted, without `.` and `..`.
  public static func list(_ path: String) throws(FileError) -> [String] {
    guard let directory = opendir(path) else { throw FileError(operation: "open", path: path, code: errno) }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Where a symbolic link points to; nil for what is none.
  public static func target(ofLink path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(path, &buffer, buffer.count)
    return count > 0 ? String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
  }

  /// The file that this process runs (proc(5), `/proc/self/exe`); nil where there is no `/proc`.
  public static var ownExecutable: String? { target(ofLink: "/proc/self/exe") }

  public static func isDirectory(_ path: String) -> Bool {
    var info = stat()
    return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
  }
  public static func isFile(_ path: String) -> Bool {
    var info = stat()
    return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFREG
  }

  /// Modification time in nanoseconds, inode and size: enough to notice that a file was replaced. Nil when it is missing.
  public static func stamp(_ path: String) -> FileStamp? {
    var info = stat()
    guard stat(path, &info) == 0 else { return nil }
    return FileStamp(
      modified: Timestamp(seconds: Int64(info.st_mtim.tv_sec), nanoseconds: Int32(info.st_mtim.tv_nsec)).unixNanoseconds,
      inode: UInt64(info.st_ino), size: Int64(info.st_size))
  }

  public static func remove(_ path: String) throws(FileError) {
    guard unlink(path) == 0 else { throw FileError(operation: "remove", path: path, code: errno) }
  }
  public static func removeDirectory(_ path: String) throws(FileError) {
    guard rmdir(path) == 0 else { throw FileError(operation: "remove", path: path, code: errno) }
  }
  public static func move(_ from: String, _ to: String) throws(FileError) {
    guard rename(from, to) == 0 else { throw FileError(operation: "rename", path: from, code: errno) }
  }

  /// The path without its last element; `.` when there is only one.
  public static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  public static func lastElement(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }
}

/// What changes when a file is replaced or rewritten.
public struct FileStamp: Sendable, Equatable {
  public let modified: Int64
  public let inode: UInt64
  public let size: Int64
}
