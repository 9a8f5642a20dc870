import BrokerCore
import Identity
import Wire

// Claims in the words of the broker's configuration.

extension LimitsConfiguration {
  init(_ claims: Identity.AccountLimits) {
    self.init()
    maxConnections = Int(claimed: claims.connections)
    maxSubscriptions = Int(claimed: claims.subscriptions)
    maxPayload = Int(claimed: claims.payload)
    maxLeafNodes = Int(claimed: claims.leafNodes)
  }
}

extension Int {
  /// A limit of a token. Only −1 is no limit; less than that is nothing, not everything.
  init(claimed limit: Int64) { self = limit < -1 ? 0 : Int(clamping: limit) }
}

extension AccountExport {
  /// Nil for a kind that is not known.
  convenience init?(_ claims: Identity.Export) {
    guard let kind = claims.kind else { return nil }
    self.init(kind: kind == .service ? .service : .stream, subject: claims.subject)
    tokenRequired = claims.tokenRequired
    switch claims.responseType {
    case "Stream": responseType = .streamed
    case "Chunked": responseType = .chunked
    default: responseType = .singleton
    }
    responseThreshold = Span(nanoseconds: max(0, claims.responseThreshold))
    latency = claims.latency.map {
      ServiceLatencyConfiguration(sampling: $0.sampling == 0 ? .headers : .percent(Int($0.sampling)), subject: $0.results)
    }
    accountTokenPosition = Int(clamping: claims.accountTokenPosition)
    allowTrace = claims.allowTrace
  }
}

extension ImportConfiguration {
  init?(_ claims: Identity.Import) {
    guard let kind = claims.kind else { return nil }
    self.init(kind == .service ? .service : .stream, account: claims.account, subject: claims.remoteSubject)
    share = claims.share
    allowTrace = claims.allowTrace
    let local = claims.effectiveLocalSubject
    if local != claims.remoteSubject { to = local }
  }
}

extension MappingConfiguration {
  static func all(_ mappings: [String: [MappingTarget]]) -> [MappingConfiguration] {
    mappings.sorted { $0.key < $1.key }.map { source, targets in
      MappingConfiguration(
        source: source,
        destinations: targets.map {
          Destination(subject: $0.subject, weight: Int(clamping: $0.effectiveWeight), cluster: $0.cluster.isEmpty ? nil : $0.cluster)
        })
    }
  }
}
