import Wire

/// One operation as text, for comparison.
func describe(_ op: ProtocolOp) -> String {
  func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }
  switch op {
  case .connect(let json): return "CONNECT \(text(json))"
  case .info(let json): return "INFO \(text(json))"
  case .message(let m):
    let groups = m.queues.isEmpty ? "" : "|\(text(m.queues))"
    return "MSG s=\(text(m.subject)) r=\(text(m.reply)) sid=\(text(m.sid)) h=\(m.headerSize) n=\(text(m.sizeText)) \(text(m.body))\(groups)"
  case .subscribe(let subject, let queue, let sid): return "SUB \(text(subject)) q=\(text(queue)) \(text(sid))"
  case .unsubscribe(let sid, let maximum): return "UNSUB \(text(sid)) \(text(maximum))"
  case .withdraw(let subject, let queue): return "LS- \(text(subject)) \(text(queue))"
  case .ping: return "PING"
  case .pong: return "PONG"
  case .ok: return "+OK"
  case .error(let message): return "-ERR \(text(message))"
  }
}

/// Feeds the text in pieces of `step` bytes, each in memory of its own, to `next`; the operations, and what ended them.
func operations(
  _ text: String, step: Int, _ next: (UnsafeRawBufferPointer, inout Int) throws -> ProtocolOp?
) -> (found: [String], failure: (any Error)?) {
  let bytes = Array(text.utf8)
  var found: [String] = []
  do {
    for start in stride(from: 0, to: bytes.count, by: step) {
      try Array(bytes[start..<min(start + step, bytes.count)]).withUnsafeBytes { piece in
        var offset = 0
        while let operation = try next(piece, &offset) { found.append(describe(operation)) }
      }
    }
  } catch {
    return (found, error)
  }
  return (found, nil)
}
