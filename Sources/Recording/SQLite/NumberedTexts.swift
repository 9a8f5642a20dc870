/// The numbers that stand for texts in a table, as far as they were looked up.
struct NumberedTexts {
  /// Servers come and go; those that stay are soon known again.
  private static let mostKnown = 4_096

  let table: String
  let column: String
  var known: [String: Int] = [:]

  /// The number of a text, given where it has none.
  mutating func number(of text: String, _ database: Database) throws(Database.Failure) -> Int {
    if let known = known[text] { return known }
    var found = try find(text, database)
    if found == nil {
      try database.query("INSERT INTO \(table) (\(column)) VALUES (?)", [.text(text)])
      found = try find(text, database)
    }
    let number = found ?? 0
    if known.count >= NumberedTexts.mostKnown { known.removeAll() }
    known[text] = number
    return number
  }

  private func find(_ text: String, _ database: Database) throws(Database.Failure) -> Int? {
    try database.number("SELECT id FROM \(table) WHERE \(column) = ?", [.text(text)])
  }
}
