import Foundation
import Testing
import Wire

@testable import Identity

@Suite struct KeyTests {
  static func hex(_ bytes: [UInt8]) -> String { bytes.map { String(format: "%02x", $0) }.joined() }

  @Test(arguments: Vectors.keys.keys.sorted()) func recordedKeys(label: String) throws {
    let vector = try #require(Vectors.keys[label])
    let pair = try KeyPair(seed: vector.seed)
    #expect(String(pair.kind.letter) == vector.kind)
    #expect(Self.hex(pair.publicBytes) == vector.raw_public_hex)
    #expect(pair.publicKey == vector.public)
    #expect(try pair.seed() == vector.seed)
    #expect(try pair.privateKey() == vector.private)
    let known = try KeyPair(publicKey: vector.public)
    #expect(known == pair.publicOnly)
    #expect(KeyPair.isPublicKey(vector.public, pair.kind))
    #expect(throws: NKeyError.publicKeyOnly) { try known.seed() }
  }

  @Test(arguments: Vectors.signatures.indices) func recordedSignatures(index: Int) throws {
    let vector = Vectors.signatures[index]
    let pair = try KeyPair(seed: try #require(Vectors.keys[vector.key]).seed)
    #expect(try pair.signNonce(vector.nonce) == vector.sig)
    let signature = try #require(Base64.decode(vector.sig, .url))
    try pair.publicOnly.verify(Array(vector.nonce.utf8), signature: signature)
    var flipped = signature
    flipped[5] ^= 4
    #expect(throws: NKeyError.invalidSignature) { try pair.verify(Array(vector.nonce.utf8), signature: flipped) }
    #expect(throws: NKeyError.invalidSignature) { try pair.verify(Array("other".utf8), signature: signature) }
  }

  @Test func checksumValue() { #expect(CRC16.checksum("123456789".utf8) == 0x31C3) }

  @Test func refusals() throws {
    let user = try #require(Vectors.keys["user"])
    #expect(throws: NKeyError.invalidEncoding) { try KeyPair(seed: user.seed.lowercased()) }
    #expect(throws: NKeyError.invalidEncoding) { try KeyPair(seed: "SU1") }
    #expect(throws: NKeyError.invalidEncodedKey) { try KeyPair(seed: "") }
    #expect(throws: NKeyError.invalidChecksum) { try KeyPair(seed: String(user.seed.dropLast()) + "A") }
    #expect(throws: NKeyError.invalidSeed) { try KeyPair(seed: user.public) }
    #expect(throws: NKeyError.invalidPublicKey) { try KeyPair(publicKey: user.seed) }
    #expect(throws: NKeyError.invalidPublicKey) { try KeyPair(publicKey: user.private) }
    #expect(throws: NKeyError.invalidPrefixByte) { try KeyPair(publicKey: KeyText.encode([200] + [UInt8](repeating: 1, count: 32))) }
    #expect(throws: NKeyError.invalidSeedLength) { try KeyPair(seed: KeyText.encode([149, 0] + [UInt8](repeating: 1, count: 31))) }
    #expect(throws: NKeyError.cannotSign) { try KeyPair(publicKey: user.public).sign([1]) }
    let curve = try KeyPair(seed: try #require(Vectors.keys["curve"]).seed)
    #expect(throws: NKeyError.invalidCurveKeyOperation) { try curve.sign([1]) }
    #expect(!KeyPair.isPublicKey(user.public, .account))
    #expect(!KeyPair.isPublicKey("", .account))
    #expect(throws: NKeyError.invalidEncoding) { try KeyPair(seed: String(repeating: "A", count: 1 << 20)) }
  }

  @Test(arguments: KeyKind.allCases) func freshKeysRoundTrip(kind: KeyKind) throws {
    let pair = KeyPair.generate(kind)
    #expect(pair.publicKey.first == kind.letter)
    #expect(try pair.seed().hasPrefix("S\(kind.letter)"))
    #expect(try KeyPair(seed: pair.seed()) == pair)
    #expect(pair != KeyPair.generate(kind))
  }
}

@Suite struct CredentialsTests {
  @Test(arguments: try Vectors.names("creds", ".creds")) func recordedFiles(name: String) throws {
    let text = try Vectors.text("creds/\(name).creds")
    let credentials = try Credentials(text: text)
    #expect(credentials.jwt == (try Vectors.text("jwt/\(name).jwt")).trimmingCharacters(in: .newlines))
    #expect(Credentials.format(jwt: credentials.jwt, seed: try #require(credentials.seed)) == text)
    #expect(try credentials.userKey().kind == .user)
    #expect(try Credentials(text: text.replacingOccurrences(of: "\n", with: "\r\n")) == credentials)
  }

  @Test func oddFiles() throws {
    #expect(try Credentials(text: "eyJ.a.b\n").jwt == "eyJ.a.b")
    #expect(try Credentials(text: "eyJ.a.b\n").seed == nil)
    #expect(throws: NKeyError.noSeedFound) { try Credentials(text: "eyJ.a.b\n").userKey() }
    #expect(throws: NKeyError.noSeedFound) { try Credentials.seed(inText: "nothing") }
    let seed = try #require(Vectors.keys["app"]).seed
    #expect(try Credentials.seed(inText: "\n  \(seed)\n").kind == .account)
    #expect(throws: NKeyError.invalidUserSeed) { try Credentials(text: Credentials.format(jwt: "a.b.c", seed: seed)).userKey() }
  }
}

@Suite struct PasswordTests {
  @Test func bcrypt() throws {
    let hash = try #require(Password.hash("s3cret", cost: 4))
    #expect(hash.hasPrefix("$2a$04$"))
    #expect(hash.utf8.count == 60)
    #expect(Password.matches("s3cret", stored: hash))
    #expect(!Password.matches("s3cre", stored: hash))
    #expect(!Password.matches("s3cret\0x", stored: hash))
    #expect(!Password.matches("x", stored: "$2a$broken"))
  }

  @Test func plain() {
    #expect(Password.matches("abc", stored: "abc"))
    for wrong in ["", "ab", "abcd", "abd", "abcabc"] { #expect(!Password.matches(wrong, stored: "abc")) }
    #expect(Password.matches("", stored: ""))
    #expect(!Password.matches("a", stored: ""))
  }
}

@Suite struct NUIDTests {
  @Test func unique() {
    let names = (0..<20_000).map { _ in NUID.next() }
    #expect(Set(names).count == names.count)
    #expect(names.allSatisfy { $0.utf8.count == 22 })
  }
}

@Suite struct Base32Tests {
  @Test func roundTrips() {
    for count in 0..<70 {
      let bytes = Random.bytes(count)
      #expect(Base32.decode(Base32.encode(bytes)) == bytes)
    }
  }
}

@Suite struct SignatureTextTests {
  /// Clients of both kinds are let in, by key and by token alike.
  @Test func bothAlphabets() {
    let bytes: [UInt8] = [251, 255, 0, 1]
    for text in ["-_8AAQ", "-_8AAQ\r\n", "+/8AAQ=="] { #expect(KeyPair.signature(text) == bytes, "\(text)") }
    for text in ["", "-_8AAQ==", "+/8AAQ", "A", "!!!!"] { #expect(KeyPair.signature(text) != bytes, "\(text)") }
  }
}
