import Wire

/// Servers list subscriptions in no order, another one each time: by their names the list of one epoch is that of the epoch before, and takes next
/// to nothing.
enum OrderedLists {
  private static let name = Array(#""subscriptions_list":"#.utf8)

  /// - Returns: The document with its lists of subscriptions in the order of their bytes; all else is as it was.
  static func ordered(_ document: [UInt8]) -> [UInt8] {
    document.withUnsafeBufferPointer { bytes in
      var ordered: [UInt8] = []
      var (copied, place) = (0, 0)
      while let list = next(bytes, from: place) {
        place = list.upperBound
        guard let elements = elements(bytes, list) else { continue }
        let sorted = elements.sorted { bytes[$0].lexicographicallyPrecedes(bytes[$1]) }
        guard sorted != elements else { continue }
        if ordered.isEmpty { ordered.reserveCapacity(bytes.count) }
        ordered += bytes[copied...list.lowerBound]
        for (number, element) in sorted.enumerated() {
          if number > 0 { ordered.append(UInt8(ascii: ",")) }
          ordered += bytes[element]
        }
        ordered.append(UInt8(ascii: "]"))
        copied = list.upperBound
      }
      guard copied > 0 else { return document }
      return ordered + bytes[copied...]
    }
  }

  /// The next list, brackets and all.
  private static func next(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Range<Int>? {
    var place = start
    while place + name.count < bytes.count {
      // Few members begin like it.
      guard bytes[place] == name[0], bytes[place + 1] == name[1], bytes[place...].starts(with: name) else {
        place += 1
        continue
      }
      place += name.count
      if bytes[place] == UInt8(ascii: "["), let end = JSONWalk.endOfValue(UnsafeRawBufferPointer(bytes), place, bytes.count) {
        return place..<end
      }
    }
    return nil
  }

  /// The texts of a list; nil where something else is in it, blanks between them too.
  private static func elements(_ bytes: UnsafeBufferPointer<UInt8>, _ list: Range<Int>) -> [Range<Int>]? {
    var found: [Range<Int>] = []
    var elements = JSONElements(bytes, list)
    while let element = elements.next() { found.append(element) }
    let length = found.reduce(0) { $0 + $1.count } + max(0, found.count - 1) + 2
    guard !elements.malformed, length == list.count, found.allSatisfy({ bytes[$0.lowerBound] == UInt8(ascii: "\"") }) else { return nil }
    return found
  }
}
