import HTTPServer
import Logging
import Reactor
import Synchronization
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

/// Stands between the listeners and the gateway: decides who calls, what the caller may read, and what of an answer
/// the caller may see.
public final class AccessControl: Sendable {
  public typealias Answer = @Sendable (AdmittedRequest, HTTPResponder) -> Void

  /// What a reload replaces as a whole.
  private final class Rules: Sendable {
    let options: AccessOptions
    let authenticator: Authenticator?
    let crossOrigin: CrossOrigin
    let hosts: Set<String>
    /// The last authority that was found good for everybody; nearly all requests repeat it.
    let accepted = Mutex("")

    init(_ options: AccessOptions) throws(AccessError) {
      self.options = options
      authenticator = options.policy.map(Authenticator.init)
      crossOrigin = try CrossOrigin(options.crossOrigins, authenticated: options.policy != nil)
      hosts = Set(options.allowedHosts.map { Loopback.host(of: $0) })
    }
  }

  private let rules: Mutex<Rules>
  private let budget = RequestBudget()
  /// Wrong credentials, by address.
  private let failures = RequestBudget()
  /// So many wrong credentials a second from one address are looked at, and twice as many at once.
  private static let failuresPerSecond = 5.0
  private let answer: Answer
  private let log: Logger
  /// What callers may read where there is no access file.
  static let everyone = AccessRole(name: "", allow: [], secrets: false)

  public init(_ options: AccessOptions, log: Logger, answer: @escaping Answer) throws(AccessError) {
    rules = Mutex(try Rules(options))
    self.log = log
    self.answer = answer
  }

  /// Uses other rules from the next request on, also on connections that exist.
  public func replace(_ options: AccessOptions) throws(AccessError) {
    let new = try Rules(options)
    rules.withLock { $0 = new }
  }

  var options: AccessOptions { rules.withLock { $0.options } }

  /// Admits or refuses one request. Call it on the connection's shard.
  public func handle(_ request: HTTPRequest, _ responder: HTTPResponder, mount: ListenerMount) {
    let rules = rules.withLock { $0 }
    let origin = request.head.header("origin")
    if request.method == .options { return responder.respond(rules.crossOrigin.options(origin)) }
    let dressed = responder.transforming { response in AccessControl.dress(response, rules.crossOrigin.headers(origin), request) }
    guard request.method == .get || request.method == .head else {
      return dressed.respond(Refusal.methodNotAllowed.response)
    }
    do throws(Refusal) {
      if let most = rules.options.concurrentPerAddress, request.connection.load.requestsUnderWay > most, request.head.rawPath != "/livez" {
        return refuseBusy(request, dressed, most)
      }
      let path = try mount.path(request.head)
      guard let authenticator = rules.authenticator else {
        try checkHost(request, mount, rules)
        let caller = AccessCaller(name: request.peer.host, role: AccessControl.everyone)
        guard path == "/livez" || isWithinBudget(caller, request, dressed, path, rules) else { return }
        return admit(request, dressed, path, mount, caller)
      }
      let segments = try RequestPath.segments(path)
      if AccessControl.isOpen(segments, request, mount) {
        return admit(request, dressed, path, mount, AccessCaller(name: "", role: AccessControl.everyone), seesServers: false)
      }
      // Guessing is slow work; whoever was right before is not kept out by others behind the same address.
      if failures.isSpent(request.peer.host, perSecond: AccessControl.failuresPerSecond, now: MonotonicClock.now()),
        !authenticator.isKnown(request)
      {
        return dressed.respond(Refusal(.tooManyFailures, "too many wrong credentials came from your address").response)
      }
      authenticator.authenticate(request) { [self] outcome in
        decide(outcome, request, dressed, path, segments, mount, rules)
      }
    } catch {
      dressed.respond(error.response)
    }
  }

  /// What everybody may have: the liveness probe and the files of the browser pages.
  private static func isOpen(_ path: [String], _ request: HTTPRequest, _ mount: ListenerMount) -> Bool {
    if path == ["livez"] || path.first == "assets" { return true }
    return path.isEmpty && mount.prefix.isEmpty && HTTPNegotiation.prefersHTML(request.head.list("accept"))
  }

  /// Probes learn whether the gateway is ready, and only roles learn why not.
  private static func isProbe(_ path: [String]) -> Bool { path == ["readyz"] }

  private func decide(
    _ outcome: Authenticator.Outcome, _ request: HTTPRequest, _ responder: HTTPResponder, _ path: String, _ segments: [String],
    _ mount: ListenerMount, _ rules: Rules
  ) {
    let caller: AccessCaller
    switch outcome {
    case .caller(let found): caller = found
    case .none where AccessControl.isProbe(segments):
      return admit(request, responder, path, mount, AccessCaller(name: "", role: AccessControl.everyone), seesServers: false)
    case .none:
      guard let name = mount.role, let role = rules.options.policy?.roles[name] else {
        return refuseUnknown(request, responder, wrong: false)
      }
      // Without credentials a page of another site could use a browser as its hand.
      do throws(Refusal) { try checkHost(request, mount, rules) } catch {
        return responder.respond(error.response)
      }
      caller = AccessCaller(name: "\(name)@\(request.peer.host)", role: role)
    case .wrong: return refuseUnknown(request, responder, wrong: true)
    case .busy:
      return responder.respond(Refusal(.busy, "too many passwords are being checked").response)
    }
    guard caller.role.allows(segments) || AccessControl.isProbe(segments) else {
      log.info("denied", metadata: metadata(request, path, caller))
      return responder.respond(Refusal(.forbidden, "the role \"\(caller.role.name)\" may not read this path").response)
    }
    guard isWithinBudget(caller, request, responder, path, rules) else { return }
    admit(request, responder, path, mount, caller)
  }

  /// Takes one request from the caller's budget; answers 429 where it is used up.
  private func isWithinBudget(
    _ caller: AccessCaller, _ request: HTTPRequest, _ responder: HTTPResponder, _ path: String, _ rules: Rules
  ) -> Bool {
    guard let rate = caller.role.requestsPerSecond ?? rules.options.requestsPerSecond,
      let seconds = budget.take(caller.name, perSecond: rate, now: MonotonicClock.now())
    else { return true }
    log.info("over budget", metadata: metadata(request, path, caller))
    let text = rate >= 1 ? "more than \(Int(rate)) requests a second" : "more than one request in \(Int((1 / rate).rounded())) seconds"
    responder.respond(Refusal(.overBudget, text, headers: [HTTPHeader("Retry-After", "\(seconds)")]).response)
    return false
  }

  private func refuseBusy(_ request: HTTPRequest, _ responder: HTTPResponder, _ most: Int) {
    log.info("too many at once", metadata: metadata(request, request.head.rawPath, nil))
    responder.respond(
      Refusal(.tooManyAtOnce, "your address has more than \(most) requests under way (--max-concurrent)").response)
  }

  private func metadata(_ request: HTTPRequest, _ path: String, _ caller: AccessCaller?) -> Logger.Metadata {
    [
      "request": "\(request.idText)", "peer": "\(request.peer.host)", "path": "\(path)", "caller": "\(caller?.name ?? "")",
      "role": "\(caller?.role.name ?? "")",
    ]
  }

  private func refuseUnknown(_ request: HTTPRequest, _ responder: HTTPResponder, wrong: Bool) {
    if wrong {
      _ = failures.take(request.peer.host, perSecond: AccessControl.failuresPerSecond, now: MonotonicClock.now())
      log.info("wrong credentials", metadata: metadata(request, request.head.rawPath, nil))
    }
    responder.respond(
      Refusal(
        .unauthorized, wrong ? "these credentials are not known here" : "credentials are needed here",
        headers: [HTTPHeader("WWW-Authenticate", "Basic realm=\"natsight\", charset=\"UTF-8\", Bearer realm=\"natsight\"")]
      ).response)
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

  private func admit(
    _ request: HTTPRequest, _ responder: HTTPResponder, _ path: String, _ mount: ListenerMount, _ caller: AccessCaller,
    seesServers: Bool? = nil
  ) {
    let role = caller.role
    let isEveryone = role == AccessControl.everyone
    let admitted = AdmittedRequest(
      http: request, path: path, isPinned: !mount.prefix.isEmpty, basePath: mount.basePath,
      maySeeServers: seesServers ?? (isEveryone || role.allows(["servers"])), maySeeSecrets: role.secrets, role: role.name)
    // The files of the browser pages are the same for everybody, and hold nobody's secrets.
    if role.secrets || path.hasPrefix("/assets/") { return answer(admitted, responder) }
    // An escape may spell the name in another way.
    let commandLines = path.hasSuffix("expvarz") || path.hasSuffix("vars") || path.utf8.contains(UInt8(ascii: "%"))
    answer(
      admitted,
      responder.transforming(stream: { Redaction.redact($0, commandLines: commandLines) ?? $0 }) { response in
        if response.isRedacted { return response }
        guard let body = Redaction.redact(response.body, commandLines: commandLines) else { return response }
        var redacted = response
        redacted.body = body
        redacted.gzippedBody = nil
        return redacted
      })
  }

  /// Adds what every answer carries but static files, which bring their own.
  private static func dress(_ response: HTTPResponse, _ crossOrigin: [HTTPHeader], _ request: HTTPRequest) -> HTTPResponse {
    var response = response
    if !response.headers.contains(where: { $0.name == "Cache-Control" }) {
      response.headers.append(HTTPHeader("Cache-Control", "no-store"))
    }
    if !response.headers.contains(where: { $0.name == "Vary" }) {
      response.headers.append(HTTPHeader("Vary", "Accept, Accept-Encoding, Authorization"))
    }
    if !crossOrigin.isEmpty { response.headers += crossOrigin }
    if response.status >= 400 { response.headers.append(HTTPHeader("Natsight-Request-Id", request.idText)) }
    return response
  }
}
