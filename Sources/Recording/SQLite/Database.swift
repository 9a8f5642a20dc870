import CSQLite

/// A connection to an SQLite file. Confined to its owner.
final class Database {
  /// What SQLite says of a call that failed.
  struct Failure: Error {
    /// The primary result code, such as `SQLITE_FULL`.
    let code: Int32
    let message: String

    var isFull: Bool { code == SQLITE_FULL }
    var isDamage: Bool { code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_FORMAT }
    var isBusy: Bool { code == SQLITE_BUSY || code == SQLITE_LOCKED }
    /// The file, or one that belongs beside it, cannot be opened or made: of one that is opened to be read SQLite says so in either way.
    var isUnopened: Bool { code == SQLITE_CANTOPEN || code == SQLITE_READONLY }
  }

  enum Access {
    case readOnly, readWrite
    /// To read a file that nobody writes: nothing is made beside it.
    case unchanging
  }

  private let handle: OpaquePointer
  private var statements: [String: Statement] = [:]

  init(path: String, _ access: Access) throws(Failure) {
    var opened: OpaquePointer?
    let flags =
      switch access {
      case .readOnly: SQLITE_OPEN_READONLY
      case .readWrite: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      case .unchanging: SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
      }
    let name = access == .unchanging ? "file:\(Database.encoded(path))?immutable=1" : path
    let code = sqlite3_open_v2(name, &opened, flags | SQLITE_OPEN_NOMUTEX, nil)
    guard code == SQLITE_OK, let opened else {
      let failure = Failure(code: code, message: opened.map(Database.message) ?? "out of memory")
      sqlite3_close_v2(opened)
      throw failure
    }
    handle = opened
    sqlite3_extended_result_codes(handle, 0)
    sqlite3_busy_timeout(handle, 5_000)
  }

  deinit {
    statements.removeAll()
    sqlite3_close_v2(handle)
  }

  /// Runs statements that give nothing back.
  func run(_ sql: String) throws(Failure) {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw failure(code) }
  }

  /// A statement, prepared once and ready for its values.
  func prepare(_ sql: String) throws(Failure) -> Statement {
    if let known = statements[sql] {
      known.reset()
      return known
    }
    var prepared: OpaquePointer?
    let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
    guard code == SQLITE_OK, let prepared else { throw failure(code) }
    let statement = Statement(prepared)
    statements[sql] = statement
    return statement
  }

  /// Runs a statement to its end, a row at a time.
  func query(_ sql: String, _ values: [Statement.Value] = [], _ row: (Statement) throws(Failure) -> Void = { _ in }) throws(Failure) {
    let statement = try prepare(sql)
    defer { statement.reset() }
    for (place, value) in values.enumerated() {
      let code = statement.bind(value, at: Int32(place + 1))
      guard code == SQLITE_OK else { throw failure(code) }
    }
    while true {
      switch sqlite3_step(statement.handle) {
      case SQLITE_ROW: try row(statement)
      case SQLITE_DONE: return
      case let code: throw failure(code)
      }
    }
  }

  /// The first number that a query gives; nil where it gives none.
  func number(_ sql: String, _ values: [Statement.Value] = []) throws(Failure) -> Int? {
    var found: Int?
    try query(sql, values) { row in if found == nil { found = row.isNull(0) ? nil : row.int(0) } }
    return found
  }

  /// All of it or nothing.
  func transaction(_ body: () throws(Failure) -> Void) throws(Failure) {
    try run("BEGIN IMMEDIATE")
    do throws(Failure) {
      try body()
      try run("COMMIT")
    } catch {
      // Some failures have rolled back already.
      if sqlite3_get_autocommit(handle) == 0 { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
      throw error
    }
  }

  /// A path as a part of a URI: its other bytes are told by their codes.
  private static func encoded(_ path: String) -> String {
    path.utf8.reduce(into: "") { text, byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
        text.unicodeScalars.append(Unicode.Scalar(byte))
      default: text += (byte < 16 ? "%0" : "%") + String(byte, radix: 16)
      }
    }
  }

  private func failure(_ code: Int32) -> Failure { Failure(code: code & 0xFF, message: Database.message(handle)) }

  private static func message(_ handle: OpaquePointer) -> String {
    sqlite3_errmsg(handle).map { String(cString: $0) } ?? "unknown error"
  }
}
