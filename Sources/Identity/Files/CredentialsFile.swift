/// A user's JWT and seed as a `.creds` file holds them.
public struct Credentials: Sendable, Equatable {
  public let jwt: String
  /// Nil for a file without a seed (bearer tokens).
  public let seed: String?

  public init(jwt: String, seed: String?) {
    self.jwt = jwt
    self.seed = seed
  }

  /// Reads the text of a creds file: the first decorated item is the JWT, the second the seed. Without a second one any
  /// line that starts like a seed is taken; a file without any decoration is taken whole as the JWT.
  public init(text: String) throws(NKeyError) {
    // What editors of some systems put before the first line.
    let text = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
    let items = Credentials.decoratedItems(text)
    let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmed }
    let looksLikeSeed = { (line: String) in line.hasPrefix("SO") || line.hasPrefix("SA") || line.hasPrefix("SU") }
    seed = items.count > 1 ? items[1] : lines.first(where: looksLikeSeed)
    if let first = items.first, !(items.count == 1 && looksLikeSeed(first)) {
      jwt = first
    } else if items.isEmpty {
      jwt = lines.filter { !looksLikeSeed($0) }.joined()
    } else {
      jwt = ""
    }
  }

  public init(file: String) throws {
    try self.init(text: try FileAccess.readText(file))
  }

  /// Reads a file that somebody is to log in with.
  ///
  /// - Throws: A sentence with the file's name where it cannot be read, has no user's JWT, or no seed although the JWT is no bearer's.
  public init(usableFile path: String) throws {
    let read = try Credentials(file: path)
    guard let claims = try? Token.decode(read.jwt, as: UserClaims.self) else {
      throw CredentialsFileError(description: "\(path) is no creds file: there is no user JWT in it")
    }
    do throws(NKeyError) {
      if read.seed != nil || !claims.limits.bearerToken { _ = try read.userKey() }
    } catch {
      throw CredentialsFileError(description: "unable to extract key pair from file \(path): \(error)")
    }
    self = read
  }

  /// The key pair of the seed.
  /// - Throws: `NKeyError.noSeedFound` without a seed, `.invalidUserSeed` when it is no user's.
  public func userKey() throws(NKeyError) -> KeyPair {
    guard let seed else { throw .noSeedFound }
    guard seed.hasPrefix("SO") || seed.hasPrefix("SA") || seed.hasPrefix("SU") else { throw .invalidNkeySeed }
    let pair = try KeyPair(seed: seed)
    guard pair.kind == .user else { throw .invalidUserSeed }
    return pair
  }

  /// The seed of a file made for any kind of key: decorated or bare.
  public static func seed(inText text: String) throws(NKeyError) -> KeyPair {
    let items = decoratedItems(text)
    if let item = items.count > 1 ? items[1] : items.first, let pair = try? KeyPair(seed: item) { return pair }
    for line in text.split(whereSeparator: \.isNewline).map({ $0.trimmed }) where line.hasPrefix("S") && line.utf8.count == 58 {
      return try KeyPair(seed: line)
    }
    throw .noSeedFound
  }

  /// The file's text, byte for byte as NATS tools write it.
  public static func format(jwt: String, seed: String, kind: String = "USER") -> String {
    """
    -----BEGIN NATS \(kind) JWT-----
    \(jwt)
    ------END NATS \(kind) JWT------

    ************************* IMPORTANT *************************
    NKEY Seed printed below can be used to sign and prove identity.
    NKEYs are sensitive and should be treated as secrets.

    -----BEGIN \(kind) NKEY SEED-----
    \(seed)
    ------END \(kind) NKEY SEED------

    *************************************************************

    """
  }

  /// Items between two lines of dashes: one line of `[A-Za-z0-9_-.=]+` after a line `---…---` and before another one.
  static func decoratedItems(_ text: String) -> [String] {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { $0.trimmed }
    var items: [String] = []
    var index = 0
    while index + 2 < lines.count {
      if isDecoration(lines[index]), isItem(lines[index + 1]), isDecoration(lines[index + 2]) {
        items.append(lines[index + 1])
        index += 3
      } else {
        index += 1
      }
    }
    return items
  }

  private static func isDecoration(_ line: String) -> Bool { line.hasPrefix("---") && line.hasSuffix("---") && line.utf8.count >= 6 }
  private static func isItem(_ line: String) -> Bool {
    !line.isEmpty
      && line.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D, 0x2E, 0x3D: true
        default: false
        }
      }
  }
}

/// Why a file is no one to log in with.
public struct CredentialsFileError: Error, Equatable, CustomStringConvertible {
  public let description: String
}

extension StringProtocol {
  /// Without blanks, tabs and line ends at both ends.
  var trimmed: String {
    let blank = { (c: Character) in c == " " || c == "\t" || c == "\r" || c == "\n" || c == "\r\n" }
    var rest = Substring(self)
    while let first = rest.first, blank(first) { rest.removeFirst() }
    while let last = rest.last, blank(last) { rest.removeLast() }
    return String(rest)
  }
}
