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
    let marked = try ServerURL("nats://u:\u{301}p@h:1")
    #expect(marked.user == "u" && marked.password == "\u{301}p")
  }

  @Test(arguments: ["", "http://h", "nats://", "h:0", "h:99999", "h:x", "[::1"])
  func refuses(_ text: String) { #expect(throws: ServerURL.Malformed.self) { try ServerURL(text) } }
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
