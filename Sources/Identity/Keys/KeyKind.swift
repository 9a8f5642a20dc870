/// What a NATS key is for. The raw value is the prefix byte of its public form.
public enum KeyKind: UInt8, Sendable, CaseIterable, CustomStringConvertible {
  case `operator` = 112
  case account = 0
  case user = 160
  case server = 104
  case cluster = 16
  /// X25519, for sealing; such keys cannot sign.
  case curve = 184

  /// First letter of the public form.
  public var letter: Character {
    switch self {
    case .operator: "O"
    case .account: "A"
    case .user: "U"
    case .server: "N"
    case .cluster: "C"
    case .curve: "X"
    }
  }

  public var description: String {
    switch self {
    case .operator: "operator"
    case .account: "account"
    case .user: "user"
    case .server: "server"
    case .cluster: "cluster"
    case .curve: "curve"
    }
  }
}

/// Why a key's text or use was refused, in the words that NATS tools use.
public enum NKeyError: Error, Sendable, Equatable, CustomStringConvertible {
  case invalidEncoding, invalidEncodedKey, invalidChecksum, invalidPrefixByte, invalidSeedLength, invalidSeed
  case invalidPublicKey, invalidPrivateKey, invalidSignature, cannotSign, publicKeyOnly, incompatibleKey
  case noSeedFound, invalidNkeySeed, invalidUserSeed, invalidCurveKeyOperation, seedDoesNotMatchJWT
  case invalidEncrypted, invalidEncryptionVersion, cannotDecrypt

  public var description: String {
    switch self {
    case .invalidEncoding: "illegal base32 data"
    case .invalidEncodedKey: "nkeys: invalid encoded key"
    case .invalidChecksum: "nkeys: invalid checksum"
    case .invalidPrefixByte: "nkeys: invalid prefix byte"
    case .invalidSeedLength: "nkeys: invalid seed length"
    case .invalidSeed: "nkeys: invalid seed"
    case .invalidPublicKey: "nkeys: invalid public key"
    case .invalidPrivateKey: "nkeys: invalid private key"
    case .invalidSignature: "nkeys: signature verification failed"
    case .cannotSign: "nkeys: can not sign, no private key available"
    case .publicKeyOnly: "nkeys: no seed or private key available"
    case .incompatibleKey: "nkeys: incompatible key"
    case .noSeedFound: "nkeys: no nkey seed found"
    case .invalidNkeySeed: "nkeys: doesn't contain a seed nkey"
    case .invalidUserSeed: "nkeys: doesn't contain an user seed nkey"
    case .invalidCurveKeyOperation: "nkeys: curve key is not valid for sign/verify"
    case .seedDoesNotMatchJWT: "nkey seed does not match the jwt subject"
    case .invalidEncrypted: "nkeys: encrypted input is not valid"
    case .invalidEncryptionVersion: "nkeys: encrypted input wrong version"
    case .cannotDecrypt: "nkeys: could not decrypt input"
    }
  }
}
