import SystemAPI
import Wire

/// Reads what a jsz tells of its server.
struct ServerReader {
  private static let names = MemberNames([
    "disabled", "config", "memory", "storage", "reserved_memory", "reserved_storage", "ha_assets", "streams", "consumers", "streams_leader",
    "consumers_leader", "api", "meta_cluster", "account_details",
  ])
  private static let limits = MemberNames(["max_memory", "max_storage", "domain"])
  private static let api = MemberNames(["total", "errors", "inflight"])
  private static let meta = MemberNames(["cluster_size", "pending", "snapshot"])
  private static let snapshot = MemberNames(["last_duration"])

  private(set) var server: JetStreamFacts.Server
  private(set) var isDisabled = false
  /// Where the accounts stand, where they came before all that is needed to read them.
  private(set) var accounts: Int?

  init(_ server: ServerDescription) {
    self.server = JetStreamFacts.Server(server)
    self.server.domain = server.domain
  }

  /// Reads the document that begins here.
  ///
  /// - Parameter accounts: Gets the server as far as it is read, and the walk where its accounts begin: to read them or pass over them.
  mutating func read(_ walk: inout DocumentWalk, _ accounts: (JetStreamFacts.Server, inout DocumentWalk) -> Void) {
    var isConfigRead = false
    walk.members(Self.names) { walk, place in
      switch place {
      case 0: isDisabled = walk.isTrue()
      case 1:
        readLimits(&walk)
        isConfigRead = true
      case 2: server.memory = walk.amount() ?? 0
      case 3: server.storage = walk.amount() ?? 0
      case 4: server.reservedMemory = walk.amount() ?? 0
      case 5: server.reservedStorage = walk.amount() ?? 0
      case 6: server.assets = walk.amount() ?? 0
      case 7: server.streams = walk.amount() ?? 0
      case 8: server.consumers = walk.amount() ?? 0
      case 9: server.streamsLed = walk.amount()
      case 10: server.consumersLed = walk.amount()
      case 11: readRequests(&walk)
      case 12: readMeta(&walk)
      default:
        // In the order of nats-server all that is needed has been read, but of one that stands alone that is known at the end only.
        if isConfigRead, server.meta != nil, !isDisabled { return accounts(server, &walk) }
        self.accounts = walk.index
        walk.skip()
      }
    }
  }

  private mutating func readLimits(_ walk: inout DocumentWalk) {
    walk.members(Self.limits) { walk, place in
      switch place {
      case 0: server.maxMemory = walk.limit()
      case 1: server.maxStorage = walk.limit()
      default: if let domain = walk.string() { server.domain = domain }
      }
    }
  }

  private mutating func readRequests(_ walk: inout DocumentWalk) {
    walk.members(Self.api) { walk, place in
      let count = walk.amount()
      switch place {
      case 0: server.requests = count ?? 0
      case 1: server.errors = count ?? 0
      default: server.inflight = count
      }
    }
  }

  private mutating func readMeta(_ walk: inout DocumentWalk) {
    var again = walk
    guard let raft = RaftView(&walk) else { return }
    var meta = JetStreamFacts.Meta(raft: raft, size: 0, pending: 0)
    again.members(Self.meta) { walk, place in
      switch place {
      case 0: meta.size = walk.amount() ?? 0
      case 1: meta.pending = walk.amount() ?? 0
      default: walk.members(Self.snapshot) { walk, _ in meta.snapshotTook = walk.double().map { Span(nanosecondCount: $0) } }
      }
    }
    server.meta = meta
  }
}
