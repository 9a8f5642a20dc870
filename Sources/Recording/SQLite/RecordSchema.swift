/// The tables of a record file, and what they were in earlier versions.
enum RecordSchema {
  /// `PRAGMA application_id`: "NSRC", by which a file is known to be a record.
  static let application = 0x4E53_5243
  /// `PRAGMA user_version`. Grows with each change; see `migrations`.
  static let version = 3

  /// What makes the tables of version n of those of n - 1, for n from 1.
  static let migrations: [String] = [
    """
    CREATE TABLE servers (id INTEGER PRIMARY KEY, server TEXT NOT NULL UNIQUE);
    CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE epochs (
      number INTEGER PRIMARY KEY, at INTEGER NOT NULL, began INTEGER NOT NULL, row INTEGER NOT NULL,
      expected INTEGER, responded INTEGER NOT NULL, missing INTEGER NOT NULL,
      critical INTEGER, warning INTEGER, info INTEGER, documents TEXT NOT NULL,
      bytes INTEGER NOT NULL, document_bytes INTEGER NOT NULL, beliefs BLOB NOT NULL, beliefs_size INTEGER NOT NULL);
    CREATE INDEX epochs_at ON epochs (at);
    CREATE INDEX epochs_row ON epochs (row, at);
    CREATE TABLE documents (
      epoch INTEGER NOT NULL, name INTEGER NOT NULL, server INTEGER NOT NULL, account TEXT NOT NULL,
      prefix INTEGER, size INTEGER NOT NULL, rtt INTEGER NOT NULL, frame BLOB NOT NULL);
    CREATE UNIQUE INDEX documents_key ON documents (epoch, name, server, account);
    """,
    """
    CREATE TABLE series (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, entity TEXT NOT NULL);
    CREATE UNIQUE INDEX series_key ON series (kind, entity);
    CREATE TABLE blocks (series INTEGER NOT NULL, hour INTEGER NOT NULL, size INTEGER NOT NULL, frame BLOB NOT NULL);
    CREATE UNIQUE INDEX blocks_key ON blocks (series, hour);
    CREATE INDEX blocks_hour ON blocks (hour);
    """,
    // The same tables, whose documents may be in frames that earlier versions do not know.
    "",
  ]

  /// Settings of every connection that writes.
  ///
  /// `WAL` with `NORMAL`: a process that is killed loses nothing that was committed; a machine that loses power loses the last commits at most.
  static let settings = """
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA journal_size_limit = 4194304;
    PRAGMA cache_size = -2048;
    """

  /// Looks whether a file is one that can be read: a record, of this version or an earlier one.
  static func check(_ database: Database, path: String) throws(RecordError) {
    guard try found(database, path: path) > 0 else { throw .damaged(path: path, reason: "there are no tables in it") }
  }

  /// What a file holds: of no tables version 0.
  ///
  /// - Throws: For what is no record, or a later version's.
  private static func found(_ database: Database, path: String) throws(RecordError) -> Int {
    let application = try database.as(path) { database throws(Database.Failure) in try database.number("PRAGMA application_id") ?? 0 }
    let found = try database.as(path) { database throws(Database.Failure) in try database.number("PRAGMA user_version") ?? 0 }
    let tables = try database.as(path) { database throws(Database.Failure) in try database.number("SELECT count(*) FROM sqlite_schema") ?? 0
    }
    guard application == RecordSchema.application || (application == 0 && tables == 0) else {
      throw .damaged(path: path, reason: "it is the database of another program")
    }
    guard found >= 0 else { throw .damaged(path: path, reason: "its tables are said to be of version \(found)") }
    guard found <= version else { throw .newer(path: path, schema: found, known: version) }
    return found
  }

  /// Makes an opened file what this version writes. Nothing is written to what is no record, or a later version's.
  static func prepare(_ database: Database, path: String) throws(RecordError) {
    let found = try self.found(database, path: path)
    try database.as(path) { database throws(Database.Failure) in
      // Before there is a table; freed pages can then be given back to the file system.
      try database.run("PRAGMA auto_vacuum = INCREMENTAL")
      try database.run(settings)
    }
    guard found < version else { return }
    try database.as(path) { database throws(Database.Failure) in
      try database.transaction { () throws(Database.Failure) in
        for step in migrations[found...] { try database.run(step) }
        try database.run("PRAGMA application_id = \(RecordSchema.application)")
        try database.run("PRAGMA user_version = \(version)")
      }
    }
  }
}

extension Database {
  /// Runs something on the database; what fails is told as the record's failure.
  func `as`<Result>(_ path: String, _ body: (Database) throws(Failure) -> Result) throws(RecordError) -> Result {
    do throws(Failure) { return try body(self) } catch { throw RecordError(error, path: path) }
  }
}

extension RecordError {
  init(_ failure: Database.Failure, path: String) {
    self =
      failure.isFull
      ? .full(path: path)
      : failure.isDamage
        ? .damaged(path: path, reason: failure.message)
        : failure.isBusy ? .taken(path: path) : .failed(path: path, reason: failure.message)
  }
}
