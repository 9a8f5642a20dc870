import Glibc

/// The folder of a record: its file, and the lock by which one process alone writes there. The lock ends with the process.
final class RecordFolder: Sendable {
  let path: String
  private let lock: Int32

  var file: String { RecordFolder.file(of: path) }

  private static func file(of path: String) -> String { path + "/record.sqlite" }

  /// The file of a folder, to be read.
  ///
  /// - Returns: With whether nothing can be made beside it, as on a medium that is read only: then nobody writes it.
  static func readable(_ path: String) throws(RecordError) -> (file: String, isUnchanging: Bool) {
    let file = file(of: path)
    guard access(file, R_OK) == 0 else { throw .unopened(path: file, reason: reason) }
    guard needsWhatCannotBeMade(file) else { return (file, false) }
    var log = stat()
    guard stat(file + "-wal", &log) == 0, log.st_size > 0 else { return (file, true) }
    throw .unopened(
      path: file, reason: "its log \(file)-wal is to be worked in, and nothing can be written there: copy the folder to where it can")
  }

  /// Whoever reads a file that is written with a log needs others beside it, and makes them where they are missing.
  private static func needsWhatCannotBeMade(_ file: String) -> Bool {
    do throws(Database.Failure) {
      _ = try Database(path: file, .readOnly).number("PRAGMA schema_version")
      return false
    } catch {
      // All else is said by who reads it.
      return error.isUnopened
    }
  }

  init(_ path: String) throws(RecordError) {
    self.path = path
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .unopened(path: path, reason: RecordFolder.reason) }
    let lock = open(path + "/record.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock >= 0 else { throw .unopened(path: path, reason: RecordFolder.reason) }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      let isTaken = errno == EWOULDBLOCK
      let reason = RecordFolder.reason
      Glibc.close(lock)
      throw isTaken ? .taken(path: path) : .unopened(path: path, reason: reason)
    }
    self.lock = lock
    // The lock is closed with the object.
    try makeFile()
  }

  /// SQLite makes its other files with the rights of this one: what is recorded is nobody else's business.
  private func makeFile() throws(RecordError) {
    let made = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard made >= 0 else { throw .unopened(path: file, reason: RecordFolder.reason) }
    Glibc.close(made)
  }

  deinit { Glibc.close(lock) }

  /// Renames a record that is damaged, with the files that belong to it, so that a new one can begin. Another program's file is none.
  ///
  /// - Returns: What the file is called now; nil where it is sound.
  func setAsideWhereDamaged() throws(RecordError) -> String? {
    guard RecordFolder.isDamaged(file) else { return nil }
    let name = RecordFolder.free(file + ".damaged")
    for suffix in ["-wal", "-shm", ""] where rename(file + suffix, name + suffix) != 0 && errno != ENOENT {
      throw .unopened(path: file + suffix, reason: RecordFolder.reason)
    }
    try makeFile()
    return name
  }

  private static func isDamaged(_ file: String) -> Bool {
    do throws(Database.Failure) {
      let database = try Database(path: file, .readWrite)
      let application = try database.number("PRAGMA application_id") ?? 0
      guard application == RecordSchema.application else { return false }
      var isSound = true
      try database.query("PRAGMA quick_check(1)") { row in if row.text(0) != "ok" { isSound = false } }
      return !isSound
    } catch {
      return error.isDamage
    }
  }

  /// A name that nothing has: nothing is ever overwritten.
  private static func free(_ wanted: String) -> String {
    var (name, number) = (wanted, 1)
    while access(name, F_OK) == 0 {
      number += 1
      name = "\(wanted)-\(number)"
    }
    return name
  }

  private static var reason: String { String(cString: strerror(errno)) }
}
