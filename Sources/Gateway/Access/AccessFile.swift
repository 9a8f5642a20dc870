import Identity
import Wire

/// Reads access files, which are written in the NATS configuration language.
///
/// ```
/// roles {
///   admin   { allow: ["/**"], secrets: true }
///   tenant  { allow: ["/account/T/**"], requests_per_second: 20 }
/// }
/// users: [ { user: alice, password: "$2a$11$…", role: admin } ]
/// tokens: [ { token: "…", role: tenant }, { sha256: "…", role: tenant }, { file: "/run/secrets/prometheus", role: admin } ]
/// certificates: [ { subject: "CN=prometheus,O=Example", role: admin } ]
/// ```
public enum AccessFile {
  /// Reads a file and the token files that it names.
  public static func load(_ path: String) throws(AccessError) -> AccessPolicy {
    let bytes: [UInt8]
    do {
      bytes = try FileAccess.read(path)
    } catch {
      throw AccessError("could not read the access file: \(error)")
    }
    return try parse(bytes, file: path)
  }

  /// Reads the text of an access file; `file` names it in messages and is where relative paths begin.
  ///
  /// - Parameter readFile: Reads the files that the text names: included ones, and those that hold tokens.
  public static func parse(
    _ text: [UInt8], file: String = "access.conf", readFile: @escaping Reading = read
  ) throws(AccessError) -> AccessPolicy {
    var reader = Reader(folder: folder(of: file), readFile: readFile)
    do throws(ConfigurationError) {
      let sources = ConfigurationSources(readFile: { try readFile($0, 16 << 20) })
      try reader.read(try ConfigurationDocument(parsing: text, file: file, sources: sources).root)
    } catch {
      throw AccessError(error.description)
    }
    return reader.policy
  }

  /// Gives the bytes of a file of at most so many bytes.
  public typealias Reading = @Sendable (_ path: String, _ limit: Int) throws -> [UInt8]

  public static func read(_ path: String, _ limit: Int) throws -> [UInt8] { try FileAccess.read(path, limit: limit) }

  private static func folder(of file: String) -> String {
    guard let slash = file.lastIndex(of: "/") else { return "" }
    return String(file[...slash])
  }

  private struct Reader {
    let folder: String
    let readFile: Reading
    var policy = AccessPolicy()

    mutating func read(_ root: ConfigurationMap) throws(ConfigurationError) {
      // Roles first: everything else names them.
      if let roles = root["roles"] { try readRoles(try roles.map("roles")) }
      for entry in root.entries where !entry.isVariable {
        switch entry.key {
        case "roles": break
        case "users": for value in try entry.value.array("users") { try readUser(try value.map("a user"), value) }
        case "tokens": for value in try entry.value.array("tokens") { try readToken(try value.map("a token"), value) }
        case "certificates":
          for value in try entry.value.array("certificates") { try readCertificate(try value.map("a certificate"), value) }
        default: throw unknown(entry, "roles, users, tokens, certificates")
        }
      }
    }

    private func unknown(_ entry: ConfigurationEntry, _ known: String) -> ConfigurationError {
      let hint = NearestWord.hint(entry.key, in: known.commaSeparated)
      return ConfigurationError("unknown field \"\(entry.key)\"\(hint); known: \(known)", at: entry.position)
    }

    private mutating func readRoles(_ roles: ConfigurationMap) throws(ConfigurationError) {
      for role in roles.entries {
        var allow: [PathPattern] = []
        var secrets = false
        var rate: Double?
        for entry in try role.value.map("the role \(role.key)").entries {
          switch entry.key {
          case "allow":
            for text in try entry.value.strings("allow") {
              do throws(AccessError) {
                allow.append(try PathPattern(text))
              } catch {
                throw ConfigurationError(error.description, at: entry.position)
              }
            }
          case "secrets": secrets = try entry.value.boolean("secrets")
          case "requests_per_second":
            let number = try entry.value.number("requests_per_second")
            guard number > 0 else { throw ConfigurationError("requests_per_second has to be above zero", at: entry.position) }
            rate = number
          default: throw unknown(entry, "allow, secrets, requests_per_second")
          }
        }
        policy.roles[role.key] = AccessRole(name: role.key, allow: allow, secrets: secrets, requestsPerSecond: rate)
      }
    }

    private func role(_ map: ConfigurationMap, _ value: ConfigurationValue) throws(ConfigurationError) -> String {
      guard let entry = map.entry("role") else { throw ConfigurationError("a role is missing here", at: value.position) }
      let name = try entry.value.string("role")
      guard policy.roles[name] != nil else {
        throw ConfigurationError(
          "no role named \"\(name)\"; known: \(policy.roles.keys.sorted().joined(separator: ", "))", at: entry.position)
      }
      return name
    }

    /// What begins like a hash is taken for one, as nats-server does; what is none then would match nothing.
    private func checkHash(_ text: String, _ what: String, _ value: ConfigurationValue) throws(ConfigurationError) {
      guard Password.isHash(text), Password.cost(ofHash: text) == nil else { return }
      throw ConfigurationError(
        "\(what) begins as a bcrypt hash does and is not one: expected $2a$, two digits from 04 to 31, $, and 53 characters",
        at: value.position)
    }

    private mutating func readUser(_ map: ConfigurationMap, _ value: ConfigurationValue) throws(ConfigurationError) {
      for entry in map.entries where !["user", "username", "password", "pass", "role"].contains(entry.key) {
        throw unknown(entry, "user, password, role")
      }
      guard let name = try (map["user"] ?? map["username"])?.string("user"), !name.isEmpty, !name.contains(":") else {
        throw ConfigurationError("a user needs a name, without colons", at: value.position)
      }
      guard let password = try (map["password"] ?? map["pass"])?.string("password"), !password.isEmpty else {
        throw ConfigurationError("the user \(name) needs a password", at: value.position)
      }
      try checkHash(password, "the password of the user \(name)", value)
      guard !policy.users.contains(where: { $0.name == name }) else {
        throw ConfigurationError("the user \(name) is there twice", at: value.position)
      }
      policy.users.append(AccessPolicy.User(name: name, password: password, role: try role(map, value)))
    }

    private mutating func readToken(_ map: ConfigurationMap, _ value: ConfigurationValue) throws(ConfigurationError) {
      for entry in map.entries where !["token", "sha256", "file", "name", "role"].contains(entry.key) {
        throw unknown(entry, "token, sha256, file, name, role")
      }
      let label = try map["name"]?.string("name") ?? "token \(policy.tokens.count + 1)"
      let role = try role(map, value)
      var digest: [UInt8] = []
      var bcrypt: String?
      if let entry = map.entry("sha256") {
        guard let bytes = Hexadecimal.decode(try entry.value.string("sha256")), bytes.count == 32 else {
          throw ConfigurationError("sha256 has to be 64 hexadecimal digits", at: entry.position)
        }
        digest = bytes
      } else if let entry = map.entry("file") {
        digest = Digest.sha256(try tokenFile(try entry.value.string("file"), entry))
      } else if let text = try map["token"]?.string("token"), !text.isEmpty {
        try checkHash(text, label, value)
        if Password.isHash(text) { bcrypt = text } else { digest = Digest.sha256(Array(text.utf8)) }
      } else {
        throw ConfigurationError("a token needs one of token, sha256, file", at: value.position)
      }
      policy.tokens.append(AccessPolicy.Token(digest: digest, bcrypt: bcrypt, label: label, role: role))
    }

    /// The token of a file, without the line end that editors leave.
    private func tokenFile(_ path: String, _ entry: ConfigurationEntry) throws(ConfigurationError) -> [UInt8] {
      var bytes: [UInt8]
      do {
        bytes = try readFile(path.hasPrefix("/") ? path : folder + path, 65_536)
      } catch {
        throw ConfigurationError("could not read the token file: \(error)", at: entry.position)
      }
      while let last = bytes.last, last == 0x0A || last == 0x0D || last == 0x20 { bytes.removeLast() }
      guard !bytes.isEmpty else { throw ConfigurationError("the token file \(path) is empty", at: entry.position) }
      return bytes
    }

    private mutating func readCertificate(_ map: ConfigurationMap, _ value: ConfigurationValue) throws(ConfigurationError) {
      for entry in map.entries where !["subject", "role"].contains(entry.key) { throw unknown(entry, "subject, role") }
      guard let subject = try map["subject"]?.string("subject"), !subject.isEmpty else {
        throw ConfigurationError("a certificate needs its subject", at: value.position)
      }
      policy.certificates.append(AccessPolicy.Certificate(subject: subject, role: try role(map, value)))
    }
  }
}
