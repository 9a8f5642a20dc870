import Wire

#if canImport(Glibc)
  import Glibc
#endif

/// Where delivery lines are put together: `HMSG subject ` stands at the front once per message, what differs from
/// subscription to subscription is written behind it. A line without the `H` is a MSG line.
struct LineScratch: ~Copyable {
  private var memory: UnsafeMutableRawPointer
  private var capacity: Int
  private(set) var serial: UInt64 = 0
  private var subject: UnsafeRawPointer?
  private var front = 0
  /// ` reply header total CR LF` and ` reply payload CR LF`, without the leading blank.
  private var full: [UInt8] = []
  private var stripped: [UInt8] = []

  init() {
    capacity = 16_384
    memory = .allocate(byteCount: capacity, alignment: 16)
  }

  deinit { memory.deallocate() }

  /// Makes the parts that all lines of one message under one subject share.
  @inline(__always)
  mutating func prepare(_ message: borrowing Message, subject shown: UnsafeRawBufferPointer) {
    if serial == message.serial && subject == shown.baseAddress && subject != nil { return }
    rebuild(message, shown)
  }

  private mutating func rebuild(_ message: borrowing Message, _ shown: UnsafeRawBufferPointer) {
    serial = message.serial
    subject = shown.baseAddress
    reserve(shown.count + 8)
    memory.copyMemory(from: "HMSG ", byteCount: 5)
    front = 5
    if let base = shown.baseAddress { memcpy(memory + front, base, shown.count) }
    front += shown.count
    memory.storeBytes(of: 0x20, toByteOffset: front, as: UInt8.self)
    front += 1
    full.removeAll(keepingCapacity: true)
    stripped.removeAll(keepingCapacity: true)
    if !message.reply.isEmpty {
      full.append(contentsOf: message.reply)
      full.append(0x20)
    } else if message.isInternal {
      full.append(0x20)
    }
    if message.headerSize > 0 {
      stripped.append(contentsOf: full)
      DecimalText.append(message.body.count - message.headerSize, to: &stripped)
      stripped.append(0x0D)
      stripped.append(0x0A)
      DecimalText.append(message.headerSize, to: &full)
      full.append(0x20)
    }
    if message.sizeText.isEmpty { DecimalText.append(message.body.count, to: &full) } else { full.append(contentsOf: message.sizeText) }
    full.append(0x0D)
    full.append(0x0A)
  }

  private mutating func reserve(_ count: Int) {
    guard count > capacity else { return }
    let size = max(count, capacity * 2)
    let grown = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
    grown.copyMemory(from: memory, byteCount: front)
    memory.deallocate()
    memory = grown
    capacity = size
  }

  /// The whole line for one subscription. Valid until the next call.
  @inline(__always)
  mutating func line(sid: borrowing [UInt8], withHeader: Bool, stripping: Bool) -> UnsafeRawBufferPointer {
    let tailCount = stripping ? stripped.count : full.count
    reserve(front + sid.count + tailCount + 2)
    var end = front
    sid.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress { memcpy(memory + end, base, bytes.count) }
      end += bytes.count
    }
    memory.storeBytes(of: 0x20, toByteOffset: end, as: UInt8.self)
    end += 1
    if stripping {
      stripped.withUnsafeBytes { if let base = $0.baseAddress { memcpy(memory + end, base, $0.count) } }
    } else {
      full.withUnsafeBytes { if let base = $0.baseAddress { memcpy(memory + end, base, $0.count) } }
    }
    end += tailCount
    let begin = withHeader ? 0 : 1
    return UnsafeRawBufferPointer(start: memory + begin, count: end - begin)
  }
}
