/// Bytes on their way to a socket: appended at the end, taken from the front.
///
/// A plain growing buffer with a read offset. What has been large is given back once the connection rests, so that ten
/// thousand idle connections cost nothing, and not before: getting the same pages again for every burst costs more than
/// filling them.
struct OutgoingBytes: ~Copyable {
  private var base: UnsafeMutableRawPointer?
  private var capacity = 0
  private var start = 0
  private var end = 0

  /// A buffer that grew beyond this is not kept by a connection that rests.
  private static let keptCapacity = 16_384

  init() {}

  deinit { base?.deallocate() }

  /// Bytes that wait.
  var count: Int { end - start }

  /// The bytes that wait, front first. Valid until the next change.
  var bytes: UnsafeRawBufferPointer {
    guard let base else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(start: base + start, count: end - start)
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress, !bytes.isEmpty else { return }
    let target = reserve(bytes.count)
    target.copyMemory(from: source, byteCount: bytes.count)
    end += bytes.count
  }

  mutating func consume(_ count: Int) {
    start += count
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
    guard start == end else { return }
    base?.deallocate()
    base = nil
    capacity = 0
    start = 0
    end = 0
  }

  mutating func removeAll() {
    start = end
    release()
  }

  private mutating func reserve(_ count: Int) -> UnsafeMutableRawPointer {
    if let base, capacity - end >= count { return base + end }
    let waiting = end - start
    if let base, start > 0, capacity - waiting >= count, start >= capacity / 2 {
      base.copyMemory(from: base + start, byteCount: waiting)
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
    start = 0
    end = waiting
    return grown + end
  }
}

extension Int {
  fileprivate var nextPowerOfTwo: Int { self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}
