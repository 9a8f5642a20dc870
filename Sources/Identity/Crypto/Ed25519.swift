import COpenSSL

/// Ed25519 and X25519 on raw 32-byte keys.
enum Curve {
  static func publicKey(ofSeed seed: [UInt8], curve: Int32) -> [UInt8]? {
    guard let key = EVP_PKEY_new_raw_private_key(curve, nil, seed, seed.count) else { return nil }
    defer { EVP_PKEY_free(key) }
    var output = [UInt8](repeating: 0, count: 32)
    var length = 32
    guard EVP_PKEY_get_raw_public_key(key, &output, &length) == 1, length == 32 else { return nil }
    return output
  }

  static func sign(_ message: [UInt8], seed: [UInt8]) -> [UInt8]? {
    guard let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count) else { return nil }
    defer { EVP_PKEY_free(key) }
    guard let context = EVP_MD_CTX_new() else { return nil }
    defer { EVP_MD_CTX_free(context) }
    guard EVP_DigestSignInit(context, nil, nil, nil, key) == 1 else { return nil }
    var signature = [UInt8](repeating: 0, count: 64)
    var length = 64
    guard EVP_DigestSign(context, &signature, &length, message, message.count) == 1, length == 64 else { return nil }
    return signature
  }

  static func verify(_ message: [UInt8], signature: [UInt8], publicKey: [UInt8]) -> Bool {
    guard signature.count == 64, let key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, publicKey, publicKey.count)
    else { return false }
    defer { EVP_PKEY_free(key) }
    guard let context = EVP_MD_CTX_new() else { return false }
    defer { EVP_MD_CTX_free(context) }
    guard EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1 else { return false }
    let result = EVP_DigestVerify(context, signature, signature.count, message, message.count)
    // A refused signature leaves an entry on this thread's error queue, where a TLS read would find it.
    if result != 1 { ERR_clear_error() }
    return result == 1
  }

  /// The secret that two X25519 keys have in common; nil for a public key of small order.
  static func shared(_ publicKey: [UInt8], seed: [UInt8]) -> [UInt8]? {
    guard let own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nil, seed, seed.count) else { return nil }
    defer { EVP_PKEY_free(own) }
    guard let other = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nil, publicKey, publicKey.count) else { return nil }
    defer { EVP_PKEY_free(other) }
    guard let context = EVP_PKEY_CTX_new(own, nil) else { return nil }
    defer { EVP_PKEY_CTX_free(context) }
    var secret = [UInt8](repeating: 0, count: 32)
    var length = 32
    guard EVP_PKEY_derive_init(context) == 1, EVP_PKEY_derive_set_peer(context, other) == 1,
      EVP_PKEY_derive(context, &secret, &length) == 1, length == 32
    else {
      ERR_clear_error()
      return nil
    }
    return secret
  }
}
