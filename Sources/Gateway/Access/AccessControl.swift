import HTTPServer
import Logging
import Reactor
import Synchronization
import SystemAPI
import Wire

/// What the operator decides about access, besides the access file.
public struct AccessOptions: Sendable {
  /// The access file, read; nil without one.
  public var policy: AccessPolicy?
  /// Hosts that requests may be meant for where callers do not sign in; `*` for any.
  public var allowedHosts: [String] = []
  /// Lets anybody beyond this machine in.
  public var allowUnauthenticated = false
  public var crossOrigins: [String] = []
  /// Requests, streams among them, that one address may have under way; nil for no limit.
  public var concurrentPerAddress: Int? = 1_024
  /// Requests a second of each caller whose role names no budget of its own, of each address where nobody signs in; nil for no limit.
  public var requestsPerSecond: Double?

  public init() {}
}

/// A request that may be answered.
public struct AdmittedRequest: Sendable {
  /// The request as it came.
  public let http: HTTPRequest
  /// Percent-encoded path with the listener's prefix in front.
  public let path: String
  /// Whether it came through a listener that is pinned to a scope.
  public let isPinned: Bool
  /// What paths begin with on that listener; empty for none.
  public let basePath: String
  /// Whether the caller may know what servers exist.
  public let maySeeServers: Bool
  /// Whether the caller may see secrets.
  public let maySeeSecrets: Bool
  /// The caller's role; empty where nobody signs in.
  public let role: String
}

/// What becomes of a request.
struct Judgement: Sendable {
  enum Verdict: Sendable {
    case admitted(AdmittedRequest)
    case refused(Refusal)
    /// What CORS asks beforehand.
    case preflight(HTTPResponse)
  }

  let verdict: Verdict
  /// The fields that allow a page of another origin to read the answer.
  let crossOrigin: [HTTPHeader]
}

/// Decides who calls and what the caller may read; it answers nobody.
final class AccessControl: Sendable {
  /// What a reload replaces as a whole.
  private final class Rules: Sendable {
    let options: AccessOptions
    let authenticator: Authenticator?
    let crossOrigin: CrossOrigin
    let hosts: Set<String>
    /// The last authority that was found good for everybody; nearly all requests repeat it.
    let accepted = Mutex("")

    init(_ options: AccessOptions, former: Rules? = nil) throws(AccessError) {
      self.options = options
      authenticator = options.policy.map { Authenticator($0, former: former?.authenticator) }
      crossOrigin = try CrossOrigin(options.crossOrigins, authenticated: options.policy != nil)
      hosts = Set(options.allowedHosts.map { Loopback.host(of: $0) })
    }
  }

  private let rules: Mutex<Rules>
  private let budget = RequestBudget()
  private let guesses = GuessBudget()
  private let log: Logger
  /// Browsers get a page without data at the root.
  private let opensRoot: Bool
  /// What callers may read where there is no access file.
  static let everyone = AccessRole(name: "", allow: [], secrets: false)

  init(_ options: AccessOptions, log: Logger, opensRoot: Bool) throws(AccessError) {
    rules = Mutex(try Rules(options))
    self.log = log
    self.opensRoot = opensRoot
  }

  /// Uses other rules from the next request on, also on connections that exist.
  func replace(_ options: AccessOptions) throws(AccessError) {
    let new = try Rules(options, former: rules.withLock { $0 })
    rules.withLock { $0 = new }
  }

  var options: AccessOptions { rules.withLock { $0.options } }

  /// Judges one request. Call it on the connection's shard; `completion` may be called on another thread.
  func judge(_ request: HTTPRequest, mount: ListenerMount, _ completion: @escaping @Sendable (Judgement) -> Void) {
    let rules = rules.withLock { $0 }
    let origin = request.head.header("origin")
    if request.method == .options {
      return completion(Judgement(verdict: .preflight(rules.crossOrigin.options(origin)), crossOrigin: []))
    }
    let crossOrigin = rules.crossOrigin.headers(origin)
    let decide = { @Sendable (verdict: Judgement.Verdict) in completion(Judgement(verdict: verdict, crossOrigin: crossOrigin)) }
    do throws(Refusal) {
      guard request.connection.isWelcome else { throw AccessControl.certificateWanted }
      guard request.method == .get || request.method == .head else { throw Refusal.methodNotAllowed }
      try checkLoad(request, rules)
      let path = try mount.path(request.head)
      guard let authenticator = rules.authenticator else {
        try checkHost(request, mount, rules)
        let caller = AccessCaller(name: request.peer.host, role: AccessControl.everyone)
        if path != "/livez" { try takeFromBudget(caller, request, path, rules) }
        return decide(.admitted(admitted(request, path, mount, caller)))
      }
      let segments = try RequestPath.segments(path)
      if isOpen(segments, request, mount) { return decide(.admitted(stranger(request, path, mount))) }
      switch authenticator.look(request) {
      case .caller(let caller): decide(.admitted(try admit(caller, request, path, segments, mount, rules)))
      case .none: decide(.admitted(try admitNobody(request, path, segments, mount, rules)))
      case .guess(let guess):
        // Guessing is slow work; whoever is right by what costs nothing to check, or was before, is not kept out by others behind
        // the same address.
        try guesses.wait(for: guess, from: request.peer.host) { [self] in
          // A reload meanwhile counts.
          guard let now = self.rules.withLock({ $0 }).authenticator, now === authenticator else {
            guesses.wasNone(guess, from: request.peer.host)
            return judge(request, mount: mount, completion)
          }
          authenticator.check(guess) { [self] outcome in
            do throws(Refusal) {
              decide(.admitted(try judge(outcome, guess, request, path, segments, mount, rules)))
            } catch {
              decide(.refused(error))
            }
          }
        }
      }
    } catch {
      decide(.refused(error))
    }
  }

  /// Whether a request that was admitted once would be now, and be answered the same. It takes nothing from a budget, and computes no
  /// hash: a password that has to be checked again is not believed.
  func stillAdmits(_ admitted: AdmittedRequest, mount: ListenerMount) -> Bool {
    let (request, rules) = (admitted.http, rules.withLock { $0 })
    guard request.connection.isWelcome, let path = try? mount.path(request.head), path == admitted.path,
      let segments = try? RequestPath.segments(path), let caller = caller(of: request, segments, mount, rules)
    else { return false }
    let now = self.admitted(request, path, mount, caller)
    return now.maySeeSecrets == admitted.maySeeSecrets && now.maySeeServers == admitted.maySeeServers
  }

  private func caller(of request: HTTPRequest, _ segments: [String], _ mount: ListenerMount, _ rules: Rules) -> AccessCaller? {
    guard let authenticator = rules.authenticator else {
      return (try? checkHost(request, mount, rules)).map { AccessCaller(name: request.peer.host, role: AccessControl.everyone) }
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
    _ request: HTTPRequest, _ path: String, _ segments: [String], _ mount: ListenerMount, _ rules: Rules
  ) throws(Refusal) -> AdmittedRequest {
    if AccessControl.isProbe(segments) { return stranger(request, path, mount) }
    guard let name = mount.role, let role = rules.options.policy?.roles[name] else { throw AccessControl.unauthorized(wrong: false) }
    // Without credentials a page of another site could use a browser as its hand.
    try checkHost(request, mount, rules)
    return try admit(AccessCaller(name: "\(name)@\(request.peer.host)", role: role), request, path, segments, mount, rules)
  }

  private func judge(
    _ outcome: Authenticator.Outcome, _ guess: Authenticator.Guess, _ request: HTTPRequest, _ path: String, _ segments: [String],
    _ mount: ListenerMount, _ rules: Rules
  ) throws(Refusal) -> AdmittedRequest {
    switch outcome {
    case .caller(let caller):
      guesses.wasNone(guess, from: request.peer.host)
      return try admit(caller, request, path, segments, mount, rules)
    case .wrong:
      log.info("wrong credentials", metadata: metadata(request, request.head.rawPath, nil))
      throw AccessControl.unauthorized(wrong: true)
    case .busy:
      guesses.wasNone(guess, from: request.peer.host)
      throw Refusal(.busy, "too many passwords are being checked")
    }
  }

  private func admit(
    _ caller: AccessCaller, _ request: HTTPRequest, _ path: String, _ segments: [String], _ mount: ListenerMount, _ rules: Rules
  ) throws(Refusal) -> AdmittedRequest {
    guard caller.role.allows(segments) || AccessControl.isProbe(segments) else {
      log.info("denied", metadata: metadata(request, path, caller))
      throw Refusal(.forbidden, "the role \"\(caller.role.name)\" may not read this path")
    }
    try takeFromBudget(caller, request, path, rules)
    return admitted(request, path, mount, caller)
  }

  /// Takes one request from the caller's budget; 429 where it is used up.
  private func takeFromBudget(_ caller: AccessCaller, _ request: HTTPRequest, _ path: String, _ rules: Rules) throws(Refusal) {
    guard let rate = caller.role.requestsPerSecond ?? rules.options.requestsPerSecond,
      let seconds = budget.take(caller.name, perSecond: rate, now: MonotonicClock.now())
    else { return }
    log.info("over budget", metadata: metadata(request, path, caller))
    let text = rate >= 1 ? "more than \(Int(rate)) requests a second" : "more than one request in \(Int((1 / rate).rounded())) seconds"
    throw Refusal(.overBudget, text, headers: [HTTPHeader("Retry-After", "\(seconds)")])
  }

  /// 429 where an address has as much under way as it may.
  private func checkLoad(_ request: HTTPRequest, _ rules: Rules) throws(Refusal) {
    guard let most = rules.options.concurrentPerAddress, request.connection.load.requestsUnderWay > most,
      request.head.rawPath != "/livez"
    else { return }
    log.info("too many at once", metadata: metadata(request, request.head.rawPath, nil))
    throw Refusal(.tooManyAtOnce, "your address has more than \(most) requests under way (--max-concurrent)")
  }

  private func metadata(_ request: HTTPRequest, _ path: String, _ caller: AccessCaller?) -> Logger.Metadata {
    [
      "request": "\(request.idText)", "peer": "\(request.peer.host)", "path": "\(path)", "caller": "\(caller?.name ?? "")",
      "role": "\(caller?.role.name ?? "")",
    ]
  }

  private static let certificateWanted = Refusal(
    .unauthorized, "the certificate of this connection is not accepted here any more; connect again")

  private static func unauthorized(wrong: Bool) -> Refusal {
    Refusal(
      .unauthorized, wrong ? "these credentials are not known here" : "credentials are needed here",
      headers: [HTTPHeader("WWW-Authenticate", "Basic realm=\"natsight\", charset=\"UTF-8\", Bearer realm=\"natsight\"")])
  }

  /// Keeps pages of other sites from reading through a browser that resolves their name to this address.
  private func checkHost(_ request: HTTPRequest, _ mount: ListenerMount, _ rules: Rules) throws(Refusal) {
    let authority = request.head.authority
    if authority.isEmpty || mount.takesAnyHost || rules.accepted.withLock({ $0 == authority }) { return }
    let host = Loopback.host(of: authority)
    if Loopback.contains(host) || rules.hosts.contains(host) || rules.hosts.contains("*") {
      return rules.accepted.withLock { $0 = authority }
    }
    if rules.options.allowUnauthenticated || rules.options.policy != nil, HostCheck.isAddress(host) { return }
    throw Refusal(
      .misdirectedRequest, "the host \"\(host)\" is not served here without credentials; --allow-host \(host) allows it")
  }

  /// A caller without a name, for what everybody may have.
  private func stranger(_ request: HTTPRequest, _ path: String, _ mount: ListenerMount) -> AdmittedRequest {
    admitted(request, path, mount, AccessCaller(name: "", role: AccessControl.everyone), seesServers: false)
  }

  private func admitted(
    _ request: HTTPRequest, _ path: String, _ mount: ListenerMount, _ caller: AccessCaller, seesServers: Bool? = nil
  ) -> AdmittedRequest {
    let role = caller.role
    let isEveryone = role == AccessControl.everyone
    return AdmittedRequest(
      http: request, path: path, isPinned: !mount.prefix.isEmpty, basePath: mount.basePath,
      maySeeServers: seesServers ?? (isEveryone || role.allows(["servers"])), maySeeSecrets: role.secrets, role: role.name)
  }
}
