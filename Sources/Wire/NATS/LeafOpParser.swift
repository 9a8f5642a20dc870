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
    let limits = MessageLine.Limits(line: maxControlLine, payload: maxPayload)
    let connect = expectsConnect
    return try reader.next(in: bytes, at: &offset, lineLimit: maxControlLine) { bytes throws(ProtocolFailure) in
      try Self.scan(bytes, limits, connect)
    }
  }

  private static func scan(
    _ bytes: UnsafeRawBufferPointer, _ limits: MessageLine.Limits, _ expectsConnect: Bool
  ) throws(ProtocolFailure) -> OpStep {
    let first = bytes[0] & 0xDF
    // An INFO may come first: it would negotiate compression, which is never offered.
    if expectsConnect && first != UInt8(ascii: "C") && first != UInt8(ascii: "I") { throw .connectRequired }
    switch first {
    case UInt8(ascii: "L"):
      guard bytes.count > 1 else { return .incomplete(total: 0) }
      if bytes[1] & 0xDF == UInt8(ascii: "M") { return try message(bytes, "LMSG", headers: false, limits) }
      guard bytes.count > 2 else { return .incomplete(total: 0) }
      return bytes[2] == UInt8(ascii: "+") ? try interest(bytes, "LS+", limits) : try withdrawal(bytes, "LS-", limits)
    // nats-server takes the verbs of clients and of routes for its own here, with the arguments that it knows.
    case UInt8(ascii: "S"): return try interest(bytes, "SUB", limits)
    case UInt8(ascii: "U"): return try withdrawal(bytes, "UNSUB", limits)
    case UInt8(ascii: "R"):
      guard bytes.count > 1 else { return .incomplete(total: 0) }
      if bytes[1] & 0xDF == UInt8(ascii: "M") { return try message(bytes, "RMSG", headers: false, limits) }
      guard bytes.count > 2 else { return .incomplete(total: 0) }
      return bytes[2] == UInt8(ascii: "+") ? try interest(bytes, "RS+", limits) : try withdrawal(bytes, "RS-", limits)
    case UInt8(ascii: "H"):
      guard bytes.count > 1 else { return .incomplete(total: 0) }
      if bytes[1] & 0xDF == UInt8(ascii: "P") { return try publication(bytes, "HPUB", headers: true, limits) }
      return try message(bytes, "HMSG", headers: true, limits)
    case UInt8(ascii: "P"):
      guard bytes.count > 1 else { return .incomplete(total: 0) }
      switch bytes[1] & 0xDF {
      case UInt8(ascii: "I"): return try MessageLine.line(bytes, "PING") { _ in .ping }
      case UInt8(ascii: "U"): return try publication(bytes, "PUB", headers: false, limits)
      default: return try MessageLine.line(bytes, "PONG") { _ in .pong }
      }
    case UInt8(ascii: "A"): return try account(bytes, limits)
    case UInt8(ascii: "C"): return try MessageLine.line(bytes, "CONNECT") { .connect(json: $0) }
    case UInt8(ascii: "I"): return try MessageLine.line(bytes, "INFO") { .info(json: $0) }
    default: break
    }
    if bytes[0] == UInt8(ascii: "+") { return try MessageLine.line(bytes, "+OK") { _ in .ok } }
    if bytes[0] == UInt8(ascii: "-") { return try MessageLine.line(bytes, "-ERR") { .error($0) } }
    throw .unknownOperation
  }

  /// `subject`, or with a queue group `subject group weight`.
  private static func interest(
    _ bytes: UnsafeRawBufferPointer, _ verb: StaticString, _ limits: MessageLine.Limits
  ) throws(ProtocolFailure) -> OpStep {
    guard let (fields, length) = try fields(bytes, verb, limits) else { return .incomplete(total: 0) }
    switch fields.count {
    case 1: return .complete(.subscribe(subject: fields[0], queue: .none, sid: .none), length: length)
    case 3: return .complete(.subscribe(subject: fields[0], queue: fields[1], sid: fields[2]), length: length)
    default: throw .arguments("\(verb) with \(fields.count) arguments")
    }
  }

  /// A gateway's word of an account's interest, which says nothing here.
  private static func account(_ bytes: UnsafeRawBufferPointer, _ limits: MessageLine.Limits) throws(ProtocolFailure) -> OpStep {
    guard bytes.count > 1 else { return .incomplete(total: 0) }
    let verb: StaticString = bytes[1] == UInt8(ascii: "+") ? "A+" : bytes[1] == UInt8(ascii: "u") ? "AU" : "A-"
    guard let (_, length) = try arguments(bytes, verb, limits) else { return .incomplete(total: 0) }
    return .complete(.ok, length: length)
  }

  /// `subject`, with a queue group its name. What says more names nothing that there could be.
  private static func withdrawal(
    _ bytes: UnsafeRawBufferPointer, _ verb: StaticString, _ limits: MessageLine.Limits
  ) throws(ProtocolFailure) -> OpStep {
    guard let (fields, length) = try fields(bytes, verb, limits) else { return .incomplete(total: 0) }
    switch fields.count {
    case 1: return .complete(.withdraw(subject: fields[0], queue: .none), length: length)
    case 2: return .complete(.withdraw(subject: fields[0], queue: fields[1]), length: length)
    default: return .complete(.ok, length: length)
    }
  }

  /// A verb needs something behind it, were it a blank.
  private static func arguments(
    _ bytes: UnsafeRawBufferPointer, _ verb: StaticString, _ limits: MessageLine.Limits
  ) throws(ProtocolFailure) -> (text: UnsafeRawBufferPointer, length: Int)? {
    guard let (text, length) = try MessageLine.arguments(bytes, verb, limits) else { return nil }
    let next = bytes[verb.utf8CodeUnitCount]
    if text.isEmpty, next != 0x20, next != 0x09 { throw .unknownOperation }
    return (text, length)
  }

  private static func fields(
    _ bytes: UnsafeRawBufferPointer, _ verb: StaticString, _ limits: MessageLine.Limits
  ) throws(ProtocolFailure) -> (fields: [UnsafeRawBufferPointer], length: Int)? {
    guard let (text, length) = try arguments(bytes, verb, limits) else { return nil }
    return (text.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 }).map { UnsafeRawBufferPointer(rebasing: $0) }, length)
  }

  /// `subject [reply] sizes`, or with queue groups `subject | groups sizes` and `subject + reply groups sizes`.
  private static func message(
    _ bytes: UnsafeRawBufferPointer, _ verb: StaticString, headers: Bool, _ limits: MessageLine.Limits
  ) throws(ProtocolFailure) -> OpStep {
    try MessageLine.message(bytes, verb, headers: headers, limits, wrongEnd: .unknownOperation) { names, op throws(ProtocolFailure) in
      let text = names.rest
      var first = FirstFields(text)
      op.subject = first.removeFirst()
      let second = first.removeFirst()
      if second.isEmpty { return }
      let isMark = second.count == 1 && (second[0] == UInt8(ascii: "+") || second[0] == UInt8(ascii: "|"))
      if first.rest.isEmpty {
        op.reply = second
      } else if isMark {
        if second[0] == UInt8(ascii: "+") { op.reply = first.removeFirst() }
        op.queues = first.rest
      } else if text.starts(with: accountEvents) {
        // A hub puts the names of accounts into the subjects of its events as they are, blanks and all.
        op.subject = text
      } else {
        throw .arguments("\(verb) with a bad or missing reply indicator")
      }
    }
  }

  private static let accountEvents = Array("$SYS.ACCOUNT.".utf8)

  /// A client's `subject [reply] sizes`, which knows no groups.
  private static func publication(
    _ bytes: UnsafeRawBufferPointer, _ verb: StaticString, headers: Bool, _ limits: MessageLine.Limits
  ) throws(ProtocolFailure) -> OpStep {
    try MessageLine.message(bytes, verb, headers: headers, limits, wrongEnd: .unknownOperation) { names, op throws(ProtocolFailure) in
      var first = FirstFields(names.rest)
      op.subject = first.removeFirst()
      op.reply = first.removeFirst()
      if !first.rest.isEmpty { throw .arguments("\(verb) with too many arguments") }
    }
  }
}

/// The blank-separated fields of a line, taken off its front.
private struct FirstFields {
  /// What is left, without blanks around it.
  private(set) var rest: UnsafeRawBufferPointer

  init(_ text: UnsafeRawBufferPointer) { rest = text }

  /// Takes the first field off; empty where none is left.
  mutating func removeFirst() -> UnsafeRawBufferPointer {
    let end = rest.firstIndex { $0 == 0x20 || $0 == 0x09 } ?? rest.count
    let field = UnsafeRawBufferPointer(rebasing: rest[..<end])
    rest = UnsafeRawBufferPointer(rebasing: rest[end...]).trimmed()
    return field
  }
}
