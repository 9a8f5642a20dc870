import Testing
import Wire

@Suite struct ServerOpParserTests {
  static let steps = [1, 2, 3, 7, 10_000]

  private func parse(_ text: String, step: Int) -> (found: [String], failure: ProtocolViolation?) {
    var parser = ServerOpParser()
    parser.maxPayload = 1_000_000
    let (found, failure) = operations(text, step: step) { try parser.next(in: $0, at: &$1) }
    return (found, failure as? ProtocolViolation)
  }

  static let wire = """
    INFO {"server_id":"NA"} \r
    PING\r
    +OK\r
    MSG a.b 7 5\r
    hello\r
    MSG a 1  2\r
    hi\r
    HMSG inbox 1 reply.to 16 18\r
    NATS/1.0 503\r
    \r
    hi\r
    -ERR 'Permissions Violation for Publish to "x"'\r
    -ERR  ''Some Text'\r
    PONG\r

    """

  static let expected = [
    "INFO {\"server_id\":\"NA\"}", "PING", "+OK", "MSG s=a.b r= sid=7 h=0 n=5 hello", "MSG s=a r= sid=1 h=0 n=2 hi",
    "MSG s=inbox r=reply.to sid=1 h=16 n=18 NATS/1.0 503\r\n\r\nhi", "-ERR Permissions Violation for Publish to \"x\"",
    "-ERR Some Text", "PONG",
  ]

  @Test func cutAtEveryPlace() {
    let text = Self.wire
    for step in 1...text.utf8.count { #expect(parse(text, step: step).found == Self.expected, "in pieces of \(step)") }
  }

  /// The subject is what stands before the known end of the line.
  static let subjectsWithBlanks: [(String, String)] = [
    ("MSG $SYS.ACCOUNT.my acc.CONNECT 4 2\r\nhi\r\n", "s=$SYS.ACCOUNT.my acc.CONNECT r= sid=4 h=0 n=2 hi"),
    ("MSG $SYS.ACCOUNT.my  acc.CONNECT 4 2\r\nhi\r\n", "s=$SYS.ACCOUNT.my  acc.CONNECT r= sid=4 h=0 n=2 hi"),
    ("MSG $SYS.ACCOUNT.my\tacc.CONNECT 4 2\r\nhi\r\n", "s=$SYS.ACCOUNT.my\tacc.CONNECT r= sid=4 h=0 n=2 hi"),
    ("MSG $SYS.ACCOUNT.my very own acc.CONNECT 4 2\r\nhi\r\n", "s=$SYS.ACCOUNT.my very own acc.CONNECT r= sid=4 h=0 n=2 hi"),
    ("MSG $SYS.ACCOUNT.my acc.CONNECT 4 re.ply 2\r\nhi\r\n", "s=$SYS.ACCOUNT.my acc.CONNECT r=re.ply sid=4 h=0 n=2 hi"),
    ("MSG $SYS.ACCOUNT. acc.CONNECT 4 2\r\nhi\r\n", "s=$SYS.ACCOUNT. acc.CONNECT r= sid=4 h=0 n=2 hi"),
    ("MSG $SYS.ACCOUNT.7 8 9.CONNECT 4 2\r\nhi\r\n", "s=$SYS.ACCOUNT.7 8 9.CONNECT r= sid=4 h=0 n=2 hi"),
    ("MSG $SYS.ACCOUNT.my acc.CONNECT 4 5 2\r\nhi\r\n", "s=$SYS.ACCOUNT.my acc.CONNECT r=5 sid=4 h=0 n=2 hi"),
    ("MSG\t$SYS.ACCOUNT.my acc.CONNECT\t4\t2\r\nhi\r\n", "s=$SYS.ACCOUNT.my acc.CONNECT r= sid=4 h=0 n=2 hi"),
    (
      "HMSG $SYS.ACCOUNT.my acc.CONNECT 4 12 14\r\nNATS/1.0\r\n\r\nhi\r\n",
      "s=$SYS.ACCOUNT.my acc.CONNECT r= sid=4 h=12 n=14 NATS/1.0\r\n\r\nhi"
    ),
    (
      "HMSG $SYS.ACCOUNT.my acc.CONNECT 4 re 12 14\r\nNATS/1.0\r\n\r\nhi\r\n",
      "s=$SYS.ACCOUNT.my acc.CONNECT r=re sid=4 h=12 n=14 NATS/1.0\r\n\r\nhi"
    ),
    // Without blanks nothing changes: a reply may be a number, and so may a subject.
    ("MSG a 5 4 2\r\nhi\r\n", "s=a r=4 sid=5 h=0 n=2 hi"), ("MSG 5 4 2\r\nhi\r\n", "s=5 r= sid=4 h=0 n=2 hi"),
  ]

  @Test(arguments: subjectsWithBlanks) func readsTheEndOfTheLine(_ text: String, _ message: String) {
    for step in Self.steps {
      let (found, failure) = parse(text + "PING\r\n", step: step)
      #expect(found == ["MSG " + message, "PING"] && failure == nil, "in pieces of \(step)")
    }
  }

  static let refused: [(String, ProtocolFailure)] = [
    ("HTTP/1.1 400 Bad Request\r\n", .unknownOperation), ("\r\n", .unknownOperation), ("MSGa 1 2\r\n", .unknownOperation),
    ("MSG a\r\n", .arguments("MSG with a bad size")), ("MSG 2\r\n", .arguments("MSG without the number of a subscription")),
    ("MSG 1 2\r\n", .arguments("MSG without a subject")), ("MSG a x 5\r\n", .arguments("MSG without the number of a subscription")),
    ("MSG a 1 -5\r\n", .arguments("MSG with a bad size")), ("MSG a 1 99999999999999999999\r\n", .arguments("MSG with a bad size")),
    ("HMSG a 1 20 10\r\n", .arguments("HMSG with a bad header size")), ("MSG a 1 2000000\r\n", .payloadExceeded(2_000_000)),
    ("MSG a 1 2\r\nhixx", .arguments("a message that does not end where its length says")),
  ]

  @Test(arguments: refused) func refuses(_ text: String, _ failure: ProtocolFailure) {
    for step in Self.steps { #expect(parse(text, step: step).failure?.failure == failure, "in pieces of \(step)") }
  }

  @Test func showsWhatIsNotNATS() {
    let answer = "HTTP/1.1 400 Bad Request: this is a web server\r\nContent-Length: 0\r\n\r\n"
    #expect(
      parse(answer, step: 1000).failure?.description == "expected a NATS operation, found \"HTTP/1.1 400 Bad Request: this is a web \"")
    #expect(parse("SSH-2.0-x\r\n", step: 1000).failure?.description == "expected a NATS operation, found \"SSH-2.0-x\"")
    #expect(parse("PING\r\nMSG a x 5\r\n", step: 4).failure?.found == "MSG a x 5")
  }

  @Test func aLineHasALimit() {
    var parser = ServerOpParser()
    parser.maxLine = 100
    let text = "INFO " + String(repeating: "x", count: 200)
    let (found, failure) = operations(text, step: 50) { try parser.next(in: $0, at: &$1) }
    #expect(found.isEmpty && (failure as? ProtocolViolation)?.failure == .controlLineExceeded)
    #expect(parser.pendingBytes <= 150)
  }
}
