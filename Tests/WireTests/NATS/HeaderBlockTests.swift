import Testing
import Wire

@Suite struct HeaderBlockTests {
  private func read<R>(_ text: String, _ body: (HeaderBlock) -> R) -> R { Array(text.utf8).withUnsafeBytes { body(HeaderBlock($0)) } }

  private func fields(_ text: String) -> [String] {
    read(text) { block in block.fields.map { "\(String(decoding: $0.name, as: UTF8.self))=\($0.text)" } }
  }

  static let blocks: [(String, status: String?, fields: [String])] = [
    ("NATS/1.0\r\nA: 1\r\nB:2\r\n\r\n", "", ["A=1", "B=2"]), ("NATS/1.0 503\r\n\r\n", "503", []),
    ("NATS/1.0 404 No Messages \r\nA: b\r\n\r\n", "404 No Messages", ["A=b"]), ("NATS/1.0\nA: b\nC: d\n\n", "", ["A=b", "C=d"]),
    ("NATS/1.0\r\nA: \t b c \r\nempty:\r\nnone\r\n\r\n", "", ["A=b c ", "empty="]),
    ("NATS/1.0\r\nurl: nats://a:b\r\n\r\n", "", ["url=nats://a:b"]),
    ("NATS/1.0\r\nA: b", "", ["A=b"]), ("HTTP/1.1 200 OK\r\nA: b\r\n\r\n", nil, ["A=b"]), ("NATS/1.0", "", []), ("", nil, []),
    ("NATS/1.0\r\nA: b\r\nA: c\r\na: d\r\n\r\n", "", ["A=b", "A=c", "a=d"]),
  ]

  @Test(arguments: blocks) func reads(_ text: String, _ status: String?, _ expected: [String]) {
    #expect(fields(text) == expected)
    #expect(read(text) { $0.status.map { String(decoding: $0, as: UTF8.self) } } == status)
  }

  @Test func looksUpExactlyOrInEitherCase() {
    let text = "NATS/1.0\r\naccept-encoding: gzip\r\nAccept-Encoding: snappy\r\nAccept-Encoding-X: no\r\n\r\n"
    read(text) { block in
      #expect(block.value(exactly: "Accept-Encoding") == "snappy")
      #expect(block.value(exactly: "ACCEPT-ENCODING") == nil)
      #expect(block.values("ACCEPT-ENCODING") == ["gzip", "snappy"])
    }
  }

  @Test func takesOutWholeLinesOfThatNameOnly() {
    let text = "NATS/1.0\r\nA: 1\r\nAB: 2\r\na: 3\r\nA: 4\r\nno colon\r\n\r\n"
    #expect(read(text) { String(decoding: $0.removing(exactly: "A"), as: UTF8.self) } == "NATS/1.0\r\nAB: 2\r\na: 3\r\nno colon\r\n\r\n")
    #expect(read(text) { String(decoding: $0.removing(exactly: "X"), as: UTF8.self) } == text)
  }
}
