import Foundation
import Testing
import Wire

@Suite struct Base64Tests {
  private func agrees(_ bytes: [UInt8]) -> Bool {
    let standard = Base64.encode(bytes)
    let url = Base64.encode(bytes, .url)
    return standard == Data(bytes).base64EncodedString() && Base64.decode(standard) == bytes && Base64.decode(url, .url) == bytes
      && Base64.decode(url, .url, .padding) == bytes && Base64.decode(standard, .standard, [.padding, .lineEnds]) == bytes
  }

  @Test func everyLengthAndEveryByte() {
    for length in 0..<70 { #expect(agrees((0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length) }), "\(length)") }
    #expect(agrees(Array(0...255)))
  }

  /// The text, and what each way of reading makes of it: strict, padding optional, line ends passed over.
  static let readings: [(String, Base64.Alphabet, [[UInt8]?])] = [
    ("AAA=", .standard, [[0, 0], [0, 0], [0, 0]]), ("AAA", .standard, [nil, [0, 0], nil]), ("AA==", .standard, [[0], [0], [0]]),
    ("AA=", .standard, [nil, nil, nil]), ("AAAA=", .standard, [nil, nil, nil]), ("AAAA====", .standard, [nil, nil, nil]),
    ("=AAA", .standard, [nil, nil, nil]), ("A", .standard, [nil, nil, nil]), ("==", .standard, [nil, nil, nil]),
    ("AA-A", .standard, [nil, nil, nil]), ("AA+/", .standard, [[0, 15, 191], [0, 15, 191], [0, 15, 191]]),
    ("AAAA\r\n", .standard, [nil, nil, [0, 0, 0]]), ("A\nAA=\n", .standard, [nil, nil, [0, 0]]),
    ("AAA", .url, [[0, 0], [0, 0], [0, 0]]), ("AAA=", .url, [nil, [0, 0], nil]), ("AA+A", .url, [nil, nil, nil]),
    ("AA-_", .url, [[0, 15, 191], [0, 15, 191], [0, 15, 191]]), ("AAAA\r\n", .url, [nil, nil, [0, 0, 0]]), ("A A", .url, [nil, nil, nil]),
    ("", .url, [[], [], []]), ("!!!", .url, [nil, nil, nil]), ("ÄÄ", .standard, [nil, nil, nil]),
  ]

  @Test(arguments: readings) func reads(_ text: String, _ alphabet: Base64.Alphabet, _ expected: [[UInt8]?]) {
    let ways: [Base64.Leniency] = [[], .padding, .lineEnds]
    for (leniency, bytes) in zip(ways, expected) { #expect(Base64.decode(text, alphabet, leniency) == bytes, "\(leniency)") }
  }
}

@Suite struct HostPortTests {
  static let read: [(String, String, Int)] = [
    ("127.0.0.1:4222", "127.0.0.1", 4222), (":80", "", 80), ("localhost:0", "localhost", 0), ("[::1]:65535", "::1", 65535),
    ("::1:80", "::1", 80),
    ("h: 80 ", "h", 80), ("*:1", "*", 1), ("[\u{357}h]:80", "\u{357}h", 80), ("h:80\u{20}", "h", 80),
  ]

  @Test(arguments: read) func reads(_ text: String, _ host: String, _ port: Int) throws {
    let found = try HostPort(text)
    #expect(found.host == host && found.port == port)
  }

  static let refused: [(String, HostPort.Fault)] = [
    ("", .noPort), ("80", .noPort), ("h", .noPort), ("h:", .badPort("")), ("h:65536", .badPort("65536")), ("h:-1", .badPort("-1")),
    ("h:x", .badPort("x")), ("h:+1", .badPort("+1")), ("h:8 0", .badPort("8 0")),
    ("h:99999999999999999999", .badPort("99999999999999999999")),
  ]

  @Test(arguments: refused) func refuses(_ text: String, _ fault: HostPort.Fault) {
    #expect(throws: fault) { try HostPort(text) }
  }

  @Test func anyFreePort() throws { #expect(try HostPort("h:-1", ports: -1...65_535).port == -1) }
}
