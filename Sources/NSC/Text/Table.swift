/// A table in ASCII: a centred title, an optional row of headings, and groups of rows with a rule between them.
struct Table {
  let title: String
  var headings: [String] = []
  private var groups: [[[String]]] = [[]]
  /// Rows shown bold, by their number.
  private var bold: Set<Int> = []
  private var count = 0

  init(_ title: String, headings: [String] = []) {
    self.title = title
    self.headings = headings
  }

  mutating func row(_ cells: String..., isBold: Bool = false) { add(cells, isBold: isBold) }
  mutating func add(_ cells: [String], isBold: Bool = false) {
    if isBold { bold.insert(count) }
    groups[groups.count - 1].append(cells)
    count += 1
  }
  /// Several values under one name: the name stands in the first row only.
  mutating func rows(_ name: String, _ values: [String]) {
    for (index, value) in values.enumerated() { add([index == 0 ? name : "", value]) }
  }
  mutating func rule() { if !groups[groups.count - 1].isEmpty { groups.append([]) } }
  var isEmpty: Bool { count == 0 }

  /// The text, with one empty line at the end.
  func render(bold useBold: Bool = false) -> String {
    let rows = groups.flatMap { $0 }
    let columns = max(headings.count, rows.map(\.count).max() ?? 1, 1)
    var widths = [Int](repeating: 0, count: columns)
    for row in rows + [headings] { for (index, cell) in row.enumerated() { widths[index] = max(widths[index], cell.count) } }
    let inner = { widths.reduce(0) { $0 + $1 + 3 } - 1 }
    // A long title widens the last column.
    widths[columns - 1] += max(0, title.count + 2 - inner())
    let rule = "+" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "+") + "+\n"
    let space = inner() - title.count
    var text = "+" + String(repeating: "-", count: inner()) + "+\n"
    text += "|" + blanks(space / 2) + title + blanks(space - space / 2) + "|\n" + rule
    if !headings.isEmpty { text += line(headings, widths, bold: false) + rule }
    var number = 0
    for group in groups where !group.isEmpty {
      for row in group {
        text += line(row, widths, bold: useBold && bold.contains(number))
        number += 1
      }
      text += rule
    }
    return text + "\n"
  }

  private func line(_ cells: [String], _ widths: [Int], bold: Bool) -> String {
    var text = "|"
    for (index, width) in widths.enumerated() {
      let cell = index < cells.count ? cells[index] : ""
      text += " " + (bold ? "\u{1B}[1m\(cell)\u{1B}[0m" : cell) + blanks(width - cell.count) + " |"
    }
    return text + "\n"
  }

  private func blanks(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }
}
