import Reactor
import Synchronization
import Wire

/// A piece of a body that many streams send: it is framed once, and lies in memory once.
public struct HTTPStreamPiece: Sendable {
  let bytes: [UInt8]
  /// The bytes as a chunk (RFC 9112 section 7.1).
  let chunk: [UInt8]

  /// Frames `bytes`.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
    chunk = Array(String(bytes.count, radix: 16).utf8) + [0x0D, 0x0A] + bytes + [0x0D, 0x0A]
  }

  /// True for a piece without bytes, which is not sent: an empty chunk would end the body.
  public var isEmpty: Bool { bytes.isEmpty }
}

/// A response body that is written in pieces, from any thread. What is written after the peer has gone is dropped.
public final class HTTPStream: @unchecked Sendable {
  // Sendable: `connection` is touched on the shard's queue only; everything else is atomic or under the mutex.

  private struct Callbacks {
    var isClosed = false
    var onClose: [@Sendable () -> Void] = []
  }

  /// The shard that the connection lives on; callbacks run on its queue.
  public let shard: Shard
  let isEndless: Bool
  private let transform: (@Sendable ([UInt8]) -> [UInt8])?
  private var connection: HTTPConnection?
  private let callbacks = Mutex(Callbacks())
  /// Bytes on their way to the shard, and bytes that the connection holds.
  private let travelling = Atomic<Int>(0)
  private let queued = Atomic<Int>(0)

  init(shard: Shard, isEndless: Bool, transform: (@Sendable ([UInt8]) -> [UInt8])?) {
    self.shard = shard
    self.transform = transform
    self.isEndless = isEndless
  }

  /// Bytes written and not yet taken by the kernel, as of the last write or drain.
  public var pendingBytes: Int { travelling.load(ordering: .relaxed) + queued.load(ordering: .relaxed) }

  /// True once the stream was ended or the peer has gone.
  public var isClosed: Bool { callbacks.withLock { $0.isClosed } }

  /// Queues bytes; what is written in one turn of the shard leaves in one send.
  public func write(_ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    let bytes = transform?(bytes) ?? bytes
    travelling.add(bytes.count, ordering: .relaxed)
    shard.runNowOrLater { [self] in
      travelling.subtract(bytes.count, ordering: .relaxed)
      connection?.write(bytes, to: self)
    }
  }

  /// Sends a piece that other streams send as well; see ``HTTPStreamPiece``.
  public func write(_ piece: HTTPStreamPiece) {
    guard transform == nil else { return write(piece.bytes) }
    guard !piece.bytes.isEmpty else { return }
    travelling.add(piece.bytes.count, ordering: .relaxed)
    shard.runNowOrLater { [self] in
      travelling.subtract(piece.bytes.count, ordering: .relaxed)
      connection?.write(piece, to: self)
    }
  }

  /// Queues text.
  public func write(_ text: String) { write(Array(text.utf8)) }

  /// Ends the body; the connection goes on.
  public func end() {
    shard.runNowOrLater { [self] in connection?.end(self) }
  }

  /// Calls `body` once, besides what was asked for before, when the stream has ended for whatever reason; at once where it has already.
  public func onClose(_ body: @escaping @Sendable () -> Void) {
    let isClosed = callbacks.withLock { callbacks in
      if !callbacks.isClosed { callbacks.onClose.append(body) }
      return callbacks.isClosed
    }
    if isClosed { body() }
  }

  // MARK: The connection's side, on the shard

  func attach(_ connection: HTTPConnection) { self.connection = connection }

  func noteQueued(_ count: Int) { queued.store(count, ordering: .relaxed) }

  func drained() { queued.store(0, ordering: .relaxed) }

  func closed() {
    connection = nil
    queued.store(0, ordering: .relaxed)
    let bodies = callbacks.withLock { callbacks in
      defer {
        callbacks.isClosed = true
        callbacks.onClose = []
      }
      return callbacks.onClose
    }
    for body in bodies { body() }
  }
}
