import Identity
import Testing

/// What is taken for a secret, and what is not.
@Suite struct SecretTextTests {
  @Test(arguments: KeyKind.allCases) func seedsAreFound(_ kind: KeyKind) throws {
    let pair = KeyPair.generate(kind)
    let seed = try pair.seed()
    for text in [seed, seed.lowercased(), "'\(seed)'", "--name=\(seed)", "a/\(seed)/b", "a b\(seed)", "\(seed)\n\(seed)"] {
      let found = SecretText.all(in: text)
      #expect(!found.isEmpty && found.allSatisfy { $0.kind == .seed(kind) }, "\(text)")
      #expect(found.allSatisfy { Array(text.utf8)[$0.range].count == seed.utf8.count && $0.shown == "S\(kind.letter)…" })
    }
    #expect(SecretText.all(in: try pair.privateKey()).count == 1 && SecretText.all(in: String(seed.dropFirst())).count == 1)
    #expect(SecretText.all(in: "the key \(pair.publicKey) of it").isEmpty)
  }

  @Test func tokensAreFound() throws {
    let pair = KeyPair.generate(.user)
    let account = KeyPair.generate(.account)
    let token = try Token.encode(UserClaims(subject: pair.publicKey, name: "u"), signer: account, now: 1)
    let creds = Credentials.format(jwt: token, seed: try pair.seed())
    #expect(SecretText.all(in: token).map(\.kind) == [.jwt])
    #expect(SecretText.all(in: "\"\(token.dropLast(40))\"").map(\.kind) == [.jwt])
    #expect(SecretText.all(in: creds).map(\.kind) == [.jwt, .seed(.user)])
  }

  @Test(arguments: [
    "", "S", "SUA", "eyJ", "eyJhbGciOiJub25lIn0", "a.b.c", "ORDERS.new.SUBJECTS", "/home/me/.local/share/nats/nsc/keys/creds/O/A/u.creds",
    "nats://127.0.0.1:4222", "SUNDAYS", "an-ordinary-name-that-is-rather-long-but-still-one-of-those-that-people-give",
  ])
  func ordinaryWordsAreNot(_ text: String) { #expect(SecretText.all(in: text).isEmpty) }
}
