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
    var index = start
    repeat {
      put(bytes[index], &result)
      index += 1
    } while index < bytes.count && (IndentedLines.isDigit(bytes[index]) || !JSONIndenter.isStructural(bytes[index]))
    return index
  }

  /// Copies the string that begins at `start`; where it ends.
  private mutating func string(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ result: inout [UInt8]) -> Int {
    put(bytes[start], &result)
    var index = start + 1
    while index < bytes.count {
      if index + 8 <= bytes.count, used + 8 <= room.count {
        let eight = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        if !IndentedLines.holdsQuoteOrBackslash(eight) {
          room.storeBytes(of: eight, toByteOffset: used, as: UInt64.self)
          used += 8
          index += 8
          continue
        }
      }
      let byte = bytes[index]
      put(byte, &result)
      index += 1
      if byte == UInt8(ascii: "\"") { return index }
      if byte == UInt8(ascii: "\\"), index < bytes.count {
        put(bytes[index], &result)
        index += 1
      }
    }
    return index
  }

  /// `-`, `.`, `/` and the ten digits: nearly all that numbers are made of.
  private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "-") < 13 }

  /// Of eight bytes at once: a byte that is zero after the exclusive or is the one that was looked for.
  private static func holdsQuoteOrBackslash(_ eight: UInt64) -> Bool {
    func holdsZero(_ word: UInt64) -> Bool { (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080 != 0 }
    return holdsZero(eight ^ 0x2222_2222_2222_2222) || holdsZero(eight ^ 0x5C5C_5C5C_5C5C_5C5C)
  }
}
