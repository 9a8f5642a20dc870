import HTTPServer
import Identity
import Reactor
import Wire

/// Who calls, as far as the request proves it.
public struct AccessCaller: Sendable, Equatable {
  /// What logs and budgets call the caller.
  public let name: String
  public let role: AccessRole
}

/// Finds the caller of a request by an access policy.
///
/// What costs nothing to check is looked at first and at once: certificates, tokens and their SHA-256 digests, and what was found right
/// before. Everything else is a guess until it is checked, on workers of its own, few at a time.
final class Authenticator: Sendable {
  /// What can be said of a request at once.
  enum FirstLook: Sendable {
    case caller(AccessCaller)
    /// The request carries no credentials at all.
    case none
    /// It carries some that have to be checked, or are wrong.
    case guess(Guess)
  }

  /// Credentials that were not found right at the first look.
  struct Guess: Sendable {
    enum Kind: Sendable {
      case password(user: String, String)
      case token(String)
      case unreadable
    }

    let kind: Kind
    fileprivate let digest: [UInt8]

    /// Who was tried, for the log. Of a name that nobody has only that: it may be a secret in the wrong place.
    ///
    /// - Parameter isKnown: Whether somebody has a name.
    func told(_ isKnown: (String) -> Bool) -> String {
      switch kind {
      case .password(let user, _) where isKnown(user): "the user \(user)"
      case .password: "a user that is not in the access file"
      case .token: "a token"
      case .unreadable: "what is neither a user with a password nor a token"
      }
    }

    /// What budgets count it by, besides the address: the name that was tried, known or not, so that guesses at one name, or at
    /// tokens, keep no other out.
    var target: String {
      switch kind {
      case .password(let user, _): "user \(user.prefix(128))"
      case .token, .unreadable: "token"
      }
    }
  }

  /// Whether the access file has a user of this name.
  func hasUser(_ name: String) -> Bool { users[name] != nil }

  /// What a check of a guess found.
  enum Outcome: Sendable {
    case caller(AccessCaller)
    case wrong
    /// Too many checks are under way.
    case busy
  }

  /// Two checks run at the same time, and 62 may wait.
  private static let workers = WorkerQueue(width: 2, limit: 62)

  let policy: AccessPolicy
  private let users: [String: AccessPolicy.User]
  private let proven: ProvenCredentials
  private let salt: [UInt8]
  /// The highest cost among the users' hashes.
  private let dearest: Int?

  /// - Parameter former: The one that these rules replace: who proved to be somebody there still has, where the file still says so.
  init(_ policy: AccessPolicy, former: Authenticator? = nil) {
    self.policy = policy
    users = Dictionary(policy.users.map { ($0.name, $0) }) { first, _ in first }
    proven = former?.proven ?? ProvenCredentials()
    salt = former?.salt ?? Random.bytes(16)
    dearest = policy.users.compactMap { Password.cost(ofHash: $0.password) }.max()
  }

  /// Finds out what it can without computing a hash.
  func look(_ request: HTTPRequest) -> FirstLook {
    guard let field = request.head.header("authorization") else { return certificate(request).map(FirstLook.caller) ?? .none }
    let digest = Digest.sha256(salt + Array(field.utf8))
    if let caller = proven[digest].flatMap(caller) { return .caller(caller) }
    let kind = Authenticator.kind(of: field)
    if case .token(let token) = kind, let caller = plainToken(token) { return .caller(caller) }
    return .guess(Guess(kind: kind, digest: digest))
  }

  private static func kind(of field: String) -> Guess.Kind {
    let parts = field.split(separator: " ", maxSplits: 1)
    let value = parts.count == 2 ? String(parts[1].drop { $0 == " " }) : ""
    switch parts.first?.lowercased() {
    case "bearer": return .token(value)
    case "basic":
      // RFC 7617: `user:password` in base 64. Split by bytes: a password may begin with a mark that combines with the colon.
      guard let bytes = Base64.decode(value, .standard, .padding), let text = String(validating: bytes, as: UTF8.self),
        let colon = text.utf8.firstIndex(of: UInt8(ascii: ":"))
      else { return .unreadable }
      return .password(user: String(text[..<colon]), String(text[text.utf8.index(after: colon)...]))
    default: return .unreadable
    }
  }

  /// Who it was that was found right before, if the file still says so.
  private func caller(_ proof: ProvenCredentials.Proof) -> AccessCaller? {
    switch proof {
    case .user(let name, let stored):
      guard let user = users[name], user.password == stored else { return nil }
      return caller(user)
    case .token(let stored):
      guard let entry = policy.tokens.first(where: { $0.bcrypt == stored }) else { return nil }
      return caller(entry)
    }
  }

  private func caller(_ user: AccessPolicy.User) -> AccessCaller? {
    policy.roles[user.role].map { AccessCaller(name: user.name, role: $0) }
  }

  private func caller(_ token: AccessPolicy.Token) -> AccessCaller? {
    policy.roles[token.role].map { AccessCaller(name: token.label, role: $0) }
  }

  private func certificate(_ request: HTTPRequest) -> AccessCaller? {
    guard let subject = request.connection.clientCertificate?.subject,
      let entry = policy.certificates.first(where: { $0.subject == subject })
    else { return nil }
    return policy.roles[entry.role].map { AccessCaller(name: subject, role: $0) }
  }

  /// RFC 6750. Every token is compared with, whichever fits.
  private func plainToken(_ token: String) -> AccessCaller? {
    let hash = Digest.sha256(Array(token.utf8))
    var found: AccessCaller?
    for entry in policy.tokens where entry.bcrypt == nil {
      if equalInConstantTime(hash, entry.digest) { found = caller(entry) ?? found }
    }
    return found
  }

  /// Checks a guess. Calls `completion` once: at once where no hash has to be computed, else on a worker.
  func check(_ guess: Guess, completion: @escaping @Sendable (Outcome) -> Void) {
    switch guess.kind {
    case .unreadable: completion(.wrong)
    case .token(let token): check(token: token, guess.digest, completion)
    case .password(let name, let password): check(password, of: name, guess.digest, completion)
    }
  }

  private func check(_ password: String, of name: String, _ digest: [UInt8], _ completion: @escaping @Sendable (Outcome) -> Void) {
    let user = users[name]
    if let user, let caller = caller(user), !Password.isHash(user.password), Password.matches(password, stored: user.password) {
      proven.remember(digest, .user(name: name, stored: user.password))
      return completion(.caller(caller))
    }
    let check = PasswordCheck(stored: user?.password, dearest: dearest)
    if check.isFree { return completion(.wrong) }
    run(completion) { [self] in
      guard check.matches(password), let user, let caller = caller(user) else { return .wrong }
      proven.remember(digest, .user(name: name, stored: user.password))
      return .caller(caller)
    }
  }

  private func check(token: String, _ digest: [UInt8], _ completion: @escaping @Sendable (Outcome) -> Void) {
    let hashed = policy.tokens.filter { $0.bcrypt != nil }
    if hashed.isEmpty { return completion(.wrong) }
    run(completion) { [self] in
      for entry in hashed {
        guard let stored = entry.bcrypt, Password.matches(token, stored: stored), let caller = caller(entry) else { continue }
        proven.remember(digest, .token(stored: stored))
        return .caller(caller)
      }
      return .wrong
    }
  }

  private func run(_ completion: @escaping @Sendable (Outcome) -> Void, _ check: @escaping @Sendable () -> Outcome) {
    if !Authenticator.workers.run({ completion(check()) }) { completion(.busy) }
  }
}
