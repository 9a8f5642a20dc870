import Wire

extension FuzzTarget {
  /// What a client sends: the pieces in which it arrives make no difference.
  public static let clientProtocol = FuzzTarget(name: "client-protocol") { input in
    // Small limits, so that short inputs reach them.
    func run(_ size: Int) -> [String] {
      var parser = ClientOpParser()
      parser.maxControlLine = 64
      parser.maxPayload = 128
      return operations(input, size) { try parser.next(in: $0, at: &$1) }
    }
    return compare(run, input, lineLimit: 64)
  }

  /// What a server sends, read as every client of this package reads it.
  public static let serverProtocol = FuzzTarget(name: "server-protocol") { input in
    func run(_ size: Int) -> [String] {
      var parser = ServerOpParser()
      parser.maxLine = 256
      parser.maxPayload = 128
      return operations(input, size) { try parser.next(in: $0, at: &$1) }
    }
    return compare(run, input, lineLimit: 256)
  }

  /// What a leaf node sends to its hub.
  public static let leafProtocol = FuzzTarget(name: "leaf-protocol") { input in
    func run(_ size: Int) -> [String] {
      var parser = LeafOpParser()
      parser.expectsConnect = false
      parser.maxControlLine = 64
      parser.maxPayload = 128
      return operations(input, size) { try parser.next(in: $0, at: &$1) }
    }
    return compare(run, input, lineLimit: 64)
  }

  private static func compare(_ run: (Int) -> [String], _ input: [UInt8], lineLimit: Int) -> String? {
    let whole = run(.max)
    // A line that comes whole need not be waited for, and may exceed what would be kept of one: then pieces may fail earlier.
    let mayFailEarlier = input.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).contains { $0.count > lineLimit }
    for size in [1, 2, 3, 7] {
      let pieces = run(size)
      if pieces == whole { continue }
      if mayFailEarlier, pieces.last == "failed", whole.starts(with: pieces.dropLast()) { continue }
      return "in pieces of \(size): \(pieces), whole: \(whole)"
    }
    return nil
  }

  /// The operations in an input that arrives in pieces, as text; the failure that ended it, if any, last.
  private static func operations(
    _ input: [UInt8], _ size: Int, _ next: (UnsafeRawBufferPointer, inout Int) throws -> ProtocolOp?
  ) -> [String] {
    var found: [String] = []
    var start = 0
    do {
      while start < input.count {
        let end = size >= input.count - start ? input.count : start + size
        // A copy of its own for each piece: reading beyond it is then seen by the address sanitizer.
        let piece = Array(input[start..<end])
        try piece.withUnsafeBytes { bytes in
          var offset = 0
          while let operation = try next(bytes, &offset) { found.append(describe(operation)) }
        }
        start = end
      }
    } catch {
      // Which fault is seen first may depend on the pieces, that there is one may not.
      found.append("failed")
    }
    return found
  }

  private static func describe(_ operation: ProtocolOp) -> String {
    func text(_ bytes: UnsafeRawBufferPointer) -> String { "\(Array(bytes))" }
    switch operation {
    case .connect(let json): return "connect \(text(json))"
    case .info(let json): return "info \(text(json))"
    case .message(let message):
      return "message \(text(message.subject)) \(text(message.reply)) \(text(message.sid)) \(text(message.sizeText)) "
        + "\(text(message.header)) \(text(message.payload)) \(message.hasHeaderVerb) \(text(message.queues))"
    case .subscribe(let subject, let queue, let sid): return "sub \(text(subject)) \(text(queue)) \(text(sid))"
    case .unsubscribe(let sid, let maximum): return "unsub \(text(sid)) \(text(maximum))"
    case .withdraw(let subject, let queue): return "withdraw \(text(subject)) \(text(queue))"
    case .ping: return "ping"
    case .pong: return "pong"
    case .ok: return "ok"
    case .error(let bytes): return "error \(text(bytes))"
    }
  }
}
