import Identity

extension String {
  /// A key argument as refusals show it, in quotes. Of what looks like a seed only the kind is told: what was refused is often a good seed at
  /// the wrong place, or one with a wrong letter, and what a tool prints ends in logs.
  var shownAsKey: String {
    let runs = utf8.split { !String.isKeyLetter($0) }
    for run in runs where run.count >= 40 {
      if let kind = String.kindOfSeed(run) { return "\"S\(kind.letter)…\" (\(String.noun(kind)) seed, not shown)" }
    }
    // A seed that lost its first letters, or a private key: nothing of this length is a name.
    for run in runs where run.count >= 50 && (run.count == utf8.count || run.allSatisfy(String.isBase32)) {
      let text = String(decoding: run, as: UTF8.self)
      if KeyKind.allCases.contains(where: { KeyPair.isPublicKey(text, $0) }) { continue }
      return "\"…\" (\(run.count) letters that are no public key, not shown)"
    }
    return "\"\(self)\""
  }

  private static func isBase32(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || (UInt8(ascii: "2")...UInt8(ascii: "7")).contains(byte)
  }

  private static func isKeyLetter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: false
    }
  }

  private static func kindOfSeed(_ run: Substring.UTF8View) -> KeyKind? {
    let letters = run.prefix(2).map { $0 & 0xDF }
    guard letters.count == 2, letters[0] == UInt8(ascii: "S") else { return nil }
    return KeyKind.allCases.first { $0.letter.asciiValue == letters[1] }
  }

  private static func noun(_ kind: KeyKind) -> String { kind == .operator || kind == .account ? "an \(kind)'s" : "a \(kind)'s" }
}
