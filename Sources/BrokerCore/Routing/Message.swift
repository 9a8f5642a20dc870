import Wire

/// A message on its way through one account. All ranges stay valid while it is being routed.
package struct Message {
  package var subject: UnsafeRawBufferPointer
  /// Empty when there is none.
  package var reply: UnsafeRawBufferPointer
  /// Header block and payload. CR LF stands behind it in memory.
  package var body: UnsafeRawBufferPointer
  var headerSize: Int
  /// The size as the publisher wrote it; empty: to be written anew.
  var sizeText: UnsafeRawBufferPointer
  /// Tells messages apart in the broker's line scratch.
  let serial: UInt64
  /// Made by the server: shows two blanks when there is no reply, as nats-server does, but for answers that have crossed a border.
  var isInternal = false
  /// Its body with CR LF is the router's ``Router/lent``: connections may keep it instead of a copy.
  var isLent = false
  /// Accounts crossed so far.
  package var depth = 0
  /// How it came into the account that it is being routed in.
  var origin = Origin.here
  /// A leaf link only: queue groups that must be served, blank-separated; nil when no link said anything.
  var queueFilter: UnsafeRawBufferPointer?

  /// What a message is to the account that it is routed in.
  enum Origin: UInt8 {
    /// It was published there.
    case here
    /// A request from an importing account that tells only the necessary of who asks.
    case request
    /// A request from an importing account that shares who asks.
    case sharedRequest
    /// An answer that comes back, and is no request again.
    case answer
    /// An answer that may be answered itself.
    case answeredAnswer

    /// It crossed a border as a request.
    var isRequest: Bool { self == .request || self == .sharedRequest }
  }

  @inline(__always)
  package init(_ op: MessageOp, serial: UInt64) {
    subject = op.subject
    reply = op.reply
    body = op.body
    headerSize = op.headerSize
    sizeText = op.sizeText
    self.serial = serial
  }

  /// `body` must be followed by CR LF.
  package init(
    subject: UnsafeRawBufferPointer, reply: UnsafeRawBufferPointer, body: UnsafeRawBufferPointer, headerSize: Int, serial: UInt64
  ) {
    self.subject = subject
    self.reply = reply
    self.body = body
    self.headerSize = headerSize
    self.serial = serial
    sizeText = UnsafeRawBufferPointer(start: nil, count: 0)
  }

  package var header: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: body[0..<headerSize]) }
  package var payload: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: body[headerSize...]) }
}
