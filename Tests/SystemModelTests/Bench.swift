import SystemAPI
import SystemModel
import Wire

/// A model under a test's hand: virtual time, servers that say what the test has them say, and everything that came of it.
struct Bench {
  var model: SystemModel
  /// Milliseconds since the beginning.
  private(set) var now: Int64 = 0
  private(set) var effects: [Effect] = []
  private var asked: UInt64 = 0

  init(_ limits: Limits = Limits(), declared: Declared = Declared()) {
    model = SystemModel(limits: limits, declared: declared, at: Bench.instant(0))
  }

  static func instant(_ milliseconds: Int64) -> Instant {
    Instant(
      monotonic: MonotonicTime(nanoseconds: 1_000_000_000_000) + .milliseconds(milliseconds),
      wall: Timestamp(seconds: 1_700_000_000 + milliseconds / 1_000))
  }

  /// Gives an input; `effects` is what came of it.
  mutating func give(_ input: Input) {
    effects = model.apply(input, at: Bench.instant(now))
  }

  /// Lets time pass, and the model's timer fire as often as it wants to.
  mutating func pass(_ milliseconds: Int64) {
    let end = now + milliseconds
    var all: [Effect] = []
    while let due = model.nextDue, Bench.instant(end).monotonic >= due {
      let rounded = ((due - Bench.instant(0).monotonic).nanoseconds + 999_999) / 1_000_000
      now = max(now, min(end, rounded))
      give(.tick)
      all += effects
    }
    now = end
    effects = all
  }

  // MARK: Servers

  static func server(
    _ name: String, id: String? = nil, cluster: String = "A", version: String = "2.11.4", jetstream: Bool = false, domain: String = ""
  ) -> ServerDescription {
    var server = ServerDescription()
    server.name = name
    server.id = id ?? "N\(name)"
    server.cluster = cluster
    server.version = version
    server.jetstream = jetstream
    server.domain = domain
    return server
  }

  /// Connected, and the first discovery over with these servers.
  static func up(
    _ servers: [ServerDescription], limits: Limits = Limits(), declared: Declared = Declared(), counted: Int? = nil
  ) -> Bench {
    var bench = Bench(limits, declared: declared)
    bench.give(.connecting)
    bench.connect()
    for server in servers { bench.discover(server, counted: counted ?? servers.count) }
    if bench.model.isDiscovering { bench.pass(2_000) }
    bench.pass(10)
    return bench
  }

  mutating func connect(isInProcess: Bool = false) {
    give(.connected(Link(url: "nats://a", isInProcess: isInProcess, hasAlternatives: !isInProcess)))
    discovery = effects.compactMap { if case .sendDiscovery(let id) = $0 { id } else { nil } }.last
  }

  private(set) var discovery: DiscoveryID?

  /// - Parameter age: In milliseconds.
  mutating func discover(_ server: ServerDescription, counted: Int, age: Int64? = nil) {
    guard let discovery else { return }
    give(.discovered(discovery, server, Beat(countedServers: counted, age: age.map { .milliseconds($0) })))
  }

  /// The discovery that was sent last goes on.
  mutating func findDiscovery() {
    discovery = effects.compactMap { if case .sendDiscovery(let id) = $0 { id } else { nil } }.last ?? discovery
  }

  mutating func beat(_ server: ServerDescription, counted: Int = 0) {
    give(.heartbeat(subject: server.id, server, Beat(countedServers: counted)))
  }

  func standing(_ server: ServerDescription) -> Standing? { model.servers.server(id: server.id)?.standing }

  // MARK: Questions

  static func question(_ who: Who = .every, since: [ServerVersion] = [], oneAnswer: Bool = false, payload: String = "") -> Question {
    Question(who, since: since, oneAnswer: oneAnswer, form: QuestionForm(.server("VARZ"), payload: payload, endpoint: "varz"))
  }

  /// Asks, and has the question leave where it was sent.
  ///
  /// - Parameter timeout: In milliseconds.
  @discardableResult
  mutating func ask(_ question: Question = Bench.question(), timeout: Int64 = 2_000, isStreaming: Bool = false) -> AskID {
    asked += 1
    let id = AskID(number: asked)
    give(.ask(id, question, until: Bench.instant(now + timeout).monotonic, isStreaming: isStreaming))
    let all = effects
    if let sent { give(.flushed(sent)) }
    effects = all
    return id
  }

  /// The question that was sent last.
  var sent: QuestionID? {
    effects.compactMap { if case .sendQuestion(let id, _, _) = $0 { id } else { nil } }.last
  }

  mutating func reply(_ question: QuestionID?, _ server: ServerDescription, isPartial: Bool = false) {
    guard let question else { return }
    give(.reply(question, .described(server, isPartial: isPartial), isRefusal: false))
  }

  /// How the last ask ended.
  var ending: Ending? {
    effects.compactMap { if case .finish(_, let ending) = $0 { ending } else { nil } }.last
  }

  var completeness: Completeness? {
    switch ending {
    case .outcome(_, let completeness), .obstacle(_, let completeness): completeness
    case nil: nil
    }
  }

  var obstacle: Obstacle? { if case .obstacle(let obstacle, _) = ending { obstacle } else { nil } }

  // MARK: Probes

  /// Probes sent by the last input, by server.
  var probes: [(id: ProbeID, server: ServerID)] {
    effects.compactMap { if case .sendProbe(let id, _, let server) = $0 { (id, server) } else { nil } }
  }

  var check: CheckID? {
    effects.compactMap { if case .checkConnection(let id) = $0 { id } else { nil } }.last
  }

  /// Has a server become suspect: nobody listens for its probe any more.
  mutating func loseRoute(to server: ServerDescription) {
    ask(Bench.question(.server(server.id, cluster: nil), payload: "lost"), timeout: 400)
    if let sent { give(.noResponders(sent)) }
    if let probe = probes.first(where: { $0.server == server.id }) { give(.probeFailed(probe.id)) }
  }

  /// Has a server become suspect: it does not answer its probe while others are heard.
  mutating func silence(_ server: ServerDescription, others: [ServerDescription]) {
    ask(timeout: 4_000)
    let question = sent
    for other in others { reply(question, other) }
    pass(260)
    for other in others { beat(other) }
    pass(1_100)
  }
}
