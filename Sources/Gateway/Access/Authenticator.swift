import HTTPServer
import Identity
import Reactor
import Synchronization
import Wire

/// Who calls, as far as the request proves it.
public struct AccessCaller: Sendable {
  /// What logs and budgets call the caller.
  public let name: String
  public let role: AccessRole
}

/// Finds the caller of a request by an access policy.
///
/// Passwords that are bcrypt hashes are checked on workers of their own, few at a time; what was found right is
/// remembered by a salted digest, so that a caller pays for bcrypt once.
final class Authenticator: Sendable {
  enum Outcome: Sendable {
    case caller(AccessCaller)
    /// The request carries no credentials at all.
    case none
    /// It carries some, and they are wrong.
    case wrong
    /// Too many checks are under way.
    case busy
  }

  private struct State {
    var known: [[UInt8]: AccessCaller] = [:]
  }

  private static let mostKnown = 1_024
  /// Makes an unknown user cost as much as a known one. The password behind it is nobody's.
  private static let decoy = "$2a$10$7EqJtq98hPqEX7fNZaFWoOhi5d6nRk8aNZ0y5mP1JqYf0m1r2Qy3K"
  /// Two checks run at the same time, and 62 may wait.
  private static let workers = WorkerQueue(width: 2, limit: 62)

  let policy: AccessPolicy
  private let salt = Random.bytes(16)
  private let state = Mutex(State())

  init(_ policy: AccessPolicy) { self.policy = policy }

  /// Whether these credentials were found right before, or are none.
  func isKnown(_ request: HTTPRequest) -> Bool {
    guard let field = request.head.header("authorization") else { return true }
    let digest = Digest.sha256(salt + Array(field.utf8))
    return state.withLock { $0.known[digest] != nil }
  }

  /// Calls `completion` once: at once where no hash has to be computed, else on a worker.
  func authenticate(_ request: HTTPRequest, completion: @escaping @Sendable (Outcome) -> Void) {
    guard let field = request.head.header("authorization") else {
      return completion(certificate(request) ?? .none)
    }
    let digest = Digest.sha256(salt + Array(field.utf8))
    if let known = state.withLock({ $0.known[digest] }) { return completion(.caller(known)) }
    let parts = field.split(separator: " ", maxSplits: 1)
    let value = parts.count == 2 ? String(parts[1].drop { $0 == " " }) : ""
    switch parts.first?.lowercased() {
    case "basic": basic(value, digest, completion)
    case "bearer": bearer(value, digest, completion)
    default: completion(.wrong)
    }
  }

  private func certificate(_ request: HTTPRequest) -> Outcome? {
    guard let subject = request.connection.clientCertificate?.subject,
      let entry = policy.certificates.first(where: { $0.subject == subject }), let role = policy.roles[entry.role]
    else { return nil }
    return .caller(AccessCaller(name: subject, role: role))
  }

  /// RFC 7617: `user:password` in base 64.
  private func basic(_ value: String, _ digest: [UInt8], _ completion: @escaping @Sendable (Outcome) -> Void) {
    guard let bytes = Base64.decode(value, .standard, .padding), let text = String(validating: bytes, as: UTF8.self),
      let colon = text.firstIndex(of: ":")
    else { return completion(.wrong) }
    let name = String(text[..<colon])
    let password = String(text[text.index(after: colon)...])
    let user = policy.users.first { $0.name == name }
    guard let user, let role = policy.roles[user.role] else {
      // A policy with plain passwords only answers wrong names as fast as wrong passwords anyway.
      guard policy.users.contains(where: { Password.isHash($0.password) }) else { return completion(.wrong) }
      return check(password, [(Authenticator.decoy, nil)], digest, completion)
    }
    let caller = AccessCaller(name: name, role: role)
    guard Password.isHash(user.password) else {
      guard Password.matches(password, stored: user.password) else { return completion(.wrong) }
      remember(digest, caller)
      return completion(.caller(caller))
    }
    check(password, [(user.password, caller)], digest, completion)
  }

  /// RFC 6750.
  private func bearer(_ token: String, _ digest: [UInt8], _ completion: @escaping @Sendable (Outcome) -> Void) {
    let hash = Digest.sha256(Array(token.utf8))
    var found: AccessCaller?
    for entry in policy.tokens where entry.bcrypt == nil {
      if equalInConstantTime(hash, entry.digest), let role = policy.roles[entry.role] {
        found = AccessCaller(name: entry.label, role: role)
      }
    }
    if let found {
      remember(digest, found)
      return completion(.caller(found))
    }
    let hashed = policy.tokens.compactMap { entry in
      entry.bcrypt.map { ($0, policy.roles[entry.role].map { AccessCaller(name: entry.label, role: $0) }) }
    }
    if hashed.isEmpty { return completion(.wrong) }
    check(token, hashed, digest, completion)
  }

  /// Compares on a worker with each hash in turn.
  private func check(
    _ secret: String, _ candidates: [(hash: String, caller: AccessCaller?)], _ digest: [UInt8],
    _ completion: @escaping @Sendable (Outcome) -> Void
  ) {
    let isTaken = Authenticator.workers.run { [self] in
      var found: AccessCaller?
      for (hash, caller) in candidates where found == nil {
        if Password.matches(secret, stored: hash), let caller { found = caller }
      }
      guard let found else { return completion(.wrong) }
      remember(digest, found)
      completion(.caller(found))
    }
    if !isTaken { completion(.busy) }
  }

  private func remember(_ digest: [UInt8], _ caller: AccessCaller) {
    state.withLock { state in
      if state.known.count >= Authenticator.mostKnown { state.known.removeAll() }
      state.known[digest] = caller
    }
  }
}
