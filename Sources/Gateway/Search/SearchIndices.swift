import HTTPServer
import Reactor
import SystemAPI
import SystemModel
import Wire

/// The indices of scopes that people search in. Confined to the gateway's shard.
final class SearchIndices: @unchecked Sendable {
  // Sendable by confinement: every property is touched on the gateway's shard only.

  struct Known: Sendable {
    let index: SearchIndex
    let completeness: Completeness
  }

  typealias Completion = (Result<Known, Refusal>) -> Void

  private struct Kept {
    let known: Known
    let readAt: MonotonicTime
  }

  /// An index younger than this is answered from; an older one is answered from while a new one is made, up to `longest`.
  private static let fresh = Span.seconds(10)
  private static let longest = Span.seconds(30)
  private static let mostScopes = 8
  /// Of all scopes together.
  private static let mostKeptNames = 2 * SearchIndex.mostEntries

  private let answerer: Answerer
  private let readings: ConnectionReadings
  /// By the scope's path.
  private let kept: ScopeShelf<Kept>
  private var waiting: [String: [Completion]] = [:]

  init(answerer: Answerer, readings: ConnectionReadings) {
    self.answerer = answerer
    self.readings = readings
    kept = ScopeShelf(
      shard: answerer.shard, lifetime: SearchIndices.longest, mostScopes: SearchIndices.mostScopes, mostWeight: SearchIndices.mostKeptNames)
  }

  func find(_ scope: PathScope, _ request: GatewayRequest, completion: @escaping Completion) {
    let now = answerer.shard.now
    let key = scope.encodedPath
    if let known = kept[key], now - known.readAt < SearchIndices.longest {
      completion(.success(known.known))
      if now - known.readAt >= SearchIndices.fresh, waiting[key] == nil {
        waiting[key] = []
        make(scope, key, request)
      }
      return
    }
    let isFirst = waiting[key] == nil
    waiting[key, default: []].append(completion)
    if isFirst { make(scope, key, request) }
  }

  private func make(_ scope: PathScope, _ key: String, _ request: GatewayRequest) {
    readings.read(scope, request, needsRates: false) { [self] result in
      switch result {
      case .failure(let refusal): finish(key, .failure(refusal))
      case .success(let connections): askStreams(scope, key, request, connections)
      }
    }
  }

  private func askStreams(_ scope: PathScope, _ key: String, _ request: GatewayRequest, _ connections: ConnectionReadings.Known) {
    let isAccount = if case .account = scope { true } else { false }
    let question = PageQuestion(
      endpoint: isAccount ? .accountJsz : .jsz, scope: scope, query: "streams=1&consumers=1&config=1\(isAccount ? "" : "&accounts=1")")
    answerer.ask([question], request) { [self] told in
      // Servers without JetStream refuse; what they have no streams of is found all the same.
      let replies = told.outcomes.flatMap { $0.replies.compactMap(MetricReply.init) }
      let known = isAccount ? [] : believed
      let completeness = connections.completeness.joined(with: told.completeness(), where: hasStreams)
      let at = answerer.reader.now.wall
      let work: @Sendable () -> Void = { [self, known] in
        var collector = SearchCollector()
        collector.add(connections.reading)
        for entry in known { collector.add(entry) }
        for reply in replies { collector.add(jetStream: reply.document) }
        let index = collector.index(at: at)
        answerer.shard.run { [self] in
          let known = Known(index: index, completeness: completeness)
          kept.keep(Kept(known: known, readAt: answerer.shard.now), key, weight: index.count)
          finish(key, .success(known))
        }
      }
      if !WorkerQueue.shared.run(work) { work() }
    }
  }

  /// Whether a server that did not tell of its streams may have some.
  private func hasStreams(_ server: MissingServer) -> Bool {
    answerer.reader.beliefs.servers.server(id: server.id)?.description.jetstream ?? true
  }

  /// Servers and accounts that are known of, be they silent.
  private var believed: [SearchIndex.Entry] {
    answerer.reader.beliefs.servers.ordered.map { SearchIndex.Entry(kind: .server, name: $0.name, server: $0.name, serverID: $0.id) }
      + answerer.directory.accounts.values.map {
        SearchIndex.Entry(kind: .account, name: $0.name.isEmpty ? $0.id : $0.name, account: $0.id)
      }
  }

  private func finish(_ key: String, _ result: Result<Known, Refusal>) {
    for completion in waiting.removeValue(forKey: key) ?? [] { completion(result) }
  }
}
