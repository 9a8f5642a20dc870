import Foundation
import Testing
import Wire

@Suite struct JSONWriterTests {
  @Test(arguments: [
    ("plain", #""plain""#), ("orders.>", #""orders.\u003e""#), ("<a&b>", #""\u003ca\u0026b\u003e""#), ("\"\\/", #""\"\\/""#),
    ("\u{8}\u{c}\n\r\t", #""\b\f\n\r\t""#), ("\u{0}\u{1f}\u{7f}", "\"\\u0000\\u001f\u{7f}\""), ("µ😀", "\"µ😀\""),
    ("a\u{2028}b\u{2029}c\u{2027}", "\"a\\u2028b\\u2029c\u{2027}\""),
  ])
  func quotesAsGoDoes(_ text: String, _ expected: String) {
    var writer = JSONWriter()
    writer.string(text)
    #expect(writer.text == expected)
  }

  @Test(
    arguments: [
      ([0xFF, 0x41], #""\ufffdA""#), ([0xC3], #""\ufffd""#), ([0xE2, 0x82], #""\ufffd\ufffd""#),
      ([0xED, 0xA0, 0x80], #""\ufffd\ufffd\ufffd""#),
      ([0xC0, 0x80], #""\ufffd\ufffd""#), ([0xF4, 0x90, 0x80, 0x80], #""\ufffd\ufffd\ufffd\ufffd""#), ([0xC3, 0xA9], "\"é\""),
    ] as [([UInt8], String)])
  func invalidUTF8IsReplacedByteByByte(_ bytes: [UInt8], _ expected: String) {
    var writer = JSONWriter()
    writer.string(utf8: bytes)
    #expect(writer.text == expected)
  }

  /// Text is looked through several bytes at a time: wherever a byte stands, it becomes what it becomes alone.
  @Test func everyByteWhereverItStands() {
    func quoted(_ bytes: [UInt8]) -> [UInt8] {
      var writer = JSONWriter()
      writer.string(utf8: bytes)
      return Array(writer.bytes.dropFirst().dropLast())
    }
    for byte in UInt8.min...UInt8.max {
      let alone = quoted([byte])
      for (before, after) in [(0, 20), (3, 9), (7, 8), (8, 7), (9, 0), (15, 1), (16, 16)] {
        for other in [UInt8(ascii: "z"), byte] {
          let text = [UInt8](repeating: UInt8(ascii: "a"), count: before) + [byte, other] + [UInt8](repeating: 0x7F, count: after)
          let expected = [UInt8](repeating: UInt8(ascii: "a"), count: before) + alone + quoted([other]) + text.suffix(after)
          #expect(quoted(text) == expected, "\(byte) behind \(before), before \(after)")
        }
      }
    }
  }

  @Test(
    arguments: [
      (0, "0"), (2, "2"), (0.5, "0.5"), (0.3888888888888889, "0.3888888888888889"), (-1.25, "-1.25"), (1e20, "100000000000000000000"),
      (1e21, "1e+21"), (1.5e300, "1.5e+300"), (1e-6, "0.000001"), (1e-7, "1e-7"), (1.25e-9, "1.25e-9"), (.leastNonzeroMagnitude, "5e-324"),
      (123456789.125, "123456789.125"), (1e15, "1000000000000000"), (1.7976931348623157e308, "1.7976931348623157e+308"),
      (0.1, "0.1"), (100, "100"), (-0.0, "-0"), (12345678901234567168, "12345678901234567000"),
      (.nan, "null"), (.infinity, "null"),
    ] as [(Double, String)])
  func floatsAsGoWritesThem(_ value: Double, _ expected: String) {
    var writer = JSONWriter()
    writer.double(value)
    #expect(writer.text == expected)
  }

  private func write(_ writer: inout JSONWriter) {
    writer.object {
      $0.member("name", "a<b")
      $0.member("count", 3)
      $0.member("big", UInt64.max)
      $0.member("least", Int64.min)
      $0.member("nothing", unlessEmpty: "")
      $0.member("zero", unlessZero: 0)
      $0.member("empty", object: { _ in })
      $0.key("list")
      $0.array {
        $0.integer(1)
        $0.object { _ in }
        $0.array { _ in }
        $0.object { $0.member("x", true) }
        $0.null()
      }
      $0.member("raw", raw: Array("{\"y\":1}".utf8))
      $0.member("tags", ["p", "q"])
    }
  }

  @Test func compact() {
    var writer = JSONWriter()
    write(&writer)
    #expect(
      writer.text
        == #"{"name":"a\u003cb","count":3,"big":18446744073709551615,"least":-9223372036854775808,"empty":{},"list":[1,{},[],{"x":true},null],"raw":{"y":1},"tags":["p","q"]}"#
    )
  }

  @Test(arguments: [2, 3]) func indentedEqualsReindented(_ indent: Int) {
    var compact = JSONWriter()
    write(&compact)
    var direct = JSONWriter(indent: indent)
    direct.reindented(compact.bytes[...])
    #expect(JSONIndenter.indented(compact.bytes, indent: indent) == direct.bytes)
    var plain = JSONWriter(indent: indent)
    plain.object {
      $0.member("a", 1)
      $0.key("b")
      $0.reindented(compact.bytes[...])
      $0.member("c", array: { _ in })
    }
    let whole = Array(#"{"a":1,"b":"#.utf8) + compact.bytes + Array(#","c":[]}"#.utf8)
    #expect(plain.bytes == JSONIndenter.indented(whole, indent: indent))
  }

  @Test func layoutIsGos() {
    let expected = """
      {
        "a": 1,
        "b": {},
        "c": [],
        "d": [
          {
            "e": "x, y: {z}"
          },
          2
        ]
      }
      """
    #expect(
      String(decoding: JSONIndenter.indented(Array(#"{"a":1,"b":{ },"c":[ ],"d":[{"e":"x, y: {z}"},2]}"#.utf8)), as: UTF8.self) == expected)
    var writer = JSONWriter(indent: 2)
    writer.object {
      $0.member("a", 1)
      $0.member("b", object: { _ in })
      $0.member("c", array: { _ in })
      $0.member(
        "d",
        array: {
          $0.object { $0.member("e", "x, y: {z}") }
          $0.integer(2)
        })
    }
    #expect(writer.text == expected)
  }

  @Test func compactingUndoesIndenting() {
    var writer = JSONWriter()
    write(&writer)
    var again: [UInt8] = []
    JSONIndenter.indented(writer.bytes).withUnsafeBytes { JSONIndenter.compact($0, into: &again) }
    #expect(again == writer.bytes)
  }

  @Test(arguments: ["", "\"", "\"\\", "}}}]", "{{{", "[1", ",:", "\"a\\\"", "  "])
  func brokenBytesAreLaidOutWithoutTrouble(_ text: String) {
    let output = JSONIndenter.indented(Array(text.utf8))
    #expect(output.filter { $0 > 0x20 } == Array(text.utf8).filter { $0 > 0x20 })
  }

  /// Strings are copied in steps of eight bytes, and through a room that is handed over when it is full.
  @Test(arguments: [0, 7, 8, 9, 15, 16, 17, 4080, 4090, 4096, 4100, 9000])
  func stringsOfEveryLengthStayAsTheyAre(_ length: Int) {
    for escape in [#"\""#, #"\\"#, #"\u0022"#, "\u{FF}", "{,:]"] {
      for place in Set([0, length / 2, max(0, length - 1), length]) {
        let text = String(repeating: "a", count: place) + escape + String(repeating: "b", count: length - place)
        let compact = "{\"\(text)\":[\"\(text)\",1],\"x\":[[[[\"\"]]]]}"
        let indented = JSONIndenter.indented(Array(compact.utf8))
        let head = "{\n  \"\(text)\": [\n    \"\(text)\",\n    1\n  ],\n  \"x\": [\n"
        #expect(String(decoding: indented.prefix(head.utf8.count), as: UTF8.self) == head)
        var again: [UInt8] = []
        indented.withUnsafeBytes { JSONIndenter.compact($0, into: &again) }
        #expect(String(decoding: again, as: UTF8.self) == compact)
      }
    }
  }
}
