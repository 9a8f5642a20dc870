import Glibc

/// A document taken apart: its text with a code where each number stands, and the numbers.
///
/// From one epoch to the next most of a document's text stays, and its numbers move. Apart from each other the text is that of the epoch before,
/// and of a number what it has grown by is kept.
package struct SplitDocument: Sendable {
  /// Digits of a number whose leading zeros are kept.
  private static let widest = 9
  /// Digits that surely fit; a longer run is several numbers.
  private static let longest = 18

  /// Everything but numbers. Where one stands there is a digit: `0` for a number as it is written commonly, `1` to `9` for one that is filled up
  /// with zeros to so many digits. No other digits are in it.
  let text: [UInt8]
  let numbers: [UInt64]
  let shape: DocumentShape
  /// What tells its rows apart from each other (``RowMatching``); empty where it was not packed, for nothing is matched with it then.
  let signs: [UInt64]
  /// false for a document that stays whole, since it has too many numbers or rows: its text is all of it.
  let isSplit: Bool

  /// - Parameter before: The same document of the epoch before: where the texts are alike they are one.
  package init(_ document: [UInt8], after before: SplitDocument? = nil) {
    guard let (text, numbers) = SplitDocument.parts(document) else {
      self.init(whole: document)
      return
    }
    if let before, before.isSplit, SplitDocument.isSame(before.text, text) {
      let signs = RowMatching.signs(before.text, numbers, before.shape)
      self.init(text: before.text, numbers: numbers.fitted, shape: before.shape, signs: signs)
    } else if let shape = DocumentShape(text) {
      self.init(text: text.fitted, numbers: numbers.fitted, shape: shape, signs: RowMatching.signs(text, numbers, shape))
    } else {
      self.init(whole: document)
    }
  }

  init(text: [UInt8], numbers: [UInt64], shape: DocumentShape, signs: [UInt64] = []) {
    self.text = text
    self.numbers = numbers
    self.shape = shape
    self.signs = signs
    isSplit = true
  }

  /// Whether two texts are alike, compared many bytes at a time.
  private static func isSame(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    guard one.count == other.count else { return false }
    return one.withUnsafeBytes { one in
      other.withUnsafeBytes { other in
        guard let one = one.baseAddress, let start = other.baseAddress else { return true }
        return memcmp(one, start, other.count) == 0
      }
    }
  }

  /// As it is. It is taken apart when something that is in parts rests on it.
  init(whole document: [UInt8]) {
    text = document
    numbers = []
    shape = .empty
    signs = []
    isSplit = false
  }

  /// In parts, where it can be.
  var apart: SplitDocument { isSplit ? self : SplitDocument(text) }

  /// Bytes that it takes in memory, about.
  package var footprint: Int { text.count + numbers.count * 16 + shape.rows.count * 16 }

  // MARK: Apart

  private static func parts(_ document: [UInt8]) -> (text: [UInt8], numbers: [UInt64])? {
    var numbers: [UInt64] = []
    numbers.reserveCapacity(min(document.count / 12, DocumentShape.mostNumbers))
    var isWhole = false
    // Words are copied whole: there has to be room for one behind the last byte.
    let text = [UInt8](unsafeUninitializedCapacity: document.count + wordSize) { text, count in
      document.withUnsafeBufferPointer { document in
        var place = 0
        while true {
          place = copyPlain(document, from: place, text, &count)
          guard place < document.count else { return }
          let start = place
          var value: UInt64 = 0
          repeat {
            value = value &* 10 &+ UInt64(document[place] &- UInt8(ascii: "0"))
            place += 1
          } while place < document.count && isDigit(document[place])
          let hasWidth = hasWidth(document, start)
          if !hasWidth, place - start <= longest, document[start] != UInt8(ascii: "0") || place - start == 1 {
            // As nearly all are written.
            numbers.append(value)
            text[count] = UInt8(ascii: "0")
            count += 1
          } else {
            append(document, start..<place, hasWidth, &numbers, text, &count)
          }
          if numbers.count > DocumentShape.mostNumbers {
            isWhole = true
            return
          }
        }
      }
    }
    return isWhole ? nil : (text, numbers)
  }

  private static let wordSize = MemoryLayout<UInt64>.size

  /// Copies the bytes from a place on up to the next digit.
  ///
  /// - Returns: Where the digit stands, or the end.
  private static func copyPlain(
    _ document: UnsafeBufferPointer<UInt8>, from start: Int, _ text: UnsafeMutableBufferPointer<UInt8>, _ count: inout Int
  ) -> Int {
    let (bytes, into) = (UnsafeRawBufferPointer(document), UnsafeMutableRawBufferPointer(text))
    let (low, high): (UInt64, UInt64) = (0x7F7F_7F7F_7F7F_7F7F, 0x8080_8080_8080_8080)
    var place = start
    while place + wordSize <= bytes.count {
      let word = bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
      into.storeBytes(of: word, toByteOffset: count, as: UInt64.self)
      // A digit is what is below ten here; the high bit of every other byte is set.
      let digits = word.littleEndian ^ 0x3030_3030_3030_3030
      let others = ((digits & low) + 0x7676_7676_7676_7676 | digits) & high
      if others != high {
        let plain = (~others & high).trailingZeroBitCount / 8
        count += plain
        return place + plain
      }
      place += wordSize
      count += wordSize
    }
    while place < bytes.count, !isDigit(bytes[place]) {
      text[count] = bytes[place]
      count += 1
      place += 1
    }
    return place
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  /// Whether digits are a part of a time, an address or a fraction: their width stays from one epoch to the next where their value does not.
  private static func hasWidth(_ document: UnsafeBufferPointer<UInt8>, _ start: Int) -> Bool {
    guard start > 1, isDigit(document[start - 2]) else { return false }
    switch document[start - 1] {
    case UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "."), UInt8(ascii: "T"): return true
    default: return false
    }
  }

  private static func append(
    _ document: UnsafeBufferPointer<UInt8>, _ run: Range<Int>, _ hasWidth: Bool, _ numbers: inout [UInt64],
    _ text: UnsafeMutableBufferPointer<UInt8>, _ count: inout Int
  ) {
    var left = run
    while !left.isEmpty {
      let isFilled = document[left.lowerBound] == UInt8(ascii: "0") && left.count > 1
      let keepsWidth = left.count <= widest && (isFilled || hasWidth)
      let length = keepsWidth ? left.count : isFilled ? 1 : min(left.count, longest)
      var value: UInt64 = 0
      for place in left.prefix(length) { value = value &* 10 &+ UInt64(document[place] &- UInt8(ascii: "0")) }
      numbers.append(value)
      text[count] = UInt8(ascii: "0") + (keepsWidth || isFilled ? UInt8(length) : 0)
      count += 1
      left = left.dropFirst(length)
    }
  }

  // MARK: Together

  /// All of it.
  var whole: [UInt8]? {
    guard isSplit else { return text }
    let digits = text.lazy.filter { SplitDocument.isDigit($0) }
    guard digits.count == numbers.count else { return nil }
    let size = zip(digits, numbers).reduce(text.count - numbers.count) {
      $0 + max(Int($1.0 - UInt8(ascii: "0")), SplitDocument.digits($1.1))
    }
    return document(size: size)
  }

  /// - Returns: nil where it does not come to so many bytes: it was not made of a document of that size.
  func document(size: Int) -> [UInt8]? {
    guard isSplit else { return text.count == size ? text : nil }
    var fits = true
    let document = [UInt8](unsafeUninitializedCapacity: size) { document, count in
      var next = 0
      for byte in text {
        guard SplitDocument.isDigit(byte) else {
          guard count < size else { return fits = false }
          document[count] = byte
          count += 1
          continue
        }
        guard next < numbers.count else { return fits = false }
        let width = Int(byte - UInt8(ascii: "0"))
        let digits = max(width, SplitDocument.digits(numbers[next]))
        guard digits <= size - count else { return fits = false }
        SplitDocument.write(numbers[next], document, count..<count + digits)
        count += digits
        next += 1
      }
      fits = count == size
    }
    return fits ? document : nil
  }

  private static func digits(_ value: UInt64) -> Int {
    var (digits, bound) = (1, UInt64(10))
    while value >= bound, digits < 20 {
      digits += 1
      let (next, overflow) = bound.multipliedReportingOverflow(by: 10)
      if overflow { break }
      bound = next
    }
    return digits
  }

  private static func write(_ value: UInt64, _ document: UnsafeMutableBufferPointer<UInt8>, _ places: Range<Int>) {
    var value = value
    for place in places.reversed() {
      let (quotient, digit) = value.quotientAndRemainder(dividingBy: 10)
      document[place] = UInt8(ascii: "0") + UInt8(digit)
      value = quotient
    }
  }
}
