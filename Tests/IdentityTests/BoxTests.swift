import Testing
import Wire

@testable import Identity

/// NaCl's box: the vectors of its authors ("Cryptography in NaCl", D. J. Bernstein, §§2 and 8–10), and boxes that nats-io/nkeys has sealed.
@Suite struct BoxTests {
  private static func bytes(_ hex: String) -> [UInt8] {
    let digits = Array(hex)
    return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...($0 + 1)]), radix: 16) }
  }

  private static let seed = bytes("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")
  private static let peer = bytes("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")
  private static let secret = bytes("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742")
  private static let firstKey = bytes("1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389")
  private static let nonce = bytes("69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37")
  private static let message = bytes(
    "be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a1ac728d45e6c61296cdc3c01233561f41db66cce314adb31"
      + "0e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f93776384864"
      + "5e0705")
  private static let sealed = bytes(
    "f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186ac0dfc17c98dce87b4da7f011ec48c972"
      + "71d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b3"
      + "7973f622a43d14a6599b1f654cb45a74e355a5")

  @Test func publishedVectors() throws {
    #expect(Curve.shared(Self.peer, seed: Self.seed) == Self.secret)
    #expect(Salsa20.derivedKey(Self.secret, input: [UInt8](repeating: 0, count: 16)) == Self.firstKey)
    #expect(Box.seal(Self.message, nonce: Self.nonce, to: Self.peer, seed: Self.seed) == Self.sealed)
    #expect(Box.open(Self.sealed, nonce: Self.nonce, from: Self.peer, seed: Self.seed) == Self.message)
  }

  @Test(arguments: [0, 1, 31, 32, 33, 63, 64, 65, 5_000]) func bothWays(_ count: Int) throws {
    let (one, two) = (KeyPair.generate(.curve), KeyPair.generate(.curve))
    let message = Random.bytes(count)
    var sealed = try one.seal(message, to: two.publicOnly)
    #expect(try two.open(sealed, from: one.publicOnly) == message)
    // The secret is the same from either side.
    #expect(try one.open(sealed, from: two.publicOnly) == message)
    for index in [0, 4, 27, 28, 43, sealed.count - 1] {
      sealed[index] ^= 1
      #expect(throws: index < 4 ? NKeyError.invalidEncryptionVersion : .cannotDecrypt) { try two.open(sealed, from: one.publicOnly) }
      sealed[index] ^= 1
    }
    #expect(throws: NKeyError.cannotDecrypt) { try two.open(sealed, from: KeyPair.generate(.curve)) }
  }

  @Test func whatCannotBe() throws {
    let curve = KeyPair.generate(.curve)
    #expect(throws: NKeyError.invalidCurveKeyOperation) { try curve.seal([1], to: KeyPair.generate(.user)) }
    #expect(throws: NKeyError.invalidCurveKeyOperation) { try KeyPair.generate(.account).seal([1], to: curve) }
    #expect(throws: NKeyError.publicKeyOnly) { try curve.publicOnly.seal([1], to: curve) }
    #expect(throws: NKeyError.invalidEncrypted) { try curve.open(Array("xkv1".utf8) + [UInt8](repeating: 0, count: 24), from: curve) }
    // A point of small order makes a secret that anybody knows.
    #expect(Box.seal([1], nonce: Self.nonce, to: [UInt8](repeating: 0, count: 32), seed: Self.seed) == nil)
  }
}
