import COpenSSL

/// NaCl's `crypto_box`: X25519, XSalsa20 and Poly1305. With it two curve keys (`X…`) talk so that nobody else can read or change a word.
enum Box {
  static let nonceSize = 24
  private static let tagSize = 16

  /// The ciphertext behind its tag. Nil for a public key that is no point of use.
  static func seal(_ message: [UInt8], nonce: [UInt8], to publicKey: [UInt8], seed: [UInt8]) -> [UInt8]? {
    guard let key = key(publicKey, seed: seed) else { return nil }
    let stream = Salsa20.stream(32 + message.count, key: key, nonce: nonce)
    let hidden = zip(message, stream[32...]).map { $0 ^ $1 }
    guard let tag = tag(hidden, key: Array(stream[0..<32])) else { return nil }
    return tag + hidden
  }

  /// What was sealed; nil where it was not, or not with these keys.
  static func open(_ sealed: [UInt8], nonce: [UInt8], from publicKey: [UInt8], seed: [UInt8]) -> [UInt8]? {
    guard sealed.count >= tagSize, let key = key(publicKey, seed: seed) else { return nil }
    let hidden = Array(sealed[tagSize...])
    let stream = Salsa20.stream(32 + hidden.count, key: key, nonce: nonce)
    guard let tag = tag(hidden, key: Array(stream[0..<32])), equalInConstantTime(tag, Array(sealed[0..<tagSize])) else { return nil }
    return zip(hidden, stream[32...]).map { $0 ^ $1 }
  }

  private static func key(_ publicKey: [UInt8], seed: [UInt8]) -> [UInt8]? {
    Curve.shared(publicKey, seed: seed).map { Salsa20.derivedKey($0, input: [UInt8](repeating: 0, count: 16)) }
  }

  private static func tag(_ message: [UInt8], key: [UInt8]) -> [UInt8]? {
    guard let mac = EVP_PKEY_new_raw_private_key(EVP_PKEY_POLY1305, nil, key, key.count) else { return nil }
    defer { EVP_PKEY_free(mac) }
    guard let context = EVP_MD_CTX_new() else { return nil }
    defer { EVP_MD_CTX_free(context) }
    guard EVP_DigestSignInit(context, nil, nil, nil, mac) == 1 else { return nil }
    var tag = [UInt8](repeating: 0, count: tagSize)
    var length = tagSize
    guard EVP_DigestSign(context, &tag, &length, message, message.count) == 1, length == tagSize else { return nil }
    return tag
  }
}
