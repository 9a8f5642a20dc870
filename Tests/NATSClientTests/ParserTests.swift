import Testing

@testable import NATSClient

@Suite struct ServerURLTests {
  @Test(arguments: [
    ("nats://127.0.0.1:4223", "127.0.0.1", 4223, false), ("localhost", "localhost", 4222, false), ("tls://h:1", "h", 1, true),
    ("nats://[::1]:5000", "::1", 5000, false), ("h:99", "h", 99, false),
  ])
  func reads(_ text: String, _ host: String, _ port: UInt16, _ tls: Bool) throws {
    let url = try ServerURL(text)
    #expect(url.host == host && url.port == port && url.tls == tls)
  }

  @Test func credentialsAreDecodedAndNotShown() throws {
    let url = try ServerURL("nats://us%40er:p%3Aw@h:1")
    #expect(url.user == "us@er" && url.password == "p:w")
    #expect(url.description == "nats://h:1")
  }

  @Test(arguments: ["", "http://h", "nats://", "h:0", "h:99999", "h:x", "[::1"])
  func refuses(_ text: String) { #expect(throws: ServerURL.Malformed.self) { try ServerURL(text) } }
}

@Suite struct OperationParserTests {
  private static let wire = """
    INFO {"server_id":"NA","max_payload":1048576}\r
    PING\r
    +OK\r
    MSG a.b 7 5\r
    hello\r
    HMSG inbox 1 reply.to 16 18\r
    NATS/1.0 503\r
    \r
    hi\r
    -ERR 'Permissions Violation for Publish to "x"'\r
    PONG\r

    """

  private func describe(_ operation: ServerOperation) -> String {
    switch operation {
    case .info(let bytes): "info \(bytes.count)"
    case .ping: "ping"
    case .pong: "pong"
    case .ok: "ok"
    case .error(let text): "error \(text)"
    case .message(let sid, let subject, let reply, let headers, let payload):
      "\(sid) \(subject) \(reply ?? "-") \(headers?.status ?? 0) \(String(decoding: payload, as: UTF8.self))"
    }
  }

  private func parse(_ pieces: [ArraySlice<UInt8>], largest: Int = 1 << 20) throws -> [String] {
    var parser = ServerOperationParser(largestMessage: largest)
    var found: [String] = []
    for piece in pieces {
      try Array(piece).withUnsafeBytes { bytes in
        var index = 0
        while let operation = try parser.next(bytes, &index) { found.append(describe(operation)) }
      }
    }
    return found
  }

  private static let expected = [
    "info 41", "ping", "ok", "7 a.b - 0 hello", "1 inbox reply.to 503 hi", "error Permissions Violation for Publish to \"x\"", "pong",
  ]

  @Test func whole() throws { #expect(try parse([Array(Self.wire.utf8)[...]]) == Self.expected) }

  @Test func cutAtEveryPlace() throws {
    let bytes = Array(Self.wire.utf8)
    for cut in 0...bytes.count { #expect(try parse([bytes[..<cut], bytes[cut...]]) == Self.expected) }
  }

  @Test func byteByByte() throws {
    let bytes = Array(Self.wire.utf8)
    #expect(try parse(bytes.indices.map { bytes[$0...$0] }) == Self.expected)
  }

  @Test(arguments: [
    "HTTP/1.1 400 Bad Request\r\n", "MSG a\r\n", "MSG a x 5\r\n", "MSG a 1 -5\r\n", "MSG a 1 99999999999999999999\r\n", "\r\n",
    "HMSG a 1 20 10\r\n", "MSG a 1 2\r\nhixx", "MSG a 1 2000000\r\n",
  ])
  func refuses(_ text: String) { #expect(throws: ProtocolViolation.self) { try parse([Array(text.utf8)[...]]) } }
}

@Suite struct HeaderTests {
  @Test func fieldsAndStatus() throws {
    let text = "NATS/1.0 503 No Responders\r\nNats-Subject: a.b\r\nEmpty:\r\n\r\n"
    let headers = try #require(Array(text.utf8).withUnsafeBytes { NATSHeaders($0) })
    #expect(headers.status == 503 && headers.statusText == "No Responders")
    #expect(headers["nats-subject"] == "a.b" && headers["Empty"]?.isEmpty == true)
  }

  @Test func writtenAndReadAgain() throws {
    let headers = NATSHeaders([("Accept-Encoding", "snappy"), ("X", "1")])
    #expect(headers.encoded.withUnsafeBytes { NATSHeaders($0) } == headers)
  }
}
