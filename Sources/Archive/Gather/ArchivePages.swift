import SystemAPI
import Wire

/// Joins what was gathered page by page.
enum ArchivePages {
  /// One reply out of its pages: the first page with the elements of all of them in its list.
  ///
  /// - Parameters:
  ///   - list: the name of the list in the replies' data.
  ///   - pages: replies that have passed a strict reader, in order.
  static func joined(_ list: String, _ pages: [[UInt8]]) -> [UInt8] {
    guard let first = pages.first else { return [] }
    let elements = pages.map { page in rows(list, page).map(\.raw) }
    guard elements.dropFirst().contains(where: { !$0.isEmpty }) else { return first }
    return replaced(list, in: first, by: elements.joined().map { Array($0) })
  }

  /// The elements of a reply's list.
  static func rows(_ list: String, _ page: [UInt8]) -> [JSONView] { data(page)?.member(named: list)?.elements ?? [] }

  /// The reply with other elements in its list.
  static func replaced(_ list: String, in page: [UInt8], by elements: [[UInt8]]) -> [UInt8] {
    var text: [UInt8] = [UInt8(ascii: "[")]
    text.reserveCapacity(elements.reduce(2) { $0 + $1.count + 1 })
    for (index, element) in elements.enumerated() {
      if index > 0 { text.append(UInt8(ascii: ",")) }
      text += element
    }
    text.append(UInt8(ascii: "]"))
    return replaced(list, in: page, by: text)
  }

  /// The reply with another value of a member of its data, which is added where it is missing.
  static func replaced(_ name: String, in page: [UInt8], by value: [UInt8]) -> [UInt8] {
    guard let data = data(page), data.kind == .object else { return page }
    guard let known = data.member(named: name) else { return page.adding(name, value, to: data) }
    return page[..<known.range.lowerBound] + value + page[known.range.upperBound...]
  }

  /// A row with the name of its account, where it names none.
  static func row(_ row: JSONView, account: String) -> [UInt8] {
    guard row.kind == .object, row["account"] == nil else { return Array(row.raw) }
    var value: [UInt8] = []
    JSONEscaping.append(account, to: &value)
    let bytes = Array(row.raw)
    return bytes.adding("account", value, to: JSONView(bytes: bytes, range: bytes.indices))
  }

  private static func data(_ page: [UInt8]) -> JSONView? { JSONView(bytes: page, range: 0..<page.count).trimmed["data"] }
}

extension [UInt8] {
  /// These bytes with one member more at the end of an object in them.
  fileprivate func adding(_ name: String, _ value: [UInt8], to object: JSONView) -> [UInt8] {
    let place = object.range.upperBound - 1
    let comma = object.memberRanges.isEmpty ? "" : ","
    return self[..<place] + Array("\(comma)\"\(name)\":".utf8) + value + self[place...]
  }
}

extension JSONView {
  /// Without the blanks around it.
  fileprivate var trimmed: JSONView {
    let blank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
    let start = range.first { !blank(bytes[$0]) } ?? range.upperBound
    let end = range.last { !blank(bytes[$0]) }.map { $0 + 1 } ?? start
    return JSONView(bytes: bytes, range: start..<max(start, end))
  }
}
