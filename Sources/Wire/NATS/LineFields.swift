#if canImport(Glibc)
  import Glibc
#endif

/// The blank-separated fields of a control line, found in one pass with its end.
struct LineFields {
  /// Up to five fields; `count` goes on beyond.
  var first = UnsafeRawBufferPointer(start: nil, count: 0)
  var second = UnsafeRawBufferPointer(start: nil, count: 0)
  var third = UnsafeRawBufferPointer(start: nil, count: 0)
  var fourth = UnsafeRawBufferPointer(start: nil, count: 0)
  var fifth = UnsafeRawBufferPointer(start: nil, count: 0)
  var count = 0
  /// From the first field to the end of the line, CR and LF excluded.
  var argumentLength = 0
  /// Index just behind the LF; 0 when the line has no end yet.
  var end = 0

  /// Reads from `start`, just behind the verb.
  @inline(__always)
  init(_ bytes: UnsafeRawBufferPointer, from start: Int) {
    guard let base = bytes.baseAddress else { return }
    let total = bytes.count
    var index = start
    var field = -1
    var argumentStart = -1
    while index < total {
      let byte = base.load(fromByteOffset: index, as: UInt8.self)
      if byte > 0x20 || !(byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D) {
        if field < 0 {
          field = index
          if argumentStart < 0 { argumentStart = index }
        }
      } else if byte == 0x20 || byte == 0x09 {
        if field >= 0 {
          add(base + field, index - field)
          field = -1
        }
      } else if byte == 0x0A {
        if field >= 0 { add(base + field, index - field) }
        let carriage = index > start && base.load(fromByteOffset: index - 1, as: UInt8.self) == 0x0D ? 1 : 0
        if argumentStart >= 0 { argumentLength = index - carriage - argumentStart }
        end = index + 1
        return
      } else if index + 1 < total && base.load(fromByteOffset: index + 1, as: UInt8.self) != 0x0A {
        // A carriage return inside the line is an ordinary byte.
        if field < 0 {
          field = index
          if argumentStart < 0 { argumentStart = index }
        }
      } else if field >= 0 {
        add(base + field, index - field)
        field = -1
      }
      index += 1
    }
    if argumentStart >= 0 { argumentLength = total - argumentStart }
  }

  @inline(__always)
  private mutating func add(_ start: UnsafeRawPointer, _ length: Int) {
    let field = UnsafeRawBufferPointer(start: start, count: length)
    switch count {
    case 0: first = field
    case 1: second = field
    case 2: third = field
    case 3: fourth = field
    case 4: fifth = field
    default: break
    }
    count += 1
  }

  /// 1 to 9 decimal digits; nil for anything else.
  @inline(__always)
  static func size(_ text: UnsafeRawBufferPointer) -> Int? {
    guard text.count > 0 && text.count <= 9 else { return nil }
    var value = 0
    for byte in text {
      let digit = byte &- 0x30
      guard digit <= 9 else { return nil }
      value = value &* 10 &+ Int(digit)
    }
    return value
  }
}

/// How far the front of `bytes` agrees with a verb, letters in either case.
enum VerbMatch {
  case yes
  /// Too short to tell.
  case soFar
  case no

  @inline(__always)
  static func of(_ bytes: UnsafeRawBufferPointer, _ verb: StaticString) -> VerbMatch {
    let length = verb.utf8CodeUnitCount
    let shared = min(length, bytes.count)
    let letters = verb.utf8Start
    for index in 0..<shared {
      var byte = bytes[index]
      if byte >= 0x61 && byte <= 0x7A { byte &-= 0x20 }
      if byte != letters[index] { return .no }
    }
    return shared == length ? .yes : .soFar
  }
}

extension UnsafeRawBufferPointer {
  /// Index of the first LF.
  @inline(__always)
  var lineFeed: Int? {
    guard let baseAddress, let found = memchr(baseAddress, 0x0A, count) else { return nil }
    return UnsafeRawPointer(found) - baseAddress
  }

  /// No bytes at all.
  @usableFromInline static var none: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }

  /// The bytes without leading and trailing blanks.
  @inline(__always)
  func trimmed() -> UnsafeRawBufferPointer {
    var start = 0
    var end = count
    while start < end && (self[start] == 0x20 || self[start] == 0x09) { start += 1 }
    while end > start && (self[end - 1] == 0x20 || self[end - 1] == 0x09 || self[end - 1] == 0x0D) { end -= 1 }
    return UnsafeRawBufferPointer(rebasing: self[start..<end])
  }
}
