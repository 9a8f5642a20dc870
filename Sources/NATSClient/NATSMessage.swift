import Reactor
import Wire

/// A message as it was delivered.
public struct NATSMessage: Sendable {
  public let subject: String
  public let reply: String?
  public let headers: NATSHeaders?
  public let payload: [UInt8]
  /// When it arrived.
  public let arrived: MonotonicTime

  public init(subject: String, reply: String? = nil, headers: NATSHeaders? = nil, payload: [UInt8], arrived: MonotonicTime = .origin) {
    self.subject = subject
    self.reply = reply
    self.headers = headers
    self.payload = payload
    self.arrived = arrived
  }

  /// A copy of what lies in a read buffer.
  init(_ operation: MessageOp, arrived: MonotonicTime) {
    subject = String(decoding: operation.subject, as: UTF8.self)
    reply = operation.reply.isEmpty ? nil : String(decoding: operation.reply, as: UTF8.self)
    headers = operation.headerSize > 0 ? NATSHeaders(operation.header) : nil
    payload = Array(operation.payload)
    self.arrived = arrived
  }

  /// True for the status message that says that nobody is subscribed to the request's subject.
  public var isNoResponders: Bool { headers?.status == 503 && payload.isEmpty }
}

/// The header block of a message: an optional status and named values, in order.
public struct NATSHeaders: Sendable, Equatable {
  public var status: Int?
  public var statusText = ""
  public var fields: [(name: String, value: String)] = []

  public init() {}
  public init(_ fields: [(name: String, value: String)]) { self.fields = fields }

  /// Reads `NATS/1.0 …` with its lines; nil for anything else.
  public init?(_ bytes: UnsafeRawBufferPointer) {
    let block = HeaderBlock(bytes)
    guard let line = block.status else { return nil }
    let parts = String(decoding: line, as: UTF8.self).split(separator: " ", maxSplits: 1)
    status = parts.first.flatMap { Int($0) }
    if parts.count > 1 { statusText = String(parts[1]) }
    for field in block.fields { fields.append((String(decoding: field.name, as: UTF8.self), field.text)) }
  }

  /// The first value of a name, in any letter case.
  public subscript(_ name: String) -> String? {
    fields.first { $0.name.count == name.count && $0.name.lowercased() == name.lowercased() }?.value
  }

  /// As written on the wire, the empty line at the end included.
  public var encoded: [UInt8] {
    var bytes = Array("NATS/1.0\r\n".utf8)
    for (name, value) in fields { bytes += Array("\(name): \(value)\r\n".utf8) }
    return bytes + Array("\r\n".utf8)
  }

  public static func == (left: NATSHeaders, right: NATSHeaders) -> Bool {
    left.status == right.status && left.statusText == right.statusText && left.fields.count == right.fields.count
      && zip(left.fields, right.fields).allSatisfy { $0.name == $1.name && $0.value == $1.value }
  }
}
