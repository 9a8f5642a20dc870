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
  public var pendingBytes: Int { reader.pending.count }

  /// The next operation at `offset`, which moves behind it; nil when the rest was kept for later.
  ///
  /// The subject of a message may hold blanks. Its `sid` is a number.
  public mutating func next(in bytes: UnsafeRawBufferPointer, at offset: inout Int) throws(ProtocolViolation) -> ProtocolOp? {
    let limits = MessageLine.Limits(line: maxLine, payload: maxPayload)
    do throws(ProtocolFailure) {
      return try reader.next(in: bytes, at: &offset, lineLimit: maxLine) { bytes throws(ProtocolFailure) in
        try Self.scan(bytes, limits)
      }
    } catch {
      let kept = reader.pending
      throw ProtocolViolation(error, in: kept.isEmpty ? UnsafeRawBufferPointer(rebasing: bytes[min(offset, bytes.count)...]) : kept)
    }
  }

  private static func scan(_ bytes: UnsafeRawBufferPointer, _ limits: MessageLine.Limits) throws(ProtocolFailure) -> OpStep {
    switch bytes[0] {
    case UInt8(ascii: "M"), UInt8(ascii: "m"): return try message(bytes, "MSG", headers: false, limits)
    case UInt8(ascii: "H"), UInt8(ascii: "h"): return try message(bytes, "HMSG", headers: true, limits)
    case UInt8(ascii: "P"), UInt8(ascii: "p"):
      guard bytes.count > 1 else { return .incomplete(total: 0) }
      if bytes[1] & 0xDF == UInt8(ascii: "I") { return try MessageLine.line(bytes, "PING") { _ in .ping } }
      return try MessageLine.line(bytes, "PONG") { _ in .pong }
    case UInt8(ascii: "I"), UInt8(ascii: "i"): return try MessageLine.line(bytes, "INFO") { .info(json: $0) }
    case UInt8(ascii: "+"): return try MessageLine.line(bytes, "+OK") { _ in .ok }
    case UInt8(ascii: "-"): return try MessageLine.line(bytes, "-ERR") { .error(unquoted($0)) }
    default: throw .unknownOperation
    }
  }

  /// Blanks and quotes go from both ends.
  private static func unquoted(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    func isWrapping(_ byte: UInt8) -> Bool { byte == 0x20 || byte == UInt8(ascii: "'") }
    guard let first = text.firstIndex(where: { !isWrapping($0) }), let last = text.lastIndex(where: { !isWrapping($0) }) else {
      return .none
    }
    return UnsafeRawBufferPointer(rebasing: text[first...last])
  }

  /// `subject sid [reply] [header size] size`.
  private static func message(
    _ bytes: UnsafeRawBufferPointer, _ verb: StaticString, headers: Bool, _ limits: MessageLine.Limits
  ) throws(ProtocolFailure) -> OpStep {
    let wrongEnd = ProtocolFailure.arguments("a message that does not end where its length says")
    return try MessageLine.message(bytes, verb, headers: headers, limits, wrongEnd: wrongEnd) { names, op throws(ProtocolFailure) in
      op.sid = names.removeLast()
      // Two fields before the sizes, the first of them a number: then that is the sid, and the second is a reply.
      var before = names
      let sid = before.removeLast()
      if isNumber(sid), !before.rest.isEmpty {
        op.reply = op.sid
        op.sid = sid
        names = before
      }
      op.subject = names.rest
      guard isNumber(op.sid) else { throw .arguments("\(verb) without the number of a subscription") }
    }
  }

  private static func isNumber(_ text: UnsafeRawBufferPointer) -> Bool {
    !text.isEmpty && text.count <= 18 && text.allSatisfy { $0 &- UInt8(ascii: "0") <= 9 }
  }
}

/// Bytes of a server that are not the NATS protocol.
public struct ProtocolViolation: Error, Equatable, Sendable, CustomStringConvertible {
  public let failure: ProtocolFailure
  /// The line that could not be read: its first 40 bytes.
  public let found: String

  init(_ failure: ProtocolFailure, in bytes: UnsafeRawBufferPointer) {
    self.failure = failure
    let line = bytes[..<(bytes.lineFeed ?? bytes.count)].prefix(40)
    found = String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
  }

  /// A clause that says what was expected and what was found.
  public var description: String {
    switch failure {
    case .unknownOperation, .connectRequired, .headersNotSupported: "expected a NATS operation, found \"\(found)\""
    case .arguments(let text): "\(text), in \"\(found)\""
    case .controlLineExceeded: "a protocol line that is too long, beginning with \"\(found)\""
    case .payloadExceeded(let size): "a message of \(size) bytes, which is more than is accepted"
    }
  }
}
