#if canImport(Glibc)
  import Glibc
#endif

/// What looking at the front of some bytes found.
enum OpStep {
  case complete(ProtocolOp, length: Int)
  /// More bytes are needed: `total` from the front, or 0 when only the end of the line will tell.
  case incomplete(total: Int)
}

/// The part of an operation that came without its end. Whole operations never pass through here.
struct OpBuffer: ~Copyable {
  private var storage: UnsafeMutableRawPointer?
  private var capacity = 0
  private(set) var count = 0
  /// Known length of the operation; 0: not known yet.
  var needed = 0
  /// The operation inside has been handed out and is dropped at the next call.
  var isSpent = false
  private let keep = 4096

  init() {}
  deinit { free(storage) }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: storage, count: count) }

  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress, bytes.count > 0 else { return }
    reserve(max(count + bytes.count, needed))
    if let storage { memcpy(storage + count, source, bytes.count) }
    count += bytes.count
  }

  private mutating func reserve(_ wanted: Int) {
    guard wanted > capacity else { return }
    // A declared length alone does not buy memory: at most a mebibyte ahead of what has arrived.
    let size = min(max(wanted, 256), max(count * 2, 1 << 20))
    let room = max(size, min(wanted, count + (1 << 20)))
    guard room > capacity else { return }
    storage = realloc(storage, room)
    capacity = room
  }

  mutating func reset() {
    count = 0
    needed = 0
    isSpent = false
    if capacity > keep {
      free(storage)
      storage = nil
      capacity = 0
    }
  }

  /// Gives back all memory while nothing is kept: for idle connections.
  mutating func release() {
    guard count == 0, storage != nil else { return }
    free(storage)
    storage = nil
    capacity = 0
  }
}

/// Splits bytes into operations with the help of a scanner. Keeps what is incomplete.
struct OpReader: ~Copyable {
  private var buffer = OpBuffer()

  init() {}

  /// Nothing is kept that the next bytes would complete.
  @inline(__always)
  var isIdle: Bool { buffer.isSpent || buffer.count == 0 }

  /// What is kept of an unfinished operation; valid until the next call.
  var pending: UnsafeRawBufferPointer { buffer.isSpent ? .none : buffer.bytes }

  mutating func next(
    in bytes: UnsafeRawBufferPointer, at offset: inout Int, lineLimit: Int,
    scan: (UnsafeRawBufferPointer) throws(ProtocolFailure) -> OpStep
  ) throws(ProtocolFailure) -> ProtocolOp? {
    if buffer.isSpent { buffer.reset() }
    if buffer.count == 0 {
      guard offset < bytes.count else {
        buffer.release()
        return nil
      }
      let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
      switch try scan(rest) {
      case .complete(let op, let length):
        offset += length
        return op
      case .incomplete(let total):
        if total == 0 && rest.count > lineLimit + 16 { throw .controlLineExceeded }
        buffer.needed = total
        buffer.append(rest)
        offset = bytes.count
        return nil
      }
    }
    return try resume(in: bytes, at: &offset, lineLimit: lineLimit, scan: scan)
  }

  /// Adds just what the kept operation lacks.
  private mutating func resume(
    in bytes: UnsafeRawBufferPointer, at offset: inout Int, lineLimit: Int,
    scan: (UnsafeRawBufferPointer) throws(ProtocolFailure) -> OpStep
  ) throws(ProtocolFailure) -> ProtocolOp? {
    while offset < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
      if buffer.needed > buffer.count {
        let taken = min(buffer.needed - buffer.count, rest.count)
        buffer.append(UnsafeRawBufferPointer(rebasing: rest[..<taken]))
        offset += taken
        if buffer.count < buffer.needed { return nil }
      } else {
        let end = rest.lineFeed
        let taken = end.map { $0 + 1 } ?? rest.count
        buffer.append(UnsafeRawBufferPointer(rebasing: rest[..<taken]))
        offset += taken
        if end == nil && buffer.count > lineLimit + 16 { throw .controlLineExceeded }
      }
      switch try scan(buffer.bytes) {
      case .complete(let op, _):
        buffer.isSpent = true
        return op
      case .incomplete(let total):
        buffer.needed = total
      }
    }
    return nil
  }
}
