import Glibc

/// The folder of a record: its file, and the lock by which one process alone writes there. The lock ends with the process.
final class RecordFolder: Sendable {
  let path: String
  private let lock: Int32

  var file: String { path + "/record.sqlite" }

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
    // SQLite makes its other files with the rights of this one: what is recorded is nobody else's business.
    let file = open(path + "/record.sqlite", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      // The lock is closed with the object.
      throw .unopened(path: path + "/record.sqlite", reason: RecordFolder.reason)
    }
    Glibc.close(file)
  }

  deinit { Glibc.close(lock) }

  private static var reason: String { String(cString: strerror(errno)) }
}
