/// Reads what a client sends to a server. An operation that lies whole in the bytes given is not copied.
///
/// Failures follow nats-server: a verb it does not know and a payload without its CR LF are `unknownOperation`, wrong
/// arguments close the connection silently, sizes are judged as soon as the control line is there.
public struct ClientOpParser: ~Copyable {
  /// Longest argument part of a control line, in bytes.
  public var maxControlLine = 4096
  /// Largest header block and payload together, in bytes.
  public var maxPayload = 1 << 20
  /// HPUB is understood.
  public var headers = true
  /// Only CONNECT may come next.
  public var expectsConnect = false
  /// What `takeMessage` found.
  public private(set) var message = MessageOp()
  private var reader = OpReader()

  public init() {}

  /// Bytes kept of an unfinished operation.
  public var pendingBytes: Int { reader.pending.count }

  /// The short way for the common case: a whole, faultless PUB or HPUB at `offset` becomes `message`, and `offset` moves behind
  /// it. False, and nothing has happened: ask `next`. (Handing a large enum from function to function costs more than reading it.)
  public mutating func takeMessage(in bytes: UnsafeRawBufferPointer, at offset: inout Int) -> Bool {
    guard !expectsConnect, reader.isIdle, bytes.count - offset > 8, let base = bytes.baseAddress else { return false }
    let start = base + offset
    let end = base + bytes.count
    @inline(__always) func byte(_ pointer: UnsafeRawPointer) -> UInt8 { pointer.load(as: UInt8.self) }
    var cursor = start
    let hasHeaders = byte(cursor) & 0xDF == UInt8(ascii: "H")
    if hasHeaders {
      guard headers else { return false }
      cursor += 1
    }
    guard byte(cursor) & 0xDF == UInt8(ascii: "P"), byte(cursor + 1) & 0xDF == UInt8(ascii: "U"),
      byte(cursor + 2) & 0xDF == UInt8(ascii: "B"), byte(cursor + 3) == 0x20
    else { return false }
    cursor += 4
    var first = UnsafeRawBufferPointer.none
    var second = UnsafeRawBufferPointer.none
    var third = UnsafeRawBufferPointer.none
    var fourth = UnsafeRawBufferPointer.none
    var count = 0
    let argument = cursor
    while true {
      guard cursor < end else { return false }
      let blank = byte(cursor)
      if blank == 0x20 || blank == 0x09 {
        cursor += 1
        continue
      }
      if blank == 0x0D || blank == 0x0A { break }
      let field = cursor
      while cursor < end && byte(cursor) > 0x20 { cursor += 1 }
      guard cursor > field else { return false }
      let text = UnsafeRawBufferPointer(start: field, count: cursor - field)
      switch count {
      case 0: first = text
      case 1: second = text
      case 2: third = text
      case 3: fourth = text
      default: return false
      }
      count += 1
    }
    guard cursor - argument <= maxControlLine else { return false }
    if byte(cursor) == 0x0D { cursor += 1 }
    guard cursor < end, byte(cursor) == 0x0A else { return false }
    cursor += 1
    let sizes = hasHeaders ? 2 : 1
    guard count == 1 + sizes || count == 2 + sizes else { return false }
    let hasReply = count == 2 + sizes
    message.subject = first
    message.reply = hasReply ? second : .none
    message.hasHeaderVerb = hasHeaders
    message.sizeText = hasHeaders ? (hasReply ? fourth : third) : (hasReply ? third : second)
    guard let size = LineFields.size(message.sizeText), size <= maxPayload, end - cursor >= size + 2 else { return false }
    message.headerSize = 0
    if hasHeaders {
      guard let headerSize = LineFields.size(hasReply ? third : second), headerSize <= size else { return false }
      message.headerSize = headerSize
    }
    guard byte(cursor + size) == 0x0D, byte(cursor + size + 1) == 0x0A else { return false }
    message.body = UnsafeRawBufferPointer(start: cursor, count: size)
    offset += cursor - start + size + 2
    return true
  }

  /// The next operation at `offset`, which moves behind it; nil when the rest was kept for later.
  public mutating func next(in bytes: UnsafeRawBufferPointer, at offset: inout Int) throws(ProtocolFailure) -> ProtocolOp? {
    let limits = (line: maxControlLine, payload: maxPayload, headers: headers, connect: expectsConnect)
    return try reader.next(in: bytes, at: &offset, lineLimit: maxControlLine) { bytes throws(ProtocolFailure) in
      try Self.scan(bytes, limits)
    }
  }

  /// What has come of a message that was too large.
  public struct Refused {
    public let subject: [UInt8]
    /// Whole lines of its header block; empty where none came with its first line.
    public let header: [UInt8]
    /// Bytes of header block and payload, as they were announced.
    public let size: Int
  }

  /// After `payloadExceeded` of an HPUB: what has come of it; nil where it has no header block. `bytes` and `offset` are those of the call
  /// that failed.
  public func refused(in bytes: UnsafeRawBufferPointer, at offset: Int) -> Refused? {
    let come = Array(reader.pending) + Array(bytes[offset...])
    return come.withUnsafeBytes { come in
      guard let first = come.first, first & 0xDF == UInt8(ascii: "H") else { return nil }
      let fields = LineFields(come, from: 4)
      guard fields.end > 0, fields.count == 3 || fields.count == 4 else { return nil }
      let hasReply = fields.count == 4
      guard let headerSize = LineFields.size(hasReply ? fields.third : fields.second),
        let size = LineFields.size(hasReply ? fields.fourth : fields.third)
      else { return nil }
      let block = come[fields.end...].prefix(headerSize)
      let whole = block.lastIndex(of: UInt8(ascii: "\n")).map { block[...$0] } ?? block.prefix(0)
      return Refused(subject: Array(fields.first), header: Array(whole), size: size)
    }
  }

  private typealias Limits = (line: Int, payload: Int, headers: Bool, connect: Bool)

  private static func scan(_ bytes: UnsafeRawBufferPointer, _ limits: Limits) throws(ProtocolFailure) -> OpStep {
    let first = bytes[0] & 0xDF
    if limits.connect && first != UInt8(ascii: "C") { throw .connectRequired }
    switch first {
    case UInt8(ascii: "P"):
      guard bytes.count > 1 else { return .incomplete(total: 0) }
      switch bytes[1] & 0xDF {
      case UInt8(ascii: "U"): return try publish(bytes, "PUB", headers: false, limits)
      case UInt8(ascii: "I"): return try bare(bytes, "PING", .ping)
      case UInt8(ascii: "O"): return try bare(bytes, "PONG", .pong)
      default: throw .unknownOperation
      }
    case UInt8(ascii: "H"): return try publish(bytes, "HPUB", headers: true, limits)
    case UInt8(ascii: "S"): return try subscribe(bytes, limits)
    case UInt8(ascii: "U"): return try unsubscribe(bytes, limits)
    case UInt8(ascii: "C"): return try json(bytes, "CONNECT", needsBlank: false, limits) { .connect(json: $0) }
    case UInt8(ascii: "I"): return try json(bytes, "INFO", needsBlank: false, limits) { .info(json: $0) }
    default: break
    }
    if bytes[0] == UInt8(ascii: "+") { return try bare(bytes, "+OK", .ok) }
    if bytes[0] == UInt8(ascii: "-") { return try json(bytes, "-ERR", limits) { .error($0) } }
    throw .unknownOperation
  }

  /// The verb stands there and a blank follows; nil: not enough bytes yet.
  @inline(__always)
  private static func verb(_ bytes: UnsafeRawBufferPointer, _ verb: StaticString) throws(ProtocolFailure) -> Bool {
    switch VerbMatch.of(bytes, verb) {
    case .no: throw .unknownOperation
    case .soFar: return false
    case .yes: break
    }
    let length = verb.utf8CodeUnitCount
    guard bytes.count > length else { return false }
    guard bytes[length] == 0x20 || bytes[length] == 0x09 else { throw .unknownOperation }
    return true
  }

  private static func bare(_ bytes: UnsafeRawBufferPointer, _ verb: StaticString, _ op: ProtocolOp) throws(ProtocolFailure) -> OpStep {
    switch VerbMatch.of(bytes, verb) {
    case .no: throw .unknownOperation
    case .soFar: return .incomplete(total: 0)
    case .yes: break
    }
    guard let end = bytes.lineFeed else { return .incomplete(total: 0) }
    return .complete(op, length: end + 1)
  }

  private static func line(
    _ bytes: UnsafeRawBufferPointer, from start: Int, _ limits: Limits
  ) throws(ProtocolFailure) -> LineFields? {
    let fields = LineFields(bytes, from: start)
    if fields.argumentLength > limits.line { throw .controlLineExceeded }
    return fields.end == 0 ? nil : fields
  }

  private static func publish(
    _ bytes: UnsafeRawBufferPointer, _ name: StaticString, headers: Bool, _ limits: Limits
  ) throws(ProtocolFailure) -> OpStep {
    guard try verb(bytes, name) else { return .incomplete(total: 0) }
    if headers && !limits.headers { throw .headersNotSupported }
    guard let fields = try line(bytes, from: name.utf8CodeUnitCount, limits) else { return .incomplete(total: 0) }
    var reply = UnsafeRawBufferPointer.none
    var headerText = UnsafeRawBufferPointer.none
    var sizeText = UnsafeRawBufferPointer.none
    switch (fields.count, headers) {
    case (2, false): sizeText = fields.second
    case (3, false): (reply, sizeText) = (fields.second, fields.third)
    case (3, true): (headerText, sizeText) = (fields.second, fields.third)
    case (4, true): (reply, headerText, sizeText) = (fields.second, fields.third, fields.fourth)
    default: throw .arguments("\(name) with \(fields.count) arguments")
    }
    guard let size = LineFields.size(sizeText) else { throw .arguments("\(name) with a bad size") }
    var headerSize = 0
    if headers {
      guard let parsed = LineFields.size(headerText), parsed <= size else { throw .arguments("\(name) with a bad header size") }
      headerSize = parsed
    }
    if size > limits.payload { throw .payloadExceeded(size) }
    let length = fields.end + size + 2
    guard bytes.count >= length else { return .incomplete(total: length) }
    guard bytes[length - 2] == 0x0D && bytes[length - 1] == 0x0A else { throw .unknownOperation }
    let op = MessageOp(
      subject: fields.first, reply: reply, sid: .none, sizeText: sizeText, headerSize: headerSize,
      headerSizeText: headerText, hasHeaderVerb: headers,
      body: UnsafeRawBufferPointer(rebasing: bytes[fields.end..<length - 2]), queues: .none)
    return .complete(.message(op), length: length)
  }

  private static func subscribe(_ bytes: UnsafeRawBufferPointer, _ limits: Limits) throws(ProtocolFailure) -> OpStep {
    guard try verb(bytes, "SUB"), let fields = try line(bytes, from: 3, limits) else { return .incomplete(total: 0) }
    switch fields.count {
    case 2: return .complete(.subscribe(subject: fields.first, queue: .none, sid: fields.second), length: fields.end)
    case 3: return .complete(.subscribe(subject: fields.first, queue: fields.second, sid: fields.third), length: fields.end)
    default: throw .arguments("SUB with \(fields.count) arguments")
    }
  }

  private static func unsubscribe(_ bytes: UnsafeRawBufferPointer, _ limits: Limits) throws(ProtocolFailure) -> OpStep {
    guard try verb(bytes, "UNSUB"), let fields = try line(bytes, from: 5, limits) else { return .incomplete(total: 0) }
    guard fields.count == 1 || fields.count == 2 else { throw .arguments("UNSUB with \(fields.count) arguments") }
    return .complete(.unsubscribe(sid: fields.first, maximum: fields.second), length: fields.end)
  }

  private static func json(
    _ bytes: UnsafeRawBufferPointer, _ name: StaticString, needsBlank: Bool = true, _ limits: Limits,
    _ make: (UnsafeRawBufferPointer) -> ProtocolOp
  ) throws(ProtocolFailure) -> OpStep {
    if needsBlank {
      guard try verb(bytes, name) else { return .incomplete(total: 0) }
    } else {
      // nats-server takes these two without a blank too.
      switch VerbMatch.of(bytes, name) {
      case .no: throw .unknownOperation
      case .soFar: return .incomplete(total: 0)
      case .yes: break
      }
    }
    let start = name.utf8CodeUnitCount
    let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
    guard let length = rest.lineFeed else {
      if rest.count > limits.line + 2 { throw .controlLineExceeded }
      return .incomplete(total: 0)
    }
    let argument = UnsafeRawBufferPointer(rebasing: rest[..<length]).trimmed()
    if argument.count > limits.line { throw .controlLineExceeded }
    return .complete(make(argument), length: start + length + 1)
  }
}
