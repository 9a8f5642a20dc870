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
    /// Kinds of which nothing, or not everything, could be read: what is not found may be there.
    let unread: [SearchIndex.Kind]
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
  private let connections: ConnectionReadings
  private let subscriptions: SubscriptionReadings
  private let assets: JetStreamReadings
  /// By the scope's path.
  private let kept: ScopeShelf<Kept>
  private var waiting: [String: [Completion]] = [:]

  init(answerer: Answerer, connections: ConnectionReadings, subscriptions: SubscriptionReadings, assets: JetStreamReadings) {
    self.answerer = answerer
    (self.connections, self.subscriptions, self.assets) = (connections, subscriptions, assets)
    kept = ScopeShelf(
      shard: answerer.shard, lifetime: SearchIndices.longest, mostScopes: SearchIndices.mostScopes, mostWeight: SearchIndices.mostKeptNames)
  }

  /// What an index is of: subjects that are subscribed to are found by whoever may read the subscriptions themselves.
  private struct Sought {
    let scope: PathScope
    let hasSubjects: Bool

    init(_ scope: PathScope, _ request: GatewayRequest) {
      self.scope = scope
      hasSubjects = [Endpoint.subsz.name, "subjects"].contains { request.mayRead(scope.segments + [$0]) }
    }

    var key: String { scope.encodedPath + (hasSubjects ? "" : " without subjects") }
  }

  func find(_ scope: PathScope, _ request: GatewayRequest, completion: @escaping Completion) {
    let now = answerer.shard.now
    let sought = Sought(scope, request)
    if let known = kept[sought.key], now - known.readAt < SearchIndices.longest {
      completion(.success(known.known))
      if now - known.readAt >= SearchIndices.fresh, waiting[sought.key] == nil {
        waiting[sought.key] = []
        make(sought, request)
      }
      return
    }
    let isFirst = waiting[sought.key] == nil
    waiting[sought.key, default: []].append(completion)
    if isFirst { make(sought, request) }
  }

  private func make(_ sought: Sought, _ request: GatewayRequest) {
    connections.read(sought.scope, request, needsRates: false) { [self] result in
      switch result {
      case .failure(let refusal): finish(sought.key, .failure(refusal))
      case .success(let connections):
        assets.read(sought.scope, request, needsRates: false) { [self] assets in
          guard sought.hasSubjects else { return index(sought, connections, assets, nil) }
          subscriptions.read(sought.scope, request, needsRates: false) { [self] in index(sought, connections, assets, $0) }
        }
      }
    }
  }

  /// - Parameter subscriptions: nil where they are not for the caller.
  private func index(
    _ sought: Sought, _ connections: ConnectionReadings.Known, _ assets: Result<JetStreamReadings.Known, Refusal>,
    _ subscriptions: Result<SubscriptionReadings.Known, Refusal>?
  ) {
    let known = sought.scope.isAccount ? [] : believed
    var completeness = connections.completeness
    var lacking: Set<SearchIndex.Kind> = []
    switch assets {
    case .success(let assets): completeness = completeness.joined(with: assets.completeness, where: hasStreams)
    // Servers and accounts without JetStream say so: this is no answer at all.
    case .failure: lacking.formUnion([.stream, .consumer, .subject])
    }
    switch subscriptions {
    case .success(let subscriptions)?: completeness = completeness.joined(with: subscriptions.completeness) { _ in true }
    case .failure?: lacking.insert(.subject)
    case nil: break
    }
    if !lacking.isEmpty, completeness.complete == true { completeness.complete = false }
    let unread = SearchIndex.Kind.allCases.filter(lacking.contains)
    let (assets, subscriptions) = (try? assets.get().reading, try? subscriptions?.get().reading)
    let at = answerer.reader.now.wall
    let work: @Sendable () -> Void = { [self, known, completeness, unread] in
      var collector = SearchCollector()
      collector.add(connections.reading)
      for entry in known { collector.add(entry) }
      if let assets { collector.add(assets) }
      if let subscriptions { collector.add(subscriptions) }
      let index = collector.index(at: at)
      answerer.shard.run { [self] in
        let known = Known(index: index, completeness: completeness, unread: unread)
        kept.keep(Kept(known: known, readAt: answerer.shard.now), sought.key, weight: index.count)
        finish(sought.key, .success(known))
      }
    }
    if !WorkerQueue.shared.run(work) { work() }
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
