import COpenSSL
import Wire

/// A NATS key: an Ed25519 (or, for curve keys, X25519) pair, or only its public half.
public struct KeyPair: Sendable, Hashable {
  public let kind: KeyKind
  /// The 32 bytes of the public key.
  public let publicBytes: [UInt8]
  private let seedBytes: [UInt8]?

  /// A new pair from OpenSSL's random generator.
  public static func generate(_ kind: KeyKind) -> KeyPair {
    while true { if let pair = KeyPair(kind: kind, rawSeed: Random.bytes(32)) { return pair } }
  }

  /// A pair from its raw 32-byte seed; nil when the length is not 32.
  public init?(kind: KeyKind, rawSeed: [UInt8]) {
    guard rawSeed.count == 32,
      let publicBytes = Curve.publicKey(ofSeed: rawSeed, curve: kind == .curve ? EVP_PKEY_X25519 : EVP_PKEY_ED25519)
    else { return nil }
    self.kind = kind
    self.publicBytes = publicBytes
    seedBytes = rawSeed
  }

  /// Reads a seed such as `SUA…` (58 characters).
  public init(seed: String) throws(NKeyError) {
    let raw = try KeyText.decode(seed)
    guard raw.count >= 2, raw[0] & 248 == KeyText.seedPrefix else { throw .invalidSeed }
    guard let kind = KeyKind(rawValue: ((raw[0] & 7) << 5) | (raw[1] >> 3)) else { throw .invalidPrefixByte }
    guard raw.count == 34 else { throw .invalidSeedLength }
    guard let pair = KeyPair(kind: kind, rawSeed: Array(raw[2...])) else { throw .invalidSeed }
    self = pair
  }

  /// Reads a public key such as `UDX…` (56 characters). The pair can verify but not sign.
  public init(publicKey: String) throws(NKeyError) {
    let raw = try KeyText.decode(publicKey)
    guard let kind = KeyKind(rawValue: raw[0]) else {
      throw raw[0] & 248 == KeyText.seedPrefix || raw[0] == KeyText.privatePrefix ? .invalidPublicKey : .invalidPrefixByte
    }
    guard raw.count == 33 else { throw .invalidPublicKey }
    self.kind = kind
    publicBytes = Array(raw[1...])
    seedBytes = nil
  }

  /// True when `text` is a well-formed public key of the kind.
  public static func isPublicKey(_ text: String, _ kind: KeyKind) -> Bool {
    guard text.utf8.count == 56, text.first == kind.letter, let pair = try? KeyPair(publicKey: text) else { return false }
    return pair.kind == kind
  }

  public var hasPrivateKey: Bool { seedBytes != nil }

  /// The public form, 56 characters.
  public var publicKey: String { KeyText.encode([kind.rawValue] + publicBytes) }

  /// The seed form, 58 characters.
  public func seed() throws(NKeyError) -> String {
    guard let seedBytes else { throw .publicKeyOnly }
    let prefix = kind.rawValue
    return KeyText.encode([KeyText.seedPrefix | (prefix >> 5), (prefix & 31) << 3] + seedBytes)
  }

  /// The private form, 108 characters.
  public func privateKey() throws(NKeyError) -> String {
    guard let seedBytes else { throw .publicKeyOnly }
    return KeyText.encode([KeyText.privatePrefix] + seedBytes + publicBytes)
  }

  /// The Ed25519 signature, 64 bytes.
  public func sign(_ message: [UInt8]) throws(NKeyError) -> [UInt8] {
    guard kind != .curve else { throw .invalidCurveKeyOperation }
    guard let seedBytes, let signature = Curve.sign(message, seed: seedBytes) else { throw .cannotSign }
    return signature
  }

  /// Throws when `signature` is not this key's signature over `message`.
  public func verify(_ message: [UInt8], signature: [UInt8]) throws(NKeyError) {
    guard kind != .curve else { throw .invalidCurveKeyOperation }
    guard Curve.verify(message, signature: signature, publicKey: publicBytes) else { throw .invalidSignature }
  }

  /// The answer to a server's nonce: base64url without padding of the signature over the nonce's text.
  public func signNonce(_ nonce: String) throws(NKeyError) -> String { Base64.encode(try sign(Array(nonce.utf8)), .url) }

  /// The bytes of a signature as clients send it: base64url without padding, or the standard alphabet with it, as nats-server reads
  /// both (server/auth.go).
  public static func signature(_ text: String) -> [UInt8]? {
    Base64.decode(text, .url, .lineEnds) ?? Base64.decode(text, .standard, .lineEnds)
  }

  /// The private half, to be used with another curve key.
  func curveSeed(with other: KeyPair) throws(NKeyError) -> [UInt8] {
    guard kind == .curve, other.kind == .curve else { throw .invalidCurveKeyOperation }
    guard let seedBytes else { throw .publicKeyOnly }
    return seedBytes
  }

  /// The pair without its private half.
  public var publicOnly: KeyPair { KeyPair(kind: kind, publicBytes: publicBytes) }

  private init(kind: KeyKind, publicBytes: [UInt8]) {
    self.kind = kind
    self.publicBytes = publicBytes
    seedBytes = nil
  }
}

/// The text form shared by all keys: base32 over bytes and their CRC, low byte first.
enum KeyText {
  static let seedPrefix: UInt8 = 144
  static let privatePrefix: UInt8 = 120

  static func encode(_ bytes: [UInt8]) -> String {
    let crc = CRC16.checksum(bytes)
    return Base32.encode(bytes + [UInt8(truncatingIfNeeded: crc), UInt8(truncatingIfNeeded: crc >> 8)])
  }

  static func decode(_ text: String) throws(NKeyError) -> [UInt8] {
    // No key is longer than a private one (108); a huge text must not cost time.
    guard text.utf8.count <= 128, let raw = Base32.decode(text) else { throw .invalidEncoding }
    guard raw.count >= 4 else { throw .invalidEncodedKey }
    let crc = UInt16(raw[raw.count - 2]) | UInt16(raw[raw.count - 1]) << 8
    guard crc == CRC16.checksum(raw.dropLast(2)) else { throw .invalidChecksum }
    return Array(raw.dropLast(2))
  }
}
