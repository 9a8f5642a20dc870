import Wire

/// Walks through a document once: each value is read, or passed over, where the walk comes to it.
///
/// Documents have passed ``/Wire/JSONScanner``. Over other bytes the walk makes no sense and does no harm: it ends where they do.
struct DocumentWalk {
  let bytes: UnsafeRawBufferPointer
  private(set) var index: Int
  private let end: Int

  /// - Parameter range: Of a value, without blanks before it.
  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    self.bytes = bytes
    end = min(range.upperBound, bytes.count)
    index = min(range.lowerBound, end)
  }

  /// Goes to where a value begins that the walk has been at.
  mutating func go(to place: Int) { index = min(place, end) }

  /// Walks the members of the object that begins here; what is none is passed over.
  ///
  /// - Parameter body: Gets the place of a wanted member's name, and reads its value or passes over it. Of members of one name the first counts.
  @inline(__always)
  mutating func members(_ names: MemberNames, _ body: (inout DocumentWalk, Int) -> Void) {
    guard enter(UInt8(ascii: "{")) else { return skip() }
    var seen: UInt64 = 0
    var isFirst = true
    while next(UInt8(ascii: "}"), &isFirst) {
      let place = names.place(name())
      guard place >= 0, seen & (1 << UInt64(place)) == 0 else {
        skip()
        continue
      }
      seen |= 1 << UInt64(place)
      body(&self, place)
    }
  }

  /// Walks all members of the object that begins here; what is none is passed over.
  ///
  /// - Parameter body: Gets where a name stands between its quotes, and reads its value or passes over it.
  mutating func eachMember(_ body: (inout DocumentWalk, Range<Int>) -> Void) {
    guard enter(UInt8(ascii: "{")) else { return skip() }
    var isFirst = true
    while next(UInt8(ascii: "}"), &isFirst) {
      guard let name = text() else { return index = end }
      colon()
      body(&self, name)
    }
  }

  /// Walks the elements of the array that begins here; what is none is passed over.
  ///
  /// - Parameter body: Reads an element or passes over it.
  @inline(__always)
  mutating func elements(_ body: (inout DocumentWalk) -> Void) {
    guard enter(UInt8(ascii: "[")) else { return skip() }
    var isFirst = true
    while next(UInt8(ascii: "]"), &isFirst) { body(&self) }
  }

  var isAtObject: Bool { index < end && bytes[index] == UInt8(ascii: "{") }

  /// Passes over the value that begins here.
  mutating func skip() { index = JSONWalk.endOfValue(bytes, index, end) ?? end }

  /// A whole number; nil for anything else.
  @inline(__always)
  mutating func integer() -> Int? {
    let start = index
    var at = start
    let isNegative = at < end && bytes[at] == UInt8(ascii: "-")
    if isNegative { at += 1 }
    let digits = at
    var value = 0
    while at < end {
      let digit = bytes[at] &- UInt8(ascii: "0")
      guard digit <= 9 else { break }
      value = value &* 10 &+ Int(digit)
      at += 1
    }
    // Eighteen digits always fit.
    guard at > digits, at - digits <= 18, at == end || DocumentWalk.isBehindNumber(bytes[at]) else { return slowInteger() }
    index = at
    return isNegative ? -value : value
  }

  /// A whole number as an amount.
  @inline(__always)
  mutating func amount() -> Int? { integer().map(Amount.of) }

  /// An amount above zero; nil for none.
  @inline(__always)
  mutating func limit() -> Int? { amount().flatMap { $0 > 0 ? $0 : nil } }

  /// Any number.
  mutating func double() -> Double? {
    let start = index
    skip()
    return JSONNumber.double(bytes, start..<index)
  }

  /// A string's decoded text; nil for another type.
  mutating func string() -> String? { text().map { JSONText.decode(bytes, $0) } }

  /// The place of a string among words that are known, -1 for another string; nil for another type.
  mutating func word(_ words: MemberNames) -> Int? { text().map { words.place(known($0)) } }

  mutating func isTrue() -> Bool {
    let start = index
    skip()
    return index - start == 4 && bytes[start] == UInt8(ascii: "t")
  }

  /// A duration as servers print it (`1d2h3m4s`, `412µs`); nil for anything else.
  mutating func duration() -> Span? {
    string().flatMap { DurationText.parse($0) ?? DurationText.parseUptime($0) }.map { Span(nanoseconds: $0) }
  }

  /// The time that stands here as servers print it; nil for Go's zero time too.
  mutating func time() -> Timestamp? {
    let start = index
    skip()
    return GoTime.read(bytes.bindMemory(to: UInt8.self), start..<index)
  }
}

extension DocumentWalk {
  @inline(__always)
  private mutating func enter(_ open: UInt8) -> Bool {
    guard index < end, bytes[index] == open else { return false }
    index += 1
    return true
  }

  /// Goes to the next item; false behind the last one, and where the text is cut short.
  @inline(__always)
  private mutating func next(_ close: UInt8, _ isFirst: inout Bool) -> Bool {
    space()
    guard index < end else { return false }
    if bytes[index] == close {
      index += 1
      return false
    }
    if isFirst {
      isFirst = false
      return true
    }
    guard bytes[index] == UInt8(ascii: ",") else {
      index = end
      return false
    }
    index += 1
    space()
    return index < end
  }

  @inline(__always)
  private mutating func space() {
    guard index < end, bytes[index] <= 0x20 else { return }
    index = JSONWalk.skipSpace(bytes, index, end)
  }

  @inline(__always)
  private func eight(at place: Int) -> UInt64 { UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)) }

  /// The first bytes of a word.
  @inline(__always)
  private static func first(_ count: Int, of word: UInt64) -> UInt64 { word & ((1 << UInt64(count * 8)) &- 1) }

  /// The name that begins here; goes to its value.
  @inline(__always)
  private mutating func name() -> MemberNames.Text {
    let start = index + 1
    guard start + MemberNames.Text.longest < end, bytes[index] == UInt8(ascii: "\"") else { return slowName() }
    var text = MemberNames.Text()
    (text.first, text.count) = (eight(at: start), 0)
    var found = JSONWord.delimiters(text.first)
    if found == 0 {
      (text.second, text.count) = (eight(at: start + 8), 8)
      found = JSONWord.delimiters(text.second)
      if found == 0 {
        (text.third, text.count) = (eight(at: start + 16), 16)
        found = JSONWord.delimiters(text.third)
        let count = found.trailingZeroBitCount >> 3
        guard found != 0 else { return slowName() }
        text.third = DocumentWalk.first(count, of: text.third)
        text.count += count
      } else {
        let count = found.trailingZeroBitCount >> 3
        text.second = DocumentWalk.first(count, of: text.second)
        text.count += count
      }
    } else {
      text.count = found.trailingZeroBitCount >> 3
      text.first = DocumentWalk.first(text.count, of: text.first)
    }
    let close = start + text.count
    guard bytes[close] == UInt8(ascii: "\"") else { return slowName() }
    index = close + 1
    colon()
    return text
  }

  /// A long name, one with escapes, or one near to the end.
  private mutating func slowName() -> MemberNames.Text {
    guard let text = text() else {
      index = end
      return MemberNames.Text()
    }
    colon()
    return known(text)
  }

  /// Goes from a name to its value.
  @inline(__always)
  private mutating func colon() {
    space()
    guard index < end, bytes[index] == UInt8(ascii: ":") else { return index = end }
    index += 1
    space()
  }

  /// What is between the quotes of the string that begins here; another value is passed over.
  @inline(__always)
  private mutating func text() -> Range<Int>? {
    guard index < end, bytes[index] == UInt8(ascii: "\"") else {
      skip()
      return nil
    }
    guard let after = JSONWalk.endOfString(bytes, index, end) else {
      index = end
      return nil
    }
    defer { index = after }
    return index + 1..<after - 1
  }

  private func known(_ range: Range<Int>) -> MemberNames.Text {
    guard bytes[range].contains(UInt8(ascii: "\\")) else { return MemberNames.Text(bytes, range) }
    let decoded = Array(JSONText.decode(bytes, range).utf8)
    return decoded.withUnsafeBytes { MemberNames.Text($0, 0..<$0.count) }
  }

  @inline(__always)
  private static func isBehindNumber(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") || byte <= 0x20
  }

  private mutating func slowInteger() -> Int? {
    let start = index
    skip()
    return JSONNumber.int(bytes, start..<index)
  }
}
