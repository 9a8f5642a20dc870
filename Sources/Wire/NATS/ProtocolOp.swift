/// A message as it stands in a read buffer. All ranges point into that buffer, or into the parser's own store when the
/// message came in pieces; they are valid until the parser is asked for the next operation.
public struct MessageOp {
  public var subject: UnsafeRawBufferPointer
  /// Empty when there is none.
  public var reply: UnsafeRawBufferPointer
  /// MSG and HMSG only.
  public var sid: UnsafeRawBufferPointer
  /// The size as it was written: leading zeros are passed on as they are.
  public var sizeText: UnsafeRawBufferPointer
  /// Bytes of the header block; 0 without one.
  public var headerSize: Int
  public var headerSizeText: UnsafeRawBufferPointer
  /// It was a header verb, also with a header size of 0.
  public var hasHeaderVerb: Bool
  /// Header block and payload together, without the closing CR LF (which stands behind it in memory).
  public var body: UnsafeRawBufferPointer
  /// Leaf links only: the queue groups that the receiver must serve.
  public var queues: UnsafeRawBufferPointer

  /// The number of the subscription; nil where there is none.
  public var sidNumber: Int? { JSONNumber.int(sid, 0..<sid.count) }

  init() {
    (subject, reply, sid, sizeText) = (.none, .none, .none, .none)
    (headerSizeText, body, queues) = (.none, .none, .none)
    headerSize = 0
    hasHeaderVerb = false
  }

  init(
    subject: UnsafeRawBufferPointer, reply: UnsafeRawBufferPointer, sid: UnsafeRawBufferPointer, sizeText: UnsafeRawBufferPointer,
    headerSize: Int, headerSizeText: UnsafeRawBufferPointer, hasHeaderVerb: Bool, body: UnsafeRawBufferPointer,
    queues: UnsafeRawBufferPointer
  ) {
    self.subject = subject
    self.reply = reply
    self.sid = sid
    self.sizeText = sizeText
    self.headerSize = headerSize
    self.headerSizeText = headerSizeText
    self.hasHeaderVerb = hasHeaderVerb
    self.body = body
    self.queues = queues
  }

  @inlinable public var header: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: body[0..<headerSize]) }
  @inlinable public var payload: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: body[headerSize...]) }
}

/// One operation of the client protocol or of a leaf link.
public enum ProtocolOp {
  case connect(json: UnsafeRawBufferPointer)
  case info(json: UnsafeRawBufferPointer)
  /// PUB, HPUB, MSG, HMSG, LMSG.
  case message(MessageOp)
  /// SUB and `LS+`; an empty queue is none. A leaf link has no sid; it may have a weight.
  case subscribe(subject: UnsafeRawBufferPointer, queue: UnsafeRawBufferPointer, sid: UnsafeRawBufferPointer)
  /// UNSUB; `maximum` is the text of the limit, empty when absent.
  case unsubscribe(sid: UnsafeRawBufferPointer, maximum: UnsafeRawBufferPointer)
  /// `LS-`.
  case withdraw(subject: UnsafeRawBufferPointer, queue: UnsafeRawBufferPointer)
  case ping
  case pong
  case ok
  /// The text between the quotes.
  case error(UnsafeRawBufferPointer)
}

/// Why a stream of operations cannot go on.
public enum ProtocolFailure: Error, Equatable, Sendable {
  /// The verb or a payload's end is not understood: told to the peer.
  case unknownOperation
  /// Arguments are wrong: the connection is closed without a word. The text is for the log.
  case arguments(String)
  case controlLineExceeded
  case payloadExceeded(Int)
  /// Something other than CONNECT came first.
  case connectRequired
  /// A header verb where headers are off.
  case headersNotSupported
}
