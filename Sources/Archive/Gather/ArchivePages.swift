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
    let elements = pages.map { page -> [ArraySlice<UInt8>] in
      guard let found = JSONView(bytes: page, range: 0..<page.count).trimmed["data"]?.member(named: list) else { return [] }
      return found.elementRanges.map { page[$0] }
    }
    guard elements.dropFirst().contains(where: { !$0.isEmpty }) else { return first }
    return replaced(list, in: first, by: Array(elements.joined()))
  }

  private static func replaced(_ list: String, in page: [UInt8], by elements: [ArraySlice<UInt8>]) -> [UInt8] {
    var text: [UInt8] = [UInt8(ascii: "[")]
    text.reserveCapacity(elements.reduce(2) { $0 + $1.count + 1 })
    for (index, element) in elements.enumerated() {
      if index > 0 { text.append(UInt8(ascii: ",")) }
      text += element
    }
    text.append(UInt8(ascii: "]"))
    guard let data = JSONView(bytes: page, range: 0..<page.count).trimmed["data"], data.kind == .object else { return page }
    if let known = data.member(named: list) {
      return page[..<known.range.lowerBound] + text + page[known.range.upperBound...]
    }
    // The first page had no rows, and left the list out.
    let comma = data.memberRanges.isEmpty ? "" : ","
    let place = data.range.upperBound - 1
    return page[..<place] + Array("\(comma)\"\(list)\":".utf8) + text + page[place...]
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
