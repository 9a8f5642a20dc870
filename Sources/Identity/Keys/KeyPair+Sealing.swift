extension KeyPair {
  private static let boxVersion = Array("xkv1".utf8)

  /// What is sealed for the holder of another curve key, as NATS puts it: a version, the nonce, NaCl's box.
  ///
  /// - Throws: `invalidCurveKeyOperation` for keys of another kind, `publicKeyOnly` without the private half.
  public func seal(_ message: [UInt8], to recipient: KeyPair) throws(NKeyError) -> [UInt8] {
    let nonce = Random.bytes(Box.nonceSize)
    let seed = try curveSeed(with: recipient)
    guard let sealed = Box.seal(message, nonce: nonce, to: recipient.publicBytes, seed: seed) else { throw .invalidPublicKey }
    return Self.boxVersion + nonce + sealed
  }

  /// Opens what the holder of another curve key has sealed for this one.
  ///
  /// - Throws: `cannotDecrypt` for what was not sealed with these keys, or was changed on the way.
  public func open(_ sealed: [UInt8], from sender: KeyPair) throws(NKeyError) -> [UInt8] {
    let head = Self.boxVersion.count + Box.nonceSize
    guard sealed.count > head else { throw .invalidEncrypted }
    guard sealed.starts(with: Self.boxVersion) else { throw .invalidEncryptionVersion }
    let seed = try curveSeed(with: sender)
    let nonce = Array(sealed[Self.boxVersion.count..<head])
    guard let opened = Box.open(Array(sealed[head...]), nonce: nonce, from: sender.publicBytes, seed: seed) else { throw .cannotDecrypt }
    return opened
  }
}
