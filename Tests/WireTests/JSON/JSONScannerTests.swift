import Foundation
import Testing
import Wire

@Suite struct JSONScannerTests {
  @Test(arguments: [
    "{}", "[]", "0", "-0", "1.5e-9", "1E+2", "\"\"", "true", "false", "null", " \t\r\n{ \"a\" : [ 1 , 2 ] } \n",
    #"{"a":{"b":[{},[],"",null,true,false,-1.0]},"a":2}"#, #""\"\\\/\b\f\n\r\tAé\ud83d\ude00""#, #"["µs",".>"]"#,
    #""a long string without any escape in it, longer than eight bytes""#,
  ])
  func accepts(_ text: String) throws {
    try JSONScanner.validate(Array(text.utf8))
  }

  @Test(arguments: [
    "", " ", "{", "}", "[", "]", "{]", "[}", "[1,]", "[,1]", "[1 2]", "{,}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}",
    "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{1:2}", "01", "-", "+1", "1.", ".5", "1e", "1e+", "0x1", "tru", "TRUE", "nul", "nulll", "\"",
    "\"a", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\u{01}\"", "\"a line\nbreak\"", "{} {}", "1 2", "[1]]", "NaN", "'a'",
    "[1", "{\"a\":[}", "\u{FEFF}{}",
  ])
  func refuses(_ text: String) {
    #expect(throws: JSONError.self) { try JSONScanner.validate(Array(text.utf8)) }
  }

  @Test func depthIsBounded() throws {
    let open = [UInt8](repeating: UInt8(ascii: "["), count: 128)
    let close = [UInt8](repeating: UInt8(ascii: "]"), count: 128)
    try JSONScanner.validate(open + close)
    #expect(throws: JSONError("nested deeper than 128 levels", at: 128)) {
      try JSONScanner.validate(open + [UInt8(ascii: "[")] + [UInt8(ascii: "]")] + close)
    }
    let endless = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
    #expect(throws: JSONError.self) { try JSONScanner.validate(endless) }
  }

  /// Every short mutation of a document is judged as Foundation's parser judges it.
  @Test func agreesWithFoundation() {
    let seed = Array(#"{"a":[1,-2.5e3,"x\n\u00e9"],"b":{"c":null,"d":true}}"#.utf8)
    let replacements = Array("{}[]\",:\\ e-0u9tn\n".utf8)
    for index in seed.indices {
      for replacement in replacements {
        var mutated = seed
        mutated[index] = replacement
        let ours = (try? JSONScanner.validate(mutated)) != nil
        let theirs = (try? JSONSerialization.jsonObject(with: Data(mutated), options: [.fragmentsAllowed])) != nil
        #expect(ours == theirs, "\(String(decoding: mutated, as: UTF8.self))")
      }
      let cut = Array(seed[..<index])
      #expect((try? JSONScanner.validate(cut)) == nil)
    }
  }

  @Test func viewsFindWithoutDecoding() throws {
    let text =
      #" {"server":{"name":"a1","id":"N1"}, "data" : {"n":[1,2,3],"big":18446744073709551615,"f":0.5}, "\u0061":"\ud83d\ude00\/"} "#
    let view = try JSONView(validating: Array(text.utf8))
    #expect(view.kind == .object)
    #expect(view["server"]?["name"]?.string == "a1")
    #expect(view["data"]?["n"]?.elements.map(\.int) == [1, 2, 3])
    #expect(view["data"]?["n"]?.rawText == "[1,2,3]")
    #expect(view["data"]?["big"]?.uint64 == .max)
    #expect(view["data"]?["big"]?.int == nil)
    #expect(view["data"]?["f"]?.double == 0.5)
    #expect(view["a"]?.string == "😀/")
    #expect(view["nothing"] == nil)
    #expect(view["server"]?["name"]?["deeper"] == nil)
    var names: [String] = []
    view.forEachMember { name, _ in names.append(name) }
    #expect(names == ["server", "data", "a"])
  }

  @Test(arguments: [
    ("-9223372036854775808", Int.min), ("9223372036854775807", Int.max), ("-1", -1), ("0", 0),
  ])
  func integers(_ text: String, _ value: Int) throws {
    #expect(try JSONView(validating: Array(text.utf8)).int == value)
  }

  @Test(arguments: ["9223372036854775808", "1.0", "1e3", "\"1\"", "true"])
  func notIntegers(_ text: String) throws {
    #expect(try JSONView(validating: Array(text.utf8)).int == nil)
  }

  @Test(arguments: [#""\ud800""#, #""\udc00""#, #""\ud800\u0041""#, #""\ud83d""#])
  func loneSurrogatesAreReplaced(_ text: String) throws {
    #expect(try JSONView(validating: Array(text.utf8)).string?.contains("\u{FFFD}") == true)
  }

  @Test func viewsOfBrokenBytesAnswerNil() {
    let bytes = Array(#"{"a":{"b":1,"#.utf8)
    let view = JSONView(bytes: bytes, range: 0..<bytes.count)
    #expect(view["a"]?["b"] == nil)
    #expect(JSONView(bytes: [], range: 0..<0).kind == nil)
  }

  @Test func treesKeepOrderAndDigits() throws {
    let text = #"{"z":1.50,"a":[{"b":"\u003e"},null],"z":2}"#
    var value = try JSONValue(parsing: text)
    #expect(String(decoding: value.bytes(), as: UTF8.self) == text)
    #expect(value["a"]?[0]?["b"]?.string == ">")
    value["a"] = ["x": 1, "y": [true, nil]]
    value["new"] = "n"
    value["z"] = nil
    #expect(String(decoding: value.bytes(), as: UTF8.self) == #"{"a":{"x":1,"y":[true,null]},"z":2,"new":"n"}"#)
  }
}
