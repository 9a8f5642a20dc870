/// The one pass of ``JSONIndenter``. Bytes are gathered in a room of their own, since growing an array by a few bytes at a time costs more
/// than all the rest.
struct IndentedLines {
  /// Bytes of the room.
  static let room = 4096

  private let room: UnsafeMutableRawBufferPointer
  private let indent: Int
  private var level: Int
  private var used = 0
  /// An opening bracket's line break waits until it is known whether something follows.
  private var opened = false

  init(room: UnsafeMutableRawBufferPointer, indent: Int, level: Int) {
    self.room = room
    self.indent = indent
    self.level = level
  }

  mutating func lay(out bytes: UnsafeRawBufferPointer, to result: inout [UInt8]) {
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      switch byte {
      case 0x20, 0x09, 0x0A, 0x0D:
        index += 1
        continue
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        level -= 1
        if !opened { newLine(&result) }
        opened = false
        put(byte, &result)
        index += 1
        continue
      default: break
      }
      if opened {
        newLine(&result)
        opened = false
      }
      switch byte {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        put(byte, &result)
        level += 1
        opened = true
        index += 1
      case UInt8(ascii: ","):
        put(byte, &result)
        newLine(&result)
        index += 1
      case UInt8(ascii: ":"):
        put(byte, &result)
        put(UInt8(ascii: " "), &result)
        index += 1
      case UInt8(ascii: "\""): index = string(bytes, index, &result)
      default: index = word(bytes, index, &result)
      }
    }
  }

  /// Hands over what is still in the room.
  mutating func flush(to result: inout [UInt8]) {
    result.append(contentsOf: UnsafeRawBufferPointer(rebasing: room[..<used]))
    used = 0
  }

  private mutating func put(_ byte: UInt8, _ result: inout [UInt8]) {
    if used == room.count { flush(to: &result) }
    room[used] = byte
    used += 1
  }

  private mutating func newLine(_ result: inout [UInt8]) {
    put(UInt8(ascii: "\n"), &result)
    var blanks = max(0, level) * indent
    while blanks > 0 {
      guard used + 8 <= room.count else {
        flush(to: &result)
        continue
      }
      // Eight at once; those too many are written over.
      room.storeBytes(of: 0x2020_2020_2020_2020, toByteOffset: used, as: UInt64.self)
      used += min(blanks, 8)
      blanks -= 8
    }
  }

  /// Copies the number or literal that begins at `start`; where it ends.
  private mutating func word(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ result: inout [UInt8]) -> Int {
    copy(bytes, start, &result, IndentedLines.copyWord)
  }

  /// Copies the string that begins at `start`; where it ends.
  private mutating func string(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ result: inout [UInt8]) -> Int {
    put(bytes[start], &result)
    return copy(bytes, start + 1, &result, IndentedLines.copyString)
  }

  /// A step of copying: the place that was reached, and whether the token ends there.
  private typealias Step = (index: Int, isEnd: Bool)

  /// Copies a token, handing the room over whenever it is full.
  @inline(__always)
  private mutating func copy(
    _ bytes: UnsafeRawBufferPointer, _ start: Int, _ result: inout [UInt8],
    _ step: (UnsafeRawBufferPointer, Int, UnsafeMutableRawBufferPointer, inout Int) -> Step
  ) -> Int {
    var reached: Step = (start, false)
    while !reached.isEnd {
      if room.count - used < IndentedLines.slack { flush(to: &result) }
      // The place to write at is a local while bytes are written, so that it need not be read again after each.
      var place = used
      reached = step(bytes, reached.index, room, &place)
      used = place
    }
    return reached.index
  }

  /// Bytes that a step may write at least.
  private static let slack = 32

  /// Copies to the end of a number or literal, or of the room.
  private static func copyWord(
    _ bytes: UnsafeRawBufferPointer, _ start: Int, _ room: UnsafeMutableRawBufferPointer, _ place: inout Int
  ) -> Step {
    var (index, used) = (start, place)
    defer { place = used }
    while used < room.count {
      room[used] = bytes[index]
      used += 1
      index += 1
      guard index < bytes.count, isDigit(bytes[index]) || !JSONIndenter.isStructural(bytes[index]) else { return (index, true) }
    }
    return (index, false)
  }

  /// Copies to the end of a string, or nearly to that of the room: eight bytes at once, of which those up to a quote or a backslash count.
  private static func copyString(
    _ bytes: UnsafeRawBufferPointer, _ start: Int, _ room: UnsafeMutableRawBufferPointer, _ place: inout Int
  ) -> Step {
    var (index, used) = (start, place)
    defer { place = used }
    while index < bytes.count {
      guard used + 10 <= room.count else { return (index, false) }
      if index + 8 <= bytes.count {
        let eight = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
        let special = quotesAndBackslashes(eight)
        room.storeBytes(of: eight.littleEndian, toByteOffset: used, as: UInt64.self)
        let plain = special == 0 ? 8 : special.trailingZeroBitCount >> 3
        used += plain
        index += plain
        if special == 0 { continue }
      }
      let byte = bytes[index]
      room[used] = byte
      used += 1
      index += 1
      if byte == UInt8(ascii: "\"") { return (index, true) }
      if byte == UInt8(ascii: "\\"), index < bytes.count {
        room[used] = bytes[index]
        used += 1
        index += 1
      }
    }
    return (index, true)
  }

  /// `-`, `.`, `/` and the ten digits: nearly all that numbers are made of.
  private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "-") < 13 }

  /// Of eight bytes at once: the lowest bit that is set is the highest of the first byte that is a quote or a backslash. Bytes behind it may
  /// be marked though they are none.
  private static func quotesAndBackslashes(_ eight: UInt64) -> UInt64 {
    func zeros(_ word: UInt64) -> UInt64 { (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080 }
    return zeros(eight ^ 0x2222_2222_2222_2222) | zeros(eight ^ 0x5C5C_5C5C_5C5C_5C5C)
  }
}
