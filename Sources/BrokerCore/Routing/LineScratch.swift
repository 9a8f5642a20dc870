#if canImport(Glibc)
  import Glibc
#endif

/// Where delivery lines are put together: `HMSG subject ` stands at the front once per message, what differs from
/// subscription to subscription is written behind it. A line without the `H` is a MSG line.
package struct LineScratch: ~Copyable {
  private var memory: UnsafeMutableRawPointer
  private var capacity: Int
  private(set) var serial: UInt64 = 0
  private var subject: UnsafeRawPointer?
  private var front = 0
  /// What stands behind the sid, the blank between them included: reply and sizes, with the header block and without.
  private var tails: UnsafeMutableRawPointer
  private var tailCapacity: Int
  private var full = 0
  private var stripped = 0

  package init() {
    capacity = 16_384
    memory = .allocate(byteCount: capacity, alignment: 16)
    tailCapacity = 16_384
    tails = .allocate(byteCount: tailCapacity, alignment: 16)
  }

  deinit {
    memory.deallocate()
    tails.deallocate()
  }

  /// Makes the parts that all lines of one message under one subject share.
  @inline(__always)
  mutating func prepare(_ message: borrowing Message, subject shown: UnsafeRawBufferPointer) {
    if serial == message.serial && subject == shown.baseAddress && subject != nil { return }
    rebuild(message, shown)
  }

  private mutating func rebuild(_ message: borrowing Message, _ shown: UnsafeRawBufferPointer) {
    serial = message.serial
    subject = shown.baseAddress
    front = 0
    reserve(shown.count + 8)
    memory.storeBytes(of: 0x4753_4D48, as: UInt32.self)  // "HMSG", little-endian
    memory.storeBytes(of: 0x20, toByteOffset: 4, as: UInt8.self)
    front = 5 + Self.copy(shown, to: memory + 5)
    memory.storeBytes(of: 0x20, toByteOffset: front, as: UInt8.self)
    front += 1
    reserveTails(2 * (message.reply.count + message.sizeText.count + 64))
    full = 1
    tails.storeBytes(of: 0x20, as: UInt8.self)
    if !message.reply.isEmpty {
      full += Self.copy(message.reply, to: tails + full)
      tails.storeBytes(of: 0x20, toByteOffset: full, as: UInt8.self)
      full += 1
    } else if message.isInternal {
      tails.storeBytes(of: 0x20, toByteOffset: full, as: UInt8.self)
      full += 1
    }
    stripped = 0
    if message.headerSize > 0 {
      let other = tails + tailCapacity / 2
      memcpy(other, tails, full)
      stripped = full + Self.number(message.body.count - message.headerSize, to: other + full)
      stripped += Self.end(at: other + stripped)
      full += Self.number(message.headerSize, to: tails + full)
      tails.storeBytes(of: 0x20, toByteOffset: full, as: UInt8.self)
      full += 1
    }
    full += message.sizeText.isEmpty ? Self.number(message.body.count, to: tails + full) : Self.copy(message.sizeText, to: tails + full)
    full += Self.end(at: tails + full)
  }

  @inline(__always)
  private static func copy(_ bytes: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) -> Int {
    if let base = bytes.baseAddress { memcpy(target, base, bytes.count) }
    return bytes.count
  }

  private static func end(at target: UnsafeMutableRawPointer) -> Int {
    target.storeBytes(of: 0x0D, as: UInt8.self)
    target.storeBytes(of: 0x0A, toByteOffset: 1, as: UInt8.self)
    return 2
  }

  private static func number(_ value: Int, to target: UnsafeMutableRawPointer) -> Int {
    var digits = 1
    var rest = value
    while rest >= 10 {
      rest /= 10
      digits += 1
    }
    rest = value
    for index in stride(from: digits - 1, through: 0, by: -1) {
      target.storeBytes(of: UInt8(truncatingIfNeeded: rest % 10) + 0x30, toByteOffset: index, as: UInt8.self)
      rest /= 10
    }
    return digits
  }

  @inline(__always)
  private mutating func reserve(_ count: Int) {
    if count > capacity { grow(count) }
  }

  private mutating func grow(_ count: Int) {
    let size = max(count, capacity * 2)
    let grown = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
    grown.copyMemory(from: memory, byteCount: front)
    memory.deallocate()
    memory = grown
    capacity = size
  }

  /// Each half holds one of the two tails.
  private mutating func reserveTails(_ count: Int) {
    guard count > tailCapacity else { return }
    tails.deallocate()
    tailCapacity = (count + 1) & ~1
    tails = .allocate(byteCount: tailCapacity, alignment: 16)
  }

  /// The whole line for one subscription. Valid until the next call.
  @inline(__always)
  package mutating func line(sid: borrowing [UInt8], withHeader: Bool, stripping: Bool) -> UnsafeRawBufferPointer {
    let tailCount = stripping ? stripped : full
    reserve(front + sid.count + tailCount)
    let target = memory + front
    let length = sid.withUnsafeBytes { Self.copy($0, to: target) }
    memcpy(target + length, stripping ? tails + tailCapacity / 2 : tails, tailCount)
    let begin = withHeader ? 0 : 1
    return UnsafeRawBufferPointer(start: memory + begin, count: front + length + tailCount - begin)
  }
}
