/// A kind of NATS claims: the standard ones and a body under `nats`.
public protocol Claims: Sendable {
  /// The word in `nats.type`.
  static var type: String { get }
  /// Kinds of keys that may sign such a token.
  static var issuerKinds: [KeyKind] { get }
  /// What the library says when another kind of token was found.
  static var notThisClaim: String { get }
  var standard: StandardClaims { get set }
  var tags: [String] { get set }
  /// Version found when decoding, 1 or 2; written tokens are always 2.
  var version: Int { get set }
  /// Members of `nats` before `tags`, `type` and `version`.
  func body() -> [ClaimMember]
  init(standard: StandardClaims, body: ClaimValue, version: Int, token: ClaimValue) throws
  func validate(now: Int64) -> [ValidationIssue]
}

/// An operator: the root of trust.
public struct OperatorClaims: Claims, Equatable {
  public static let type = "operator"
  public static let issuerKinds: [KeyKind] = [.operator]
  public static let notThisClaim = "not operator claim"
  public var standard: StandardClaims
  public var signingKeys: [String] = []
  public var accountServerURL = ""
  public var serviceURLs: [String] = []
  public var systemAccount = ""
  public var assertServerVersion = ""
  public var strictSigningKeyUsage = false
  public var tags: [String] = []
  public var version = 2

  public init(subject: String, name: String = "") { standard = StandardClaims(subject: subject, name: name) }

  public init(standard: StandardClaims, body: ClaimValue, version: Int, token: ClaimValue) throws {
    let reader = ClaimReader(body, path: "nats")
    self.standard = standard
    signingKeys = try reader.strings("signing_keys")
    accountServerURL = try reader.string("account_server_url")
    serviceURLs = try reader.strings("operator_service_urls")
    systemAccount = try reader.string("system_account")
    assertServerVersion = try reader.string("assert_server_version")
    strictSigningKeyUsage = try reader.bool("strict_signing_key_usage")
    self.version = version
    tags = try Token.tags(body, token, version)
  }

  public func body() -> [ClaimMember] {
    var builder = ClaimBuilder()
    builder.add("signing_keys", signingKeys)
    builder.add("account_server_url", accountServerURL)
    builder.add("operator_service_urls", serviceURLs)
    builder.add("system_account", systemAccount)
    builder.add("assert_server_version", assertServerVersion)
    builder.add("strict_signing_key_usage", strictSigningKeyUsage)
    return builder.members
  }

  /// Whether `key` may sign accounts: the operator itself (unless strict) or one of its signing keys.
  public func trusts(_ key: String) -> Bool { signingKeys.contains(key) || (!strictSigningKeyUsage && key == standard.subject) }

  /// All keys whose signature under an account counts.
  public var trustedKeys: [String] { (strictSigningKeyUsage ? [] : [standard.subject]) + signingKeys }
}

/// A user of an account.
public struct UserClaims: Claims, Equatable {
  public static let type = "user"
  public static let issuerKinds: [KeyKind] = [.account]
  public static let notThisClaim = "not user claim"
  public var standard: StandardClaims
  public var limits = UserLimits()
  /// Set when the issuer is a signing key of the account.
  public var issuerAccount = ""
  public var tags: [String] = []
  public var version = 2

  public init(subject: String, name: String = "") { standard = StandardClaims(subject: subject, name: name) }

  public init(standard: StandardClaims, body: ClaimValue, version: Int, token: ClaimValue) throws {
    self.standard = standard
    limits = try UserLimits(ClaimReader(body, path: "nats"), version: version)
    issuerAccount =
      try version == 1 ? ClaimReader(token, path: "").string("issuer_account") : ClaimReader(body, path: "nats").string("issuer_account")
    if issuerAccount.isEmpty && version == 1 { issuerAccount = try ClaimReader(body, path: "nats").string("issuer_account") }
    self.version = version
    tags = try Token.tags(body, token, version)
  }

  public func body() -> [ClaimMember] {
    var builder = ClaimBuilder()
    limits.add(to: &builder)
    builder.add("issuer_account", issuerAccount)
    return builder.members
  }

  /// The account this user belongs to: the issuer, or the account it signs for.
  public var account: String { issuerAccount.isEmpty ? standard.issuer : issuerAccount }
}

/// Leave for one account to import a private export of another.
public struct ActivationClaims: Claims, Equatable {
  public static let type = "activation"
  public static let issuerKinds: [KeyKind] = [.account, .operator]
  public static let notThisClaim = "not activation claim"
  public var standard: StandardClaims
  public var importSubject = ""
  public var importKindText = ""
  public var importKind: SubjectKind? { SubjectKind(rawValue: importKindText) }
  public var issuerAccount = ""
  public var tags: [String] = []
  public var version = 2

  public init(subject: String, importSubject: String, kind: SubjectKind) {
    standard = StandardClaims(subject: subject, name: importSubject)
    self.importSubject = importSubject
    importKindText = kind.rawValue
  }

  public init(standard: StandardClaims, body: ClaimValue, version: Int, token: ClaimValue) throws {
    let reader = ClaimReader(body, path: "nats")
    self.standard = standard
    importSubject = try reader.string("subject")
    importKindText = try reader.string(version == 1 ? "type" : "kind")
    issuerAccount = try version == 1 ? ClaimReader(token, path: "").string("issuer_account") : reader.string("issuer_account")
    self.version = version
    tags = try Token.tags(body, token, version)
  }

  public func body() -> [ClaimMember] {
    var builder = ClaimBuilder()
    builder.add("subject", importSubject)
    builder.add("kind", importKindText)
    builder.add("issuer_account", issuerAccount)
    return builder.members
  }

  /// The exporting account.
  public var exporter: String { issuerAccount.isEmpty ? standard.issuer : issuerAccount }

  /// Name under which account servers store activations: padded base32 of SHA-256 over `issuer.subject.cleaned`.
  public func hashID() -> String {
    ActivationClaims.hashID(issuer: standard.issuer, subject: standard.subject, importSubject: importSubject)
  }

  public static func hashID(issuer: String, subject: String, importSubject: String) -> String {
    let tokens = importSubject.split(separator: ".", omittingEmptySubsequences: false)
    let cleaned = tokens.prefix { $0 != "*" && $0 != ">" }.joined(separator: ".")
    let text = "\(issuer).\(subject).\(cleaned.isEmpty ? "_" : cleaned)"
    return Base32.encode(Digest.sha256(Array(text.utf8)), padded: true)
  }

  /// The text of an activation file.
  public static func armoured(_ token: String) -> String {
    "-----BEGIN NATS ACTIVATION JWT-----\n\(token)\n------END NATS ACTIVATION JWT------\n\n"
  }
}

/// Any other body, such as the list of accounts to delete.
public struct GenericClaims: Claims, Equatable {
  public static let type = "generic"
  public static let issuerKinds: [KeyKind] = KeyKind.allCases
  public static let notThisClaim = "not generic claim"
  public var standard: StandardClaims
  public var data: ClaimValue
  public var tags: [String] = []
  public var version = 2

  public init(subject: String, data: ClaimValue) {
    standard = StandardClaims(subject: subject)
    self.data = data
  }

  public init(standard: StandardClaims, body: ClaimValue, version: Int, token: ClaimValue) throws {
    self.standard = standard
    data = body
    self.version = version
    tags = try Token.tags(body, token, version)
  }

  public func body() -> [ClaimMember] {
    guard case .object(let members) = data else { return [] }
    return members.filter { !["tags", "type", "version"].contains($0.name) }
  }
}
