import Flags
import Glibc

/// A file that comes to be as a whole or not at all: it is written beside its place, and put there when it is whole. For one thread at a time.
public final class NewFile {
  private let path: String
  private let temporary: String
  private let replaces: Bool
  private var descriptor: Int32
  /// Bytes written so far.
  public private(set) var size = 0

  /// - Parameter isShared: Others may read it, as far as the process's umask lets them; in the place of another file it has that one's
  ///   rights. Else it is its owner's alone.
  /// - Throws: Where the file is there and is not to be replaced, and where none can be made there.
  public init(_ path: String, replaces: Bool, isShared: Bool = false) throws(CommandFailure) {
    try NewFile.check(path, replaces: replaces)
    self.path = path
    self.replaces = replaces
    (temporary, descriptor) = try NewFile.beside(path, isShared ? 0o644 : 0o600)
    var old = stat()
    if isShared, lstat(path, &old) == 0 { fchmod(descriptor, old.st_mode & 0o777) }
  }

  deinit { discard() }

  /// Makes the file that is written beside its place, and locks it: its name is ours while it is open.
  private static func beside(_ path: String, _ mode: mode_t) throws(CommandFailure) -> (path: String, descriptor: Int32) {
    var name = ""
    for number in 0..<names {
      name = number == 0 ? "\(path).\(getpid()).part" : "\(path).\(getpid()).\(number).part"
      takeAwayLeftBehind(name)
      let descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
      if descriptor < 0 {
        // Another process writes there.
        if errno == EEXIST { continue }
        break
      }
      // Somebody may have taken it for left behind before it was locked.
      let isTaken = flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
      if !isTaken, isAt(name, descriptor) { return (name, descriptor) }
      close(descriptor)
      errno = EEXIST
    }
    throw failure("create", name)
  }

  /// Names that are tried: so many processes of one number may write one file at once.
  private static let names = 16

  /// Takes away what a process of our number left behind when it was killed. One that lives, in another container with the same volume, has
  /// its file locked.
  private static func takeAwayLeftBehind(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0, isAt(path, descriptor) { unlink(path) }
    close(descriptor)
  }

  /// Whether it is the open file that has the name.
  private static func isAt(_ path: String, _ descriptor: Int32) -> Bool {
    var (named, opened) = (stat(), stat())
    guard lstat(path, &named) == 0, fstat(descriptor, &opened) == 0 else { return false }
    return named.st_dev == opened.st_dev && named.st_ino == opened.st_ino
  }

  /// Whether a file may be made there, before anything is done for it.
  ///
  /// - Throws: The sentence that says why not.
  public static func check(_ path: String, replaces: Bool) throws(CommandFailure) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT != S_IFDIR else { throw CommandFailure("\(path) is a folder: name a file in it") }
    guard replaces else { throw taken(path) }
    // A device or a link that is replaced is lost to everybody else.
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw CommandFailure("\(path) is no regular file: name one, or a place where nothing is")
    }
  }

  private static func taken(_ path: String) -> CommandFailure {
    CommandFailure("\(path) is there already: name another file, or replace it with --force")
  }

  private static func failure(_ what: String, _ path: String) -> CommandFailure {
    CommandFailure("cannot \(what) \(path): \(String(cString: strerror(errno)).lowercased())")
  }

  public func write(_ bytes: ArraySlice<UInt8>) throws(CommandFailure) {
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress.map { $0 + offset }, $0.count - offset) }
      if count < 0 {
        if errno == EINTR { continue }
        throw NewFile.failure("write", temporary)
      }
      offset += count
    }
    size += bytes.count
  }

  /// Puts the file into its place.
  public func finish() throws(CommandFailure) {
    guard fsync(descriptor) == 0 else { throw NewFile.failure("write", temporary) }
    try putInPlace()
    // Now only: until then its temporary name is ours.
    close(descriptor)
    descriptor = -1
    syncFolder()
  }

  private func putInPlace() throws(CommandFailure) {
    guard NewFile.isAt(temporary, descriptor) else {
      throw CommandFailure("\(temporary), which was written, was taken away by another process")
    }
    if !replaces {
      // Unlike a rename, a link never takes the place of what somebody made meanwhile.
      if link(temporary, path) == 0 {
        unlink(temporary)
        return
      }
      if errno == EEXIST { throw NewFile.taken(path) }
      // Some file systems have no links.
      try NewFile.check(path, replaces: false)
    }
    guard rename(temporary, path) == 0 else { throw NewFile.failure("rename \(temporary) to", path) }
  }

  /// So that a machine that loses power has the file under its name. Some file systems cannot; the file is there all the same.
  private func syncFolder() {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let folder = parts.isEmpty ? "." : parts == [""] ? "/" : parts.joined(separator: "/")
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  /// Takes away what was written, unless it is in its place.
  public func discard() {
    guard descriptor >= 0 else { return }
    if NewFile.isAt(temporary, descriptor) { unlink(temporary) }
    close(descriptor)
    descriptor = -1
  }
}
