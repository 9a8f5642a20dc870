import SystemAPI
import Wire

extension Trends {
  /// Takes up what a system's servers have told. What they were not asked for, or not all answered, is passed over where sums would lie.
  public mutating func take(_ system: JudgedSystem) {
    let at = system.now
    if !system[.varz].isEmpty { servers.take(at, system[.varz].map { (key: system.key($0.server), figures: ServerTrend($0)) }) }
    if !system[.accstatz].isEmpty, system.lacking[.accstatz] == nil {
      accounts.take(at, system.traffic.map { ($0.id, AccountTrend($0)) })
    }
    let facts = system.jetStream
    if !system[.streams].isEmpty {
      streams.take(at, facts.streams.lazy.filter(\.isToldByLeader).map { (key: AssetKey($0.key, facts), figures: StreamTrend($0)) })
      metaGroups.take(
        at, facts.metaGroups.compactMap { group in group.leader.map { (group.domain, MetaTrend(leader: $0.server.server.name)) } })
    }
    if !system[.consumers].isEmpty {
      consumers.take(at, facts.consumers.lazy.filter(\.isToldByLeader).map { (key: AssetKey($0, facts), figures: ConsumerTrend($0)) })
    }
  }
}

extension JudgedSystem {
  /// What a server's figures are remembered by: what outlives its process, where no other has it too.
  func key(_ server: ServerDescription) -> Trends.ServerKey {
    Trends.ServerKey(cluster: server.cluster, name: server.name, id: isNamesake(server.name, server.cluster) ? server.id : "")
  }
}

extension Trends.AssetKey {
  init(_ stream: StreamFacts.Key, _ facts: JetStreamFacts) {
    self.init(place: facts.place(stream.group), account: stream.account, stream: stream.name)
  }

  init(_ consumer: ConsumerFacts, _ facts: JetStreamFacts) {
    self.init(consumer.stream, facts)
    self.consumer = consumer.name
  }
}

extension ServerTrend {
  init(_ reply: DocumentReply) {
    self.init(id: reply.server.id)
    let document = reply.document
    func amount(_ name: StaticString) -> Int { document[name]?.amount ?? 0 }
    (memory, connections, subscriptions) = (amount("mem"), amount("connections"), amount("subscriptions"))
    messages = amount("in_msgs") + amount("out_msgs")
    cpu = document["cpu"]?.double ?? 0
    let stats = document["jetstream"]?["stats"]
    storage = stats?["storage"]?.amount ?? 0
    requests = stats?["api"]?["total"]?.amount ?? 0
  }
}

extension AccountTrend {
  init(_ traffic: AccountTraffic) {
    self.init()
    (connections, messages) = (traffic.connections, traffic.messages)
  }
}

extension StreamTrend {
  init(_ stream: StreamFacts) {
    self.init(leader: stream.raft?.leader ?? "")
    (bytes, messages, lastSequence) = (stream.state.bytes, stream.state.messages, stream.state.lastSequence)
  }
}

extension ConsumerTrend {
  init(_ consumer: ConsumerFacts) {
    self.init()
    (pending, deliveries) = (consumer.pending, consumer.delivered.consumer)
    (delivered, acknowledged) = (consumer.delivered.stream, consumer.ackFloor.stream)
  }
}
