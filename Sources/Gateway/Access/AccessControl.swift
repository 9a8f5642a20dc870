import HTTPServer
import Logging
import Reactor
import Synchronization
import SystemAPI
import Wire

/// Decides who calls and what the caller may read; it answers nobody.
final class AccessControl: Sendable {
  private let rules: Mutex<AccessRules>
  private let budget = RequestBudget()
  private let guesses = GuessBudget()
  private let log: Logger
  /// Browsers get a page without data at the root.
  private let opensRoot: Bool

  init(_ options: AccessOptions, log: Logger, opensRoot: Bool) throws(AccessError) {
    rules = Mutex(try AccessRules(options))
    self.log = log
    self.opensRoot = opensRoot
  }

  /// Uses other rules from the next request on, also on connections that exist.
  func replace(_ options: AccessOptions) throws(AccessError) {
    let new = try AccessRules(options, former: rules.withLock { $0 })
    rules.withLock { $0 = new }
  }

  var options: AccessOptions { rules.withLock { $0.options } }

  /// Judges one request. Call it on the connection's shard.
  ///
  /// - Parameter isWelcome: Whether the listener takes its connection as it is now (`HTTPConnectionInfo.isWelcome`).
  func judge(_ request: HTTPRequest, mount: ListenerMount, isWelcome: Bool) -> Admission {
    let rules = rules.withLock { $0 }
    let origin = request.head.header("origin")
    if request.method == .options && !takesAnyMethod(mount, rules) {
      return Admission(verdict: .preflight(rules.crossOrigin.options(origin)), crossOrigin: [])
    }
    let crossOrigin = rules.crossOrigin.headers(origin)
    do throws(Refusal) {
      return Admission(verdict: try verdict(request, mount, rules, isWelcome: isWelcome), crossOrigin: crossOrigin)
    } catch {
      return Admission(verdict: .refused(error), crossOrigin: crossOrigin)
    }
  }

  /// As nats-server's own port does: nothing can be changed there, so that a method is no more than a word. Where credentials are asked for,
  /// a page of somebody else's is not to use a browser's by a method that no preflight is made for.
  private func takesAnyMethod(_ mount: ListenerMount, _ rules: AccessRules) -> Bool { mount.isServersOwn && rules.authenticator == nil }

  private func verdict(
    _ request: HTTPRequest, _ mount: ListenerMount, _ rules: AccessRules, isWelcome: Bool
  ) throws(Refusal) -> Admission.Verdict {
    guard isWelcome else { throw AccessControl.certificateWanted }
    guard request.method == .get || request.method == .head || takesAnyMethod(mount, rules) else { throw Refusal.methodNotAllowed }
    try checkLoad(request, rules)
    let path = try mount.path(request.head)
    guard let authenticator = rules.authenticator else {
      try checkHost(request, mount, rules)
      let caller = AccessCaller(name: request.connection.load.network, role: .everyone)
      if path != "/livez" { try takeFromBudget(caller, request, path, rules) }
      return .admitted(AdmittedRequest(request, path: path, mount, caller))
    }
    let segments = try RequestPath.segments(path)
    if isOpen(segments, request, mount) { return .admitted(.stranger(request, path, mount)) }
    switch authenticator.look(request) {
    case .caller(let caller): return .admitted(try admit(caller, request, path, segments, mount, rules))
    case .none: return .admitted(try admitNobody(request, path, segments, mount, rules))
    case .guess(let guess):
      return .guessed(GuessedRequest(guess: guess, authenticator: authenticator, rules: rules, path: path, segments: segments))
    }
  }

  /// Checks the credentials that a judgement left open, when it is their turn: guessing is slow work, and whoever is right by what costs
  /// nothing to check, or was before, is not kept out by others behind the same address.
  ///
  /// - Parameter completion: May be called on another thread, and gets no `guessed`.
  func settle(
    _ guessed: GuessedRequest, _ request: HTTPRequest, mount: ListenerMount, _ completion: @escaping @Sendable (Admission.Verdict) -> Void
  ) {
    let network = request.connection.load.network
    do throws(Refusal) {
      try guesses.wait(for: guessed.guess, from: network) { [self] in
        // A reload meanwhile counts.
        guard rules.withLock({ $0 }) === guessed.rules else {
          guesses.wasNone(guessed.guess, from: network)
          let again = judge(request, mount: mount, isWelcome: request.connection.isWelcome).verdict
          guard case .guessed(let guessed) = again else { return completion(again) }
          return settle(guessed, request, mount: mount, completion)
        }
        guessed.authenticator.check(guessed.guess) { [self] outcome in
          do throws(Refusal) {
            completion(.admitted(try judge(outcome, guessed, request, mount)))
          } catch {
            completion(.refused(error))
          }
        }
      }
    } catch {
      completion(.refused(error))
    }
  }

  /// Whether a request that was admitted once would be now, and be answered the same. It takes nothing from a budget, and computes no
  /// hash: a password that has to be checked again is not believed.
  func stillAdmits(_ admitted: AdmittedRequest, mount: ListenerMount) -> Bool {
    let (request, rules) = (admitted.http, rules.withLock { $0 })
    guard request.connection.isWelcome, let path = try? mount.path(request.head), path == admitted.path,
      let segments = try? RequestPath.segments(path), let caller = caller(of: request, segments, mount, rules)
    else { return false }
    let now = AdmittedRequest(request, path: path, mount, caller)
    return now.maySeeSecrets == admitted.maySeeSecrets && now.maySeeServers == admitted.maySeeServers
  }

  private func caller(of request: HTTPRequest, _ segments: [String], _ mount: ListenerMount, _ rules: AccessRules) -> AccessCaller? {
    guard let authenticator = rules.authenticator else {
      return (try? checkHost(request, mount, rules)).map { AccessCaller(name: request.connection.load.network, role: .everyone) }
    }
    switch authenticator.look(request) {
    case .caller(let caller): return caller.role.allows(segments) ? caller : nil
    case .guess: return nil
    case .none:
      guard let role = mount.role.flatMap({ rules.options.policy?.roles[$0] }), role.allows(segments),
        (try? checkHost(request, mount, rules)) != nil
      else { return nil }
      return AccessCaller(name: role.name, role: role)
    }
  }

  /// What everybody may have: the liveness probe and the files of the browser pages.
  private func isOpen(_ path: [String], _ request: HTTPRequest, _ mount: ListenerMount) -> Bool {
    if path == ["livez"] || path.first == "assets" { return true }
    return opensRoot && path.isEmpty && mount.prefix.isEmpty && HTTPNegotiation.prefersHTML(request.head.list("accept"))
  }

  /// Probes learn whether the gateway is ready, and only roles learn why not.
  private static func isProbe(_ path: [String]) -> Bool { path == ["readyz"] }

  /// Whoever brings no credentials: what the listener grants, if it grants anything.
  private func admitNobody(
    _ request: HTTPRequest, _ path: String, _ segments: [String], _ mount: ListenerMount, _ rules: AccessRules
  ) throws(Refusal) -> AdmittedRequest {
    if AccessControl.isProbe(segments) { return .stranger(request, path, mount) }
    guard let name = mount.role, let role = rules.options.policy?.roles[name] else { throw AccessControl.unauthorized(wrong: false) }
    // Without credentials a page of another site could use a browser as its hand.
    try checkHost(request, mount, rules)
    return try admit(AccessCaller(name: "\(name)@\(request.connection.load.network)", role: role), request, path, segments, mount, rules)
  }

  private func judge(
    _ outcome: Authenticator.Outcome, _ guessed: GuessedRequest, _ request: HTTPRequest, _ mount: ListenerMount
  ) throws(Refusal) -> AdmittedRequest {
    switch outcome {
    case .caller(let caller):
      guesses.wasNone(guessed.guess, from: request.connection.load.network)
      return try admit(caller, request, guessed.path, guessed.segments, mount, guessed.rules)
    case .wrong:
      log.notice(
        "wrong credentials",
        metadata: metadata(request, request.head.rawPath, nil).merging(["tried": "\(guessed.guess.told(guessed.authenticator.hasUser))"]) {
          $1
        })
      throw AccessControl.unauthorized(wrong: true)
    case .busy:
      guesses.wasNone(guessed.guess, from: request.connection.load.network)
      throw Refusal(.busy, "too many passwords are being checked")
    }
  }

  private func admit(
    _ caller: AccessCaller, _ request: HTTPRequest, _ path: String, _ segments: [String], _ mount: ListenerMount, _ rules: AccessRules
  ) throws(Refusal) -> AdmittedRequest {
    guard caller.role.allows(segments) || AccessControl.isProbe(segments) else {
      log.info("denied", metadata: metadata(request, path, caller))
      throw Refusal(.forbidden, "the role \"\(caller.role.name)\" may not read this path")
    }
    try takeFromBudget(caller, request, path, rules)
    return AdmittedRequest(request, path: path, mount, caller)
  }

  /// Takes one request from the caller's budget; 429 where it is used up.
  private func takeFromBudget(_ caller: AccessCaller, _ request: HTTPRequest, _ path: String, _ rules: AccessRules) throws(Refusal) {
    guard let rate = caller.role.requestsPerSecond ?? rules.options.requestsPerSecond,
      let seconds = budget.take(caller.name, perSecond: rate, now: MonotonicClock.now())
    else { return }
    log.info("over budget", metadata: metadata(request, path, caller))
    let text = rate >= 1 ? "more than \(Int(rate)) requests a second" : "more than one request in \(Int((1 / rate).rounded())) seconds"
    throw Refusal(.overBudget, text, headers: [HTTPHeader("Retry-After", "\(seconds)")])
  }

  /// 429 where an address has as much under way as it may.
  private func checkLoad(_ request: HTTPRequest, _ rules: AccessRules) throws(Refusal) {
    guard let most = rules.options.concurrentPerAddress, request.connection.load.requestsUnderWay > most,
      request.head.rawPath != "/livez"
    else { return }
    log.info("too many at once", metadata: metadata(request, request.head.rawPath, nil))
    throw Refusal(.tooManyAtOnce, "your address has more than \(most) requests under way (--max-concurrent)")
  }

  private func metadata(_ request: HTTPRequest, _ path: String, _ caller: AccessCaller?) -> Logger.Metadata {
    var told: Logger.Metadata = ["request": "\(request.idText)", "peer": "\(request.peer.host)", "path": "\(path)"]
    if let caller { told.merge(["caller": "\(caller.name)", "role": "\(caller.role.name)"]) { $1 } }
    return told
  }

  private static let certificateWanted = Refusal(
    .unauthorized, "the certificate of this connection is not accepted here any more; connect again")

  private static func unauthorized(wrong: Bool) -> Refusal {
    Refusal(
      .unauthorized, wrong ? "these credentials are not known here" : "credentials are needed here",
      headers: [HTTPHeader("WWW-Authenticate", "Basic realm=\"natsight\", charset=\"UTF-8\", Bearer realm=\"natsight\"")])
  }

  /// Keeps pages of other sites from reading through a browser that resolves their name to this address.
  private func checkHost(_ request: HTTPRequest, _ mount: ListenerMount, _ rules: AccessRules) throws(Refusal) {
    // The HTTP server hands the same head out where a peer repeats itself.
    if mount.isServersOwn || rules.accepted.withLock({ $0 === request.head }) { return }
    let authority = request.head.authority
    if authority.isEmpty { return }
    let host = Loopback.host(of: authority)
    if Loopback.contains(host) || rules.hosts.contains(host) || rules.hosts.contains("*") {
      return rules.accepted.withLock { $0 = request.head }
    }
    if rules.options.allowUnauthenticated || rules.options.policy != nil, HostCheck.isAddress(host) { return }
    throw Refusal(
      .misdirectedRequest, "the host \"\(host)\" is not served here without credentials; --allow-host \(host) allows it")
  }
}
