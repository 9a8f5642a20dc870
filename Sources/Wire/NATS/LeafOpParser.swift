/// Reads what a leaf node sends to the server that it joined.
public struct LeafOpParser: ~Copyable {
  /// Longest argument part of a control line, in bytes: sixteen times that of clients.
  public var maxControlLine = 65_536
  /// Largest header block and payload together, in bytes.
  public var maxPayload = 1 << 20
  /// Only CONNECT may come next.
  public var expectsConnect = true
  private var reader = OpReader()

  public init() {}

  /// The next operation at `offset`, which moves behind it; nil when the rest was kept for later.
  public mutating func next(in bytes: UnsafeRawBufferPointer, at offset: inout Int) throws(ProtocolFailure) -> ProtocolOp? {
    let limits = (line: maxControlLine, payload: maxPayload, connect: expectsConnect)
    return try reader.next(in: bytes, at: &offset, lineLimit: maxControlLine) { bytes throws(ProtocolFailure) in
      try Self.scan(bytes, limits)
    }
  }

  private typealias Limits = (line: Int, payload: Int, connect: Bool)

  private static func scan(_ bytes: UnsafeRawBufferPointer, _ limits: Limits) throws(ProtocolFailure) -> OpStep {
    let first = bytes[0] & 0xDF
    // An INFO may come first: it would negotiate compression, which is never offered.
    if limits.connect && first != UInt8(ascii: "C") && first != UInt8(ascii: "I") { throw .connectRequired }
    switch first {
    case UInt8(ascii: "L"):
      guard bytes.count > 1 else { return .incomplete(total: 0) }
      if bytes[1] & 0xDF == UInt8(ascii: "M") { return try message(bytes, "LMSG", headers: false, limits) }
      guard bytes.count > 2 else { return .incomplete(total: 0) }
      return bytes[2] == UInt8(ascii: "+") ? try interest(bytes, "LS+", limits) : try interest(bytes, "LS-", limits)
    case UInt8(ascii: "H"): return try message(bytes, "HMSG", headers: true, limits)
    case UInt8(ascii: "P"):
      guard bytes.count > 1 else { return .incomplete(total: 0) }
      return bytes[1] & 0xDF == UInt8(ascii: "I") ? try line(bytes, "PING") { _ in .ping } : try line(bytes, "PONG") { _ in .pong }
    case UInt8(ascii: "C"): return try line(bytes, "CONNECT") { .connect(json: $0) }
    case UInt8(ascii: "I"): return try line(bytes, "INFO") { .info(json: $0) }
    default: break
    }
    if bytes[0] == UInt8(ascii: "+") { return try line(bytes, "+OK") { _ in .ok } }
    if bytes[0] == UInt8(ascii: "-") { return try line(bytes, "-ERR") { .error($0) } }
    throw .unknownOperation
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
    return .complete(make(UnsafeRawBufferPointer(rebasing: rest[..<length]).trimmed()), length: verb.utf8CodeUnitCount + length + 1)
  }

  private static func fields(
    _ bytes: UnsafeRawBufferPointer, _ verb: StaticString, _ limits: Limits
  ) throws(ProtocolFailure) -> [UnsafeRawBufferPointer]? {
    switch VerbMatch.of(bytes, verb) {
    case .no: throw .unknownOperation
    case .soFar: return nil
    case .yes: break
    }
    let rest = UnsafeRawBufferPointer(rebasing: bytes[verb.utf8CodeUnitCount...])
    guard let length = rest.lineFeed else {
      if rest.count > limits.line { throw .controlLineExceeded }
      return nil
    }
    if length > limits.line { throw .controlLineExceeded }
    let text = UnsafeRawBufferPointer(rebasing: rest[..<length]).trimmed()
    return text.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 }).map { UnsafeRawBufferPointer(rebasing: $0) }
  }

  private static func end(of bytes: UnsafeRawBufferPointer) -> Int { (bytes.lineFeed ?? 0) + 1 }

  private static func interest(
    _ bytes: UnsafeRawBufferPointer, _ verb: StaticString, _ limits: Limits
  ) throws(ProtocolFailure) -> OpStep {
    guard let fields = try fields(bytes, verb, limits) else { return .incomplete(total: 0) }
    let length = end(of: bytes)
    if bytes[2] == UInt8(ascii: "+") {
      switch fields.count {
      case 1: return .complete(.subscribe(subject: fields[0], queue: .none, sid: .none), length: length)
      case 3: return .complete(.subscribe(subject: fields[0], queue: fields[1], sid: fields[2]), length: length)
      default: throw .arguments("LS+ with \(fields.count) arguments")
      }
    }
    switch fields.count {
    case 1: return .complete(.withdraw(subject: fields[0], queue: .none), length: length)
    case 2: return .complete(.withdraw(subject: fields[0], queue: fields[1]), length: length)
    default: throw .arguments("LS- with \(fields.count) arguments")
    }
  }

  /// `subject [reply] sizes`, or with queue groups `subject | groups sizes` and `subject + reply groups sizes`.
  private static func message(
    _ bytes: UnsafeRawBufferPointer, _ verb: StaticString, headers: Bool, _ limits: Limits
  ) throws(ProtocolFailure) -> OpStep {
    guard let fields = try fields(bytes, verb, limits) else { return .incomplete(total: 0) }
    let sizes = headers ? 2 : 1
    let names = fields.count - sizes
    guard names >= 1 else { throw .arguments("\(verb) with \(fields.count) arguments") }
    var reply = UnsafeRawBufferPointer.none
    var queues = UnsafeRawBufferPointer.none
    if names == 2 {
      reply = fields[1]
    } else if names > 2 {
      var first = 2
      guard fields[1].count == 1, let mark = fields[1].first, mark == UInt8(ascii: "+") || mark == UInt8(ascii: "|") else {
        throw .arguments("\(verb) without + or |")
      }
      if mark == UInt8(ascii: "+") {
        reply = fields[2]
        first = 3
      }
      if first < names, let start = fields[first].baseAddress, let last = fields[names - 1].baseAddress {
        queues = UnsafeRawBufferPointer(start: start, count: last - start + fields[names - 1].count)
      }
    }
    guard let sizeText = fields.last, let size = LineFields.size(sizeText) else { throw .arguments("\(verb) with a bad size") }
    let headerSize = headers ? LineFields.size(fields[names]) ?? -1 : 0
    guard headerSize >= 0 && headerSize <= size else { throw .arguments("\(verb) with a bad header size") }
    if size > limits.payload { throw .payloadExceeded(size) }
    let start = end(of: bytes)
    let length = start + size + 2
    guard bytes.count >= length else { return .incomplete(total: length) }
    guard bytes[length - 2] == 0x0D && bytes[length - 1] == 0x0A else { throw .unknownOperation }
    let op = MessageOp(
      subject: fields[0], reply: reply, sid: .none, sizeText: sizeText, headerSize: headerSize,
      headerSizeText: headers ? fields[names] : .none, hasHeaderVerb: headers,
      body: UnsafeRawBufferPointer(rebasing: bytes[start..<length - 2]), queues: queues)
    return .complete(.message(op), length: length)
  }
}
