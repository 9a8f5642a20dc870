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
  /// false for a document that stays whole, since it has too many numbers or rows: its text is all of it.
  let isSplit: Bool

  /// - Parameter before: The same document of the epoch before: where the texts are alike they are one.
  package init(_ document: [UInt8], after before: SplitDocument? = nil) {
    guard let (text, numbers) = SplitDocument.parts(document) else {
      self.init(whole: document)
      return
    }
    if let before, before.isSplit, before.text == text {
      self.init(text: before.text, numbers: numbers, shape: before.shape)
    } else if let shape = DocumentShape(text) {
      self.init(text: text, numbers: numbers, shape: shape)
    } else {
      self.init(whole: document)
    }
  }

  init(text: [UInt8], numbers: [UInt64], shape: DocumentShape) {
    self.text = text
    self.numbers = numbers
    self.shape = shape
    isSplit = true
  }

  /// As it is. It is taken apart when something that is in parts rests on it.
  init(whole document: [UInt8]) {
    text = document
    numbers = []
    shape = .empty
    isSplit = false
  }

  /// In parts, where it can be.
  var apart: SplitDocument { isSplit ? self : SplitDocument(text) }

  /// Bytes that it takes in memory, about.
  package var footprint: Int { text.count + numbers.count * 16 + shape.rows.count * 8 }

  // MARK: Apart

  private static func parts(_ document: [UInt8]) -> (text: [UInt8], numbers: [UInt64])? {
    var numbers: [UInt64] = []
    numbers.reserveCapacity(min(document.count / 12, DocumentShape.mostNumbers))
    var isWhole = false
    let text = [UInt8](unsafeUninitializedCapacity: document.count) { text, count in
      document.withUnsafeBufferPointer { document in
        var place = 0
        while place < document.count {
          let run = plain(document, from: place)
          if run > 0, let from = document.baseAddress, let into = text.baseAddress {
            (into + count).initialize(from: from + place, count: run)
            count += run
            place += run
          }
          guard place < document.count else { break }
          let start = place
          while place < document.count, isDigit(document[place]) { place += 1 }
          append(document, start..<place, hasWidth(document, start), &numbers, text, &count)
          if numbers.count > DocumentShape.mostNumbers {
            isWhole = true
            return
          }
        }
      }
    }
    return isWhole ? nil : (text.fitted, numbers.fitted)
  }

  /// How many bytes from a place on are no digits.
  private static func plain(_ document: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    let bytes = UnsafeRawBufferPointer(document)
    let (low, high): (UInt64, UInt64) = (0x7F7F_7F7F_7F7F_7F7F, 0x8080_8080_8080_8080)
    var place = start
    while place + 8 <= bytes.count {
      // A digit is what is below ten here; the high bit of every other byte is set.
      let word = bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self).littleEndian ^ 0x3030_3030_3030_3030
      let others = ((word & low) + 0x7676_7676_7676_7676 | word) & high
      if others != high { return place + (~others & high).trailingZeroBitCount / 8 - start }
      place += 8
    }
    while place < bytes.count, !isDigit(bytes[place]) { place += 1 }
    return place - start
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
