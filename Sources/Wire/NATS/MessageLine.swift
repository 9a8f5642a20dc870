/// What the readers of server and leaf operations share: lines with one argument, and messages, whose line is read from its
/// end. Only the end is sure: a subject may hold blanks, since servers put the names of accounts into it as they are
/// (`MSG $SYS.ACCOUNT.my acc.CONNECT 4 512`).
enum MessageLine {
  /// Bounds of one reader.
  struct Limits {
    /// Longest argument part of a control line, in bytes.
    var line: Int
    /// Largest header block and payload together, in bytes.
    var payload: Int
  }

  /// An operation that is a verb with the rest of its line.
  static func line(
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

  /// The arguments of a line, with the place behind its end; nil while that has not come.
  static func arguments(
    _ bytes: UnsafeRawBufferPointer, _ verb: StaticString, _ limits: Limits
  ) throws(ProtocolFailure) -> (text: UnsafeRawBufferPointer, end: Int)? {
    switch VerbMatch.of(bytes, verb) {
    case .no: throw .unknownOperation
    case .soFar: return nil
    case .yes: break
    }
    let length = verb.utf8CodeUnitCount
    let rest = UnsafeRawBufferPointer(rebasing: bytes[length...])
    if let first = rest.first, first != 0x20, first != 0x09 { throw .unknownOperation }
    guard let lineFeed = rest.lineFeed else {
      if rest.count > limits.line { throw .controlLineExceeded }
      return nil
    }
    if lineFeed > limits.line { throw .controlLineExceeded }
    return (UnsafeRawBufferPointer(rebasing: rest[..<lineFeed]).trimmed(), length + lineFeed + 1)
  }

  /// A message whose sizes stand at the end of its line. `addresses` puts into the operation what stands before them.
  static func message(
    _ bytes: UnsafeRawBufferPointer, _ verb: StaticString, headers: Bool, _ limits: Limits, wrongEnd: ProtocolFailure,
    addresses: (_ names: inout LastFields, _ op: inout MessageOp) throws(ProtocolFailure) -> Void
  ) throws(ProtocolFailure) -> OpStep {
    guard let (text, start) = try arguments(bytes, verb, limits) else { return .incomplete(total: 0) }
    var fields = LastFields(text)
    var op = MessageOp()
    op.sizeText = fields.removeLast()
    guard let size = LineFields.size(op.sizeText) else { throw .arguments("\(verb) with a bad size") }
    op.hasHeaderVerb = headers
    if headers {
      op.headerSizeText = fields.removeLast()
      guard let headerSize = LineFields.size(op.headerSizeText), headerSize <= size else {
        throw .arguments("\(verb) with a bad header size")
      }
      op.headerSize = headerSize
    }
    try addresses(&fields, &op)
    guard !op.subject.isEmpty else { throw .arguments("\(verb) without a subject") }
    if size > limits.payload { throw .payloadExceeded(size) }
    let length = start + size + 2
    guard bytes.count >= length else { return .incomplete(total: length) }
    guard bytes[length - 2] == 0x0D && bytes[length - 1] == 0x0A else { throw wrongEnd }
    op.body = UnsafeRawBufferPointer(rebasing: bytes[start..<length - 2])
    return .complete(.message(op), length: length)
  }
}

/// The blank-separated fields of a line, taken off its end.
struct LastFields {
  /// What is left, without blanks around it.
  private(set) var rest: UnsafeRawBufferPointer

  /// - Parameter text: without blanks around it.
  init(_ text: UnsafeRawBufferPointer) { rest = text }

  /// The last field, which stays.
  var last: UnsafeRawBufferPointer {
    var start = rest.count
    while start > 0, rest[start - 1] != 0x20, rest[start - 1] != 0x09 { start -= 1 }
    return UnsafeRawBufferPointer(rebasing: rest[start...])
  }

  /// Takes the last field off; empty where none is left.
  mutating func removeLast() -> UnsafeRawBufferPointer {
    let field = last
    rest = UnsafeRawBufferPointer(rebasing: rest[..<(rest.count - field.count)]).trimmed()
    return field
  }
}
