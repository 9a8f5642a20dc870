import Testing
import Wire

/// The words of Go's decoder for what is no JSON: it finds a fault exactly where the scanner does.
@Suite struct GoJSONSyntaxTests {
  @Test(arguments: [
    ("", "unexpected end of JSON input"), ("{", "unexpected end of JSON input"), ("{\"a\" 1}", "invalid character '1' after object key"),
    ("[1 2]", "invalid character '2' after array element"),
    ("{\"a\":1,}", "invalid character '}' looking for beginning of object key string"),
    ("x", "invalid character 'x' looking for beginning of value"), ("1 2", "invalid character '2' after top-level value"),
    ("nul", "unexpected end of JSON input"), ("01", "invalid character '1' after top-level value"),
    ("\"\\x\"", "invalid character 'x' in string escape code"),
    ("\"\\u+123\"", "invalid character '+' in \\u hexadecimal character escape"),
  ])
  func words(_ text: String, _ fault: String) { #expect(GoJSONSyntax.fault(in: Array(text.utf8)) == fault) }

  private static let seeds = [
    #"{"a":[1,-2.5e+3,true,false,null,"x\u00e9\n"],"b":{"c":{}},"d":[]}"#, "0", "-0.1E5", "\"\"", " [ ] ", #"{"":""}"#,
    #""\ud83d\ude00\ud800""#,
  ]
  private static let pieces = Array("{}[]\",:\\u0d8ef123-+.eE tfn\u{1}\u{7f}".utf8)

  @Test func oneVerdict() {
    // Linear congruential, so that a failure comes again.
    var state: UInt64 = 2026
    func draw(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for seed in Self.seeds {
      for _ in 0..<1500 {
        var text = Array(seed.utf8)
        for _ in 0...draw(3) where !text.isEmpty {
          let place = draw(text.count)
          switch draw(4) {
          case 0: text.remove(at: place)
          case 1: text[place] = Self.pieces[draw(Self.pieces.count)]
          case 2: text.insert(Self.pieces[draw(Self.pieces.count)], at: place)
          default: text[place] = UInt8(draw(256))
          }
        }
        let isJSON = (try? JSONScanner.validate(text)) != nil
        #expect(isJSON == (GoJSONSyntax.fault(in: text) == nil), "\(String(decoding: text, as: UTF8.self))")
      }
    }
  }
}
