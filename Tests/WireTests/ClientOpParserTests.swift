import Testing

@testable import Wire

private struct Outcome: Equatable {
  var ops: [String] = []
  var failure: ProtocolFailure?
}

/// Feeds the text in pieces of `step` bytes, each in memory of its own.
private func parse(
  _ text: String, step: Int, headers: Bool = true, connect: Bool = false, short: Bool = false
) -> Outcome {
  var parser = ClientOpParser()
  parser.headers = headers
  parser.expectsConnect = connect
  parser.maxPayload = 1000
  parser.maxControlLine = 64
  var outcome = Outcome()
  let bytes = Array(text.utf8)
  var start = 0
  while start < bytes.count {
    let piece = Array(bytes[start..<min(start + step, bytes.count)])
    start += step
    piece.withUnsafeBytes { raw in
      var offset = 0
      do throws(ProtocolFailure) {
        while true {
          if short && parser.takeMessage(in: raw, at: &offset) {
            outcome.ops.append(describe(.message(parser.message)))
            continue
          }
          guard let op = try parser.next(in: raw, at: &offset) else { break }
          outcome.ops.append(describe(op))
        }
      } catch {
        outcome.failure = error
      }
    }
    if outcome.failure != nil { break }
  }
  return outcome
}

@Suite struct ClientOpParserTests {
  static let good: [(String, [String])] = [
    ("PING\r\n", ["PING"]),
    ("ping\n", ["PING"]),
    ("PING anything\r\nPONG\r\n", ["PING", "PONG"]),
    ("PUB foo 5\r\nhello\r\n", ["MSG s=foo r= sid= h=0 n=5 hello"]),
    ("pub\tfoo  bar   005 \nhello\r\n", ["MSG s=foo r=bar sid= h=0 n=005 hello"]),
    ("PUB foo 0\r\n\r\n", ["MSG s=foo r= sid= h=0 n=0 "]),
    ("HPUB a 12 14\r\nNATS/1.0\r\n\r\nhi\r\n", ["MSG s=a r= sid= h=12 n=14 NATS/1.0\r\n\r\nhi"]),
    ("HPUB a b 0 2\r\nhi\r\n", ["MSG s=a r=b sid= h=0 n=2 hi"]),
    ("SUB foo 1\r\nSUB foo q 2\r\n", ["SUB foo q= 1", "SUB foo q=q 2"]),
    ("UNSUB 1\r\nUNSUB 1 5\r\n", ["UNSUB 1 ", "UNSUB 1 5"]),
    ("CONNECT {\"a\":1}\r\n", ["CONNECT {\"a\":1}"]),
    ("INFO {}\r\n+OK\r\n-ERR 'x'\r\n", ["INFO {}", "+OK", "-ERR 'x'"]),
    ("PUB a\rb 1\r\n\n\r\n", ["MSG s=a\rb r= sid= h=0 n=1 \n"]),
  ]

  @Test(arguments: good) func understands(_ text: String, _ ops: [String]) {
    for step in [1, 2, 3, 7, 10_000] {
      #expect(parse(text, step: step) == Outcome(ops: ops), "in pieces of \(step)")
      #expect(parse(text, step: step, short: true) == Outcome(ops: ops), "in pieces of \(step), the short way")
    }
  }

  static let bad: [(String, ProtocolFailure)] = [
    ("\r\n", .unknownOperation), ("X", .unknownOperation), ("PUX", .unknownOperation), ("PIX", .unknownOperation),
    ("MSG a 1 2\r\n", .unknownOperation), ("LS+ a\r\n", .unknownOperation), ("PUBfoo 1\r\n", .unknownOperation),
    ("PUB foo\r\n", .arguments("PUB with 1 arguments")), ("PUB a b c 1\r\n", .arguments("PUB with 4 arguments")),
    ("PUB a -1\r\n", .arguments("PUB with a bad size")), ("PUB a 1234567890\r\n", .arguments("PUB with a bad size")),
    ("PUB a 1001\r\n", .payloadExceeded(1001)), ("PUB a 2\r\nhixx", .unknownOperation),
    ("HPUB a 3 2\r\nhi\r\n", .arguments("HPUB with a bad header size")), ("SUB a\r\n", .arguments("SUB with 1 arguments")),
    ("SUB \(String(repeating: "a", count: 63)) 1\r\n", .controlLineExceeded),
    ("CONNECT {\(String(repeating: " ", count: 80))}\r\n", .controlLineExceeded),
    ("PUB \(String(repeating: "a", count: 200))", .controlLineExceeded),
  ]

  @Test(arguments: bad) func refuses(_ text: String, _ failure: ProtocolFailure) {
    for step in [1, 3, 10_000] {
      #expect(parse(text, step: step) == Outcome(ops: [], failure: failure), "in pieces of \(step)")
      #expect(parse(text, step: step, short: true) == Outcome(ops: [], failure: failure), "in pieces of \(step), the short way")
    }
  }

  @Test func anArgumentOfExactlyTheLimitPasses() {
    let subject = String(repeating: "a", count: 62)
    #expect(parse("SUB \(subject) 1\r\n", step: 5).ops == ["SUB \(subject) q= 1"])
  }

  @Test func headersCanBeOff() {
    #expect(parse("HPUB a 12 12\r\n", step: 50, headers: false).failure == .headersNotSupported)
  }

  @Test func connectMayBeRequired() {
    #expect(parse("P", step: 1, connect: true).failure == .connectRequired)
    #expect(parse("CONNECT {}\r\n", step: 4, connect: true).ops == ["CONNECT {}"])
  }
}
