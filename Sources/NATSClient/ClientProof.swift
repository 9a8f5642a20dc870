import Identity
import Wire

/// What is sent to prove who this client is.
struct ClientProof: Sendable {
  var user: String?
  var password: String?
  var token: String?
  var jwt: String?
  var key: KeyPair?

  init() {}

  /// With the user and password of a URL that names one, in place of those that are meant for every URL; a user alone is a token, as for
  /// the nats command. JWT and nkey stay, as in NATS's Go client.
  func naming(_ url: ServerURL?) -> ClientProof {
    guard let url, let name = url.user else { return self }
    var proof = self
    (proof.user, proof.password, proof.token) = url.password.map { (name, $0, nil) } ?? (nil, nil, name)
    return proof
  }

  /// Reads the files that are named; called before each attempt to connect, off the shard.
  init(_ authentication: ClientAuthentication) throws {
    switch authentication {
    case .none: break
    case .userPassword(let user, let password):
      self.user = user
      self.password = password
    case .token(let token): self.token = token
    case .tokenFile(let path): token = try ClientProof.token(in: path)
    case .nkeyFile(let path):
      let pair = try Credentials.seed(inText: FileAccess.readText(path))
      // Servers know nobody by the key of an account.
      guard pair.kind == .user else { throw NKeyError.invalidUserSeed }
      key = pair
    case .nkeySeed(let seed): key = try KeyPair(seed: seed)
    case .credentialsFile(let path):
      let credentials = try Credentials(usableFile: path)
      jwt = credentials.jwt
      if credentials.seed != nil { key = try credentials.userKey() }
    case .jwt(let jwt, let seed):
      self.jwt = jwt
      if let seed { key = try KeyPair(seed: seed) }
    }
  }

  /// The token of a file, without the blanks and line ends around it.
  private static func token(in path: String) throws -> String {
    let text = try FileAccess.readText(path)
    let token = text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()
    guard !token.isEmpty else { throw ClientProofError(description: "the token file \(path) is empty") }
    return String(token)
  }
}

/// Why there is nothing to prove anything with.
struct ClientProofError: Error, CustomStringConvertible {
  let description: String
}
