/// Reads what a server sends to a client. Messages larger than the server's own `max_payload` are accepted: monitoring
/// replies are.
public struct ServerOpParser: ~Copyable {
  /// Longest control line, in bytes: INFO of a large cluster is the longest.
  public var maxLine = 1 << 20
  /// Largest header block and payload together, in bytes.
  public var maxPayload = 256 << 20
  private var reader = OpReader()

  public init() {}

  /// Bytes kept of an unfinished operation.
  public var pendingBytes: Int { reader.pending }

  /// The next operation at `offset`, which moves behind it; nil when the rest was kept for later.
  public mutating func next(in bytes: UnsafeRawBufferPointer, at offset: inout Int) throws(ProtocolFailure) -> ProtocolOp? {
    let limits = (line: maxLine, payload: maxPayload)
    return try reader.next(in: bytes, at: &offset, lineLimit: maxLine) { bytes throws(ProtocolFailure) in
      try Self.scan(bytes, limits)
    }
  }

  private typealias Limits = (line: Int, payload: Int)

  private static func scan(_ bytes: UnsafeRawBufferPointer, _ limits: Limits) throws(ProtocolFailure) -> OpStep {
    switch bytes[0] {
    case UInt8(ascii: "M"), UInt8(ascii: "m"): return try message(bytes, "MSG", headers: false, limits)
    case UInt8(ascii: "H"), UInt8(ascii: "h"): return try message(bytes, "HMSG", headers: true, limits)
    case UInt8(ascii: "P"), UInt8(ascii: "p"):
      guard bytes.count > 1 else { return .incomplete(total: 0) }
      return bytes[1] & 0xDF == UInt8(ascii: "I") ? try line(bytes, "PING") { _ in .ping } : try line(bytes, "PONG") { _ in .pong }
    case UInt8(ascii: "I"), UInt8(ascii: "i"): return try line(bytes, "INFO") { .info(json: $0) }
    case UInt8(ascii: "+"): return try line(bytes, "+OK") { _ in .ok }
    case UInt8(ascii: "-"): return try line(bytes, "-ERR") { .error(unquoted($0)) }
    default: throw .unknownOperation
    }
  }

  private static func unquoted(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    guard text.count >= 2, text[0] == UInt8(ascii: "'"), text[text.count - 1] == UInt8(ascii: "'") else { return text }
    return UnsafeRawBufferPointer(rebasing: text[1..<text.count - 1])
  }

  private static func line(
    _ bytes: UnsafeRawBufferPointer, _ verb: StaticString, _ make: (UnsafeRawBufferPointer) -> ProtocolOp
  ) throws(ProtocolFailure) -> OpStep {
    switch VerbMatch.of(bytes, verb) {
    case .no: throw .unknownOperation
    case .soFar: return .incomplete(total: 0)
    case .yes: break
    }
    let rest = UnsafeRawBufferPointer(rebasing: bytes[verb.utf8CodeUnitCount...])
    guard let length = rest.lineFeed else { return .incomplete(total: 0) }
    let argument = UnsafeRawBufferPointer(rebasing: rest[..<length]).trimmed()
    return .complete(make(argument), length: verb.utf8CodeUnitCount + length + 1)
  }

  private static func message(
    _ bytes: UnsafeRawBufferPointer, _ name: StaticString, headers: Bool, _ limits: Limits
  ) throws(ProtocolFailure) -> OpStep {
    switch VerbMatch.of(bytes, name) {
    case .no: throw .unknownOperation
    case .soFar: return .incomplete(total: 0)
    case .yes: break
    }
    let fields = LineFields(bytes, from: name.utf8CodeUnitCount)
    if fields.argumentLength > limits.line { throw .controlLineExceeded }
    guard fields.end > 0 else { return .incomplete(total: 0) }
    var reply = UnsafeRawBufferPointer.none
    var headerText = UnsafeRawBufferPointer.none
    var sizeText = UnsafeRawBufferPointer.none
    switch (fields.count, headers) {
    case (3, false): sizeText = fields.third
    case (4, false): (reply, sizeText) = (fields.third, fields.fourth)
    case (4, true): (headerText, sizeText) = (fields.third, fields.fourth)
    case (5, true): (reply, headerText, sizeText) = (fields.third, fields.fourth, fields.fifth)
    default: throw .arguments("\(name) with \(fields.count) arguments")
    }
    guard let size = LineFields.size(sizeText) else { throw .arguments("\(name) with a bad size") }
    let headerSize = headers ? LineFields.size(headerText) ?? -1 : 0
    guard headerSize >= 0 && headerSize <= size else { throw .arguments("\(name) with a bad header size") }
    if size > limits.payload { throw .payloadExceeded(size) }
    let length = fields.end + size + 2
    guard bytes.count >= length else { return .incomplete(total: length) }
    guard bytes[length - 2] == 0x0D && bytes[length - 1] == 0x0A else { throw .unknownOperation }
    let op = MessageOp(
      subject: fields.first, reply: reply, sid: fields.second, sizeText: sizeText, headerSize: headerSize,
      headerSizeText: headerText, hasHeaderVerb: headers,
      body: UnsafeRawBufferPointer(rebasing: bytes[fields.end..<length - 2]), queues: .none)
    return .complete(.message(op), length: length)
  }
}
