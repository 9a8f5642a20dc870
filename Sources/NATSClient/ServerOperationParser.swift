/// What a server says to a client.
enum ServerOperation {
  case info([UInt8])
  case message(sid: Int, subject: String, reply: String?, headers: NATSHeaders?, payload: [UInt8])
  case ping, pong, ok
  case error(String)
}

/// Bytes that are not the NATS protocol.
struct ProtocolViolation: Error, CustomStringConvertible {
  let description: String
}

/// Cuts the bytes of a server into operations. What is incomplete waits here for the next bytes.
struct ServerOperationParser {
  private struct Head {
    var sid: Int
    var subject: String
    var reply: String?
    var headerLength: Int
    var total: Int
  }

  private var line: [UInt8] = []
  private var head: Head?
  private var body: [UInt8] = []
  private let largestMessage: Int
  /// INFO of a large deployment lists many URLs.
  private static let lineLimit = 1 << 20

  init(largestMessage: Int) { self.largestMessage = largestMessage }

  /// The next complete operation from `bytes`, moving `index` over what was taken; nil when more is needed.
  mutating func next(_ bytes: UnsafeRawBufferPointer, _ index: inout Int) throws -> ServerOperation? {
    while true {
      if let head {
        // The payload is followed by CR LF.
        let needed = head.total + 2
        if body.isEmpty, bytes.count - index >= needed {
          defer { index += needed }
          return try finish(head, UnsafeRawBufferPointer(rebasing: bytes[index..<index + needed]))
        }
        let taken = min(needed - body.count, bytes.count - index)
        if body.isEmpty { body.reserveCapacity(min(needed, 1 << 24)) }
        body.append(contentsOf: bytes[index..<index + taken])
        index += taken
        guard body.count == needed else { return nil }
        let whole = body
        body = []
        return try whole.withUnsafeBytes { pointer in try finish(head, pointer) }
      }
      guard index < bytes.count else { return nil }
      var end = index
      while end < bytes.count, bytes[end] != 0x0A { end += 1 }
      guard end < bytes.count else {
        guard line.count + end - index <= ServerOperationParser.lineLimit else {
          throw ProtocolViolation(description: "a protocol line longer than \(ServerOperationParser.lineLimit) bytes")
        }
        line.append(contentsOf: bytes[index..<end])
        index = end
        return nil
      }
      let operation: ServerOperation?
      if line.isEmpty {
        operation = try read(UnsafeRawBufferPointer(rebasing: bytes[index..<end]))
      } else {
        line.append(contentsOf: bytes[index..<end])
        let whole = line
        line = []
        operation = try whole.withUnsafeBytes { pointer in try read(pointer) }
      }
      index = end + 1
      if let operation { return operation }
    }
  }

  /// Reads one line; nil when it was the head of a message.
  private mutating func read(_ line: UnsafeRawBufferPointer) throws -> ServerOperation? {
    var line = line
    if line.last == 0x0D { line = UnsafeRawBufferPointer(rebasing: line.dropLast()) }
    guard let first = line.first else { throw ProtocolViolation(description: "an empty protocol line") }
    switch first | 0x20 {
    case UInt8(ascii: "m") where starts(line, "MSG "):
      try readHead(line, from: 4, withHeaders: false)
      return nil
    case UInt8(ascii: "h") where starts(line, "HMSG "):
      try readHead(line, from: 5, withHeaders: true)
      return nil
    case UInt8(ascii: "p") where starts(line, "PING"): return .ping
    case UInt8(ascii: "p") where starts(line, "PONG"): return .pong
    case UInt8(ascii: "+") where starts(line, "+OK"): return .ok
    case UInt8(ascii: "-") where starts(line, "-ERR"):
      let text = String(decoding: line.dropFirst(4), as: UTF8.self)
      return .error(text.trimming { $0 == " " || $0 == "'" })
    case UInt8(ascii: "i") where starts(line, "INFO"): return .info(Array(line.dropFirst(4)))
    default:
      let shown = String(decoding: line.prefix(40), as: UTF8.self)
      throw ProtocolViolation(description: "expected a NATS operation, found \"\(shown)\"")
    }
  }

  private func starts(_ line: UnsafeRawBufferPointer, _ word: StaticString) -> Bool {
    guard line.count >= word.utf8CodeUnitCount else { return false }
    for offset in 0..<word.utf8CodeUnitCount {
      let expected = word.utf8Start[offset]
      let found = line[offset]
      if found != expected, !(expected >= 0x41 && expected <= 0x5A && found == expected | 0x20) { return false }
    }
    return true
  }

  /// `<subject> <sid> [reply] [header length] <total length>`
  private mutating func readHead(
    _ line: UnsafeRawBufferPointer, from start: Int, withHeaders: Bool
  ) throws {
    var fields: (Range<Int>, Range<Int>, Range<Int>, Range<Int>, Range<Int>) = (0..<0, 0..<0, 0..<0, 0..<0, 0..<0)
    var count = 0
    var index = start
    while index < line.count {
      while index < line.count, line[index] == 0x20 || line[index] == 0x09 { index += 1 }
      let from = index
      while index < line.count, line[index] != 0x20, line[index] != 0x09 { index += 1 }
      guard index > from else { break }
      switch count {
      case 0: fields.0 = from..<index
      case 1: fields.1 = from..<index
      case 2: fields.2 = from..<index
      case 3: fields.3 = from..<index
      default: fields.4 = from..<index
      }
      count += 1
    }
    func text(_ range: Range<Int>) -> String { String(decoding: UnsafeRawBufferPointer(rebasing: line[range]), as: UTF8.self) }
    func number(_ range: Range<Int>) -> Int? {
      guard !range.isEmpty, range.count <= 18 else { return nil }
      var value = 0
      for index in range {
        let digit = line[index] &- 0x30
        guard digit < 10 else { return nil }
        value = value * 10 + Int(digit)
      }
      return value
    }
    let least = withHeaders ? 4 : 3
    guard count == least || count == least + 1 else { throw ProtocolViolation(description: "a message line with \(count) fields") }
    let hasReply = count == least + 1
    let sizes = withHeaders ? (hasReply ? (fields.3, fields.4) : (fields.2, fields.3)) : (0..<0, hasReply ? fields.3 : fields.2)
    guard let sid = number(fields.1), let total = number(sizes.1),
      let headerLength = withHeaders ? number(sizes.0) : 0, headerLength <= total
    else { throw ProtocolViolation(description: "a message line with unreadable numbers") }
    guard total <= largestMessage else {
      throw ProtocolViolation(description: "a message of \(total) bytes; at most \(largestMessage) are accepted")
    }
    head = Head(
      sid: sid, subject: text(fields.0), reply: hasReply ? text(fields.2) : nil, headerLength: headerLength, total: total)
  }

  private mutating func finish(_ head: Head, _ bytes: UnsafeRawBufferPointer) throws -> ServerOperation {
    self.head = nil
    guard bytes[head.total] == 0x0D, bytes[head.total + 1] == 0x0A else {
      throw ProtocolViolation(description: "a message that does not end where its length says")
    }
    let headers =
      head.headerLength > 0 ? NATSHeaders(UnsafeRawBufferPointer(rebasing: bytes[0..<head.headerLength])) : nil
    return .message(
      sid: head.sid, subject: head.subject, reply: head.reply, headers: headers,
      payload: Array(bytes[head.headerLength..<head.total]))
  }
}

extension String {
  func trimming(_ unwanted: (Character) -> Bool) -> String {
    String(String(drop(while: unwanted).reversed()).drop(while: unwanted).reversed())
  }
}
