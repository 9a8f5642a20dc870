/// Bytes on their way to a socket: appended at the end, taken from the front.
///
/// A plain growing buffer with a read offset. What has been large is given back once the connection rests, so that ten
/// thousand idle connections cost nothing, and not before: getting the same pages again for every burst costs more than
/// filling them. One large piece at a time may be lent to it instead of copied: it stands among the others in its place.
struct OutgoingBytes: ~Copyable {
  private var base: UnsafeMutableRawPointer?
  private var capacity = 0
  private var start = 0
  private var end = 0
  /// What is lent, how much of it was taken, and before which byte of the buffer it stands.
  private var lent: [UInt8] = []
  private var lentStart = 0
  private var lentPlace = 0

  /// A buffer that grew beyond this is not kept by a connection that rests.
  private static let keptCapacity = 16_384

  init() {}

  deinit { base?.deallocate() }

  /// Bytes that wait.
  var count: Int { end - start + lent.count - lentStart }

  /// Calls `body` with the first of the bytes that wait: all of them, or those in front of or in the piece that is lent.
  func withFirst<Value>(_ body: (UnsafeRawBufferPointer) -> Value) -> Value {
    if !lent.isEmpty, start == lentPlace {
      return lent.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[lentStart...])) }
    }
    guard let base else { return body(UnsafeRawBufferPointer(start: nil, count: 0)) }
    return body(UnsafeRawBufferPointer(start: base + start, count: (lent.isEmpty ? end : lentPlace) - start))
  }

  /// Appends bytes without a copy, where no others are lent already.
  mutating func append(lending bytes: [UInt8]) {
    guard lent.isEmpty else { return bytes.withUnsafeBytes { append($0) } }
    lent = bytes
    lentStart = 0
    lentPlace = end
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress, !bytes.isEmpty else { return }
    let target = reserve(bytes.count)
    target.copyMemory(from: source, byteCount: bytes.count)
    end += bytes.count
  }

  /// Takes bytes off the front, as many as ``withFirst(_:)`` showed at most.
  mutating func consume(_ count: Int) {
    if !lent.isEmpty, start == lentPlace {
      lentStart += count
      if lentStart < lent.count { return }
      lent = []
      lentStart = 0
    } else {
      start += count
    }
    guard lent.isEmpty else { return }
    guard start == end else { return }
    start = 0
    end = 0
  }

  /// Gives a large buffer back, if it is empty.
  mutating func rest() {
    if capacity > OutgoingBytes.keptCapacity { release() }
  }

  /// Gives the memory of an empty buffer back.
  mutating func release() {
    guard start == end, lent.isEmpty else { return }
    base?.deallocate()
    base = nil
    capacity = 0
    start = 0
    end = 0
  }

  mutating func removeAll() {
    start = end
    lent = []
    lentStart = 0
    release()
  }

  private mutating func reserve(_ count: Int) -> UnsafeMutableRawPointer {
    if let base, capacity - end >= count { return base + end }
    let waiting = end - start
    if let base, start > 0, capacity - waiting >= count, start >= capacity / 2 {
      base.copyMemory(from: base + start, byteCount: waiting)
      lentPlace -= start
      start = 0
      end = waiting
      return base + end
    }
    let size = max(512, (waiting + count).nextPowerOfTwo)
    let grown = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
    if let base {
      grown.copyMemory(from: base + start, byteCount: waiting)
      base.deallocate()
    }
    base = grown
    capacity = size
    lentPlace -= start
    start = 0
    end = waiting
    return grown + end
  }
}

extension Int {
  fileprivate var nextPowerOfTwo: Int { self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}
