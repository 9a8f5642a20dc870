import Testing
import Wire

@Suite struct LeafOpParserTests {
  static let steps = [1, 2, 3, 7, 10_000]

  private func parse(_ text: String, step: Int, connect: Bool = false) -> (found: [String], failure: ProtocolFailure?) {
    var parser = LeafOpParser()
    parser.expectsConnect = connect
    parser.maxPayload = 1000
    parser.maxControlLine = 100
    let (found, failure) = operations(text, step: step) { try parser.next(in: $0, at: &$1) }
    return (found, failure as? ProtocolFailure)
  }

  static let understood: [(String, [String])] = [
    ("PING\r\nPONG\r\n+OK\r\nping\n", ["PING", "PONG", "+OK", "PING"]),
    ("INFO {\"a\":1} \r\nCONNECT {}\r\n-ERR 'x'\r\n", ["INFO {\"a\":1}", "CONNECT {}", "-ERR 'x'"]),
    ("LS+ foo.>\r\nLS+ foo bar 3\r\nls+\tfoo\r\n", ["SUB foo.> q= ", "SUB foo q=bar 3", "SUB foo q= "]),
    ("LS- foo\r\nLS- foo bar\r\n", ["LS- foo ", "LS- foo bar"]),
    ("SUB foo\r\nRS+ foo bar 3\r\nUNSUB foo\r\nRS- foo bar\r\n", ["SUB foo q= ", "SUB foo q=bar 3", "LS- foo ", "LS- foo bar"]),
    // What clients, routes and gateways say is understood too, as far as it means something here.
    ("PUB foo 2\r\nhi\r\npub foo re 2\r\nhi\r\n", ["MSG s=foo r= sid= h=0 n=2 hi", "MSG s=foo r=re sid= h=0 n=2 hi"]),
    ("HPUB foo re 12 14\r\nNATS/1.0\r\n\r\nhi\r\n", ["MSG s=foo r=re sid= h=12 n=14 NATS/1.0\r\n\r\nhi"]),
    ("RMSG foo re 2\r\nhi\r\n", ["MSG s=foo r=re sid= h=0 n=2 hi"]),
    ("A+ ACC\r\nA- ACC\r\nAu ACC\r\na+ \r\nLS- a b c\r\nLS- \r\n", Array(repeating: "+OK", count: 6)),
    ("LMSG foo 2\r\nhi\r\n", ["MSG s=foo r= sid= h=0 n=2 hi"]), ("LMSG foo re.ply 002\r\nhi\r\n", ["MSG s=foo r=re.ply sid= h=0 n=002 hi"]),
    ("LMSG foo | q1 2\r\nhi\r\n", ["MSG s=foo r= sid= h=0 n=2 hi|q1"]),
    ("LMSG foo | q1 q2 0\r\n\r\n", ["MSG s=foo r= sid= h=0 n=0 |q1 q2"]),
    ("LMSG foo + re.ply q1 q2 2\r\nhi\r\n", ["MSG s=foo r=re.ply sid= h=0 n=2 hi|q1 q2"]),
    ("LMSG foo + re.ply 2\r\nhi\r\n", ["MSG s=foo r=re.ply sid= h=0 n=2 hi"]),
    ("HMSG foo 12 14\r\nNATS/1.0\r\n\r\nhi\r\n", ["MSG s=foo r= sid= h=12 n=14 NATS/1.0\r\n\r\nhi"]),
    ("HMSG foo + re q 12 14\r\nNATS/1.0\r\n\r\nhi\r\n", ["MSG s=foo r=re sid= h=12 n=14 NATS/1.0\r\n\r\nhi|q"]),
    // A hub's events carry the names of accounts as they are. Two words cannot be told from a subject with its reply.
    ("LMSG $SYS.ACCOUNT.my big acc.CONNECT 2\r\nhi\r\n", ["MSG s=$SYS.ACCOUNT.my big acc.CONNECT r= sid= h=0 n=2 hi"]),
  ]

  @Test(arguments: understood) func understands(_ text: String, _ operations: [String]) {
    for step in Self.steps {
      let (found, failure) = parse(text, step: step)
      #expect(found == operations && failure == nil, "in pieces of \(step)")
    }
  }

  static let refused: [(String, ProtocolFailure)] = [
    ("\r\n", .unknownOperation), ("MSG a 1 2\r\n", .unknownOperation), ("SUB a 1\r\n", .arguments("SUB with 2 arguments")),
    ("PUB a\r\n", .arguments("PUB with a bad size")),
    ("PUB a b c 1\r\nx\r\n", .arguments("PUB with too many arguments")), ("HPUB a 3\r\n", .arguments("HPUB with a bad header size")),
    ("A+\r\n", .unknownOperation), ("Ax\r\n", .unknownOperation), ("LXX", .unknownOperation),
    ("LS+foo\r\n", .unknownOperation), ("LS+\r\n", .unknownOperation), ("LS-\r\n", .unknownOperation),
    ("LS+ a b\r\n", .arguments("LS+ with 2 arguments")),
    ("LS+ \r\n", .arguments("LS+ with 0 arguments")),
    ("LMSG a ? q 1\r\nx\r\n", .arguments("LMSG with a bad or missing reply indicator")),
    ("LMSG a ++ r q 1\r\nx\r\n", .arguments("LMSG with a bad or missing reply indicator")),
    ("HMSG a ? q 12 13\r\nNATS/1.0\r\n\r\nx\r\n", .arguments("HMSG with a bad or missing reply indicator")),
    ("LMSG\r\n", .unknownOperation),
    ("LMSG \r\n", .arguments("LMSG with a bad size")),
    ("LMSG 2\r\n", .arguments("LMSG without a subject")), ("LMSG a -1\r\n", .arguments("LMSG with a bad size")),
    ("LMSG a 1001\r\n", .payloadExceeded(1001)), ("LMSG a 2\r\nhixx", .unknownOperation),
    ("HMSG a 3 2\r\n", .arguments("HMSG with a bad header size")),
    ("LS+ " + String(repeating: "a", count: 200) + "\r\n", .controlLineExceeded),
  ]

  @Test(arguments: refused) func refuses(_ text: String, _ failure: ProtocolFailure) {
    for step in Self.steps { #expect(parse(text, step: step).failure == failure, "in pieces of \(step)") }
  }

  @Test(arguments: Self.steps) func onlyConnectMayComeFirst(step: Int) {
    #expect(parse("LS+ a\r\n", step: step, connect: true).failure == .connectRequired)
    #expect(parse("INFO {}\r\nCONNECT {}\r\n", step: step, connect: true).found == ["INFO {}", "CONNECT {}"])
  }
}
