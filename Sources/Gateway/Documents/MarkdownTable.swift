/// A table of a generated document. Cells are one line each; a bar in a cell is escaped.
struct MarkdownTable {
  private var lines: [String]

  init(_ columns: String...) {
    lines = [MarkdownTable.row(columns), "|" + String(repeating: "---|", count: columns.count)]
  }

  mutating func add(_ cells: String...) { lines.append(MarkdownTable.row(cells)) }

  var text: String { lines.joined(separator: "\n") + "\n" }

  private static func row(_ cells: [String]) -> String {
    "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
  }
}
