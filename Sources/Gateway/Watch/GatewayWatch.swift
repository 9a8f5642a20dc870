import HTTPServer
import Reactor
import SystemAPI
import SystemModel
import Wire

/// What the gateway keeps of what it hears: the events, the closed connections, and a quarter of an hour of heartbeats.
///
/// Confined to the gateway's shard.
final class GatewayWatch: @unchecked Sendable {
  // Sendable by confinement: touched on the gateway's shard only.

  let feed: EventFeed
  /// Since when it listens.
  let startedAt = WallClock.now()
  var closed = ClosedRecord()
  var history = HistoryStore()
  var links = LinkRecord()
  var surveys = SurveyCounts()
  /// Most series on a page of metrics.
  var seriesBudget = MetricPage.defaultBudget
  private let shard: Shard
  private var lostAt: (time: Timestamp, reason: String)?
  private var lastTrim = MonotonicTime.origin

  init(shard: Shard) {
    self.shard = shard
    // The time of this start tells the ids of this process from those of the one before.
    let epoch = String(UInt64(bitPattern: WallClock.now().unixNanoseconds / 1_000_000), radix: 36)
    feed = EventFeed(shard: shard, ring: EventRing(epoch: epoch))
  }

  func take(_ event: GatewayEvent) {
    switch event {
    case .system(let subject, let payload, let at): system(EventFacts(subject: subject, payload: payload, received: at))
    case .heartbeat(let server, let beat): heartbeat(server, beat)
    case .roster(let server, let before): roster(server, before)
    case .connection(let isConnected, let text): connection(isConnected, text)
    }
  }

  private func system(_ facts: EventFacts) {
    let row = ClosedConnection(facts)
    if let row { closed.append(row) }
    feed.take(facts, reason: row?.reason ?? "")
  }

  private func heartbeat(_ entry: KnownServer, _ beat: Heartbeat) {
    if let sample = HistorySample(statsz: beat.statsz, at: beat.at) { history.add(sample, server: entry.id) }
    links.heard(beat.statsz, from: TopologyServer(entry), at: beat.at)
    if shard.now > lastTrim + .seconds(60) {
      lastTrim = shard.now
      history.trim(now: beat.at)
      links.trim(now: beat.at)
    }
    guard feed.wantsHeartbeats else { return }
    var facts = EventFacts(kind: .statsz)
    facts.subject = "$SYS.SERVER.\(entry.id).STATSZ"
    facts.received = beat.at
    name(entry, in: &facts)
    facts.body = beat.statsz
    feed.pass(facts)
  }

  private func roster(_ entry: KnownServer, _ before: Standing?) {
    var facts = EventFacts(kind: .server)
    name(entry, in: &facts)
    var json = JSONWriter()
    json.object { json in
      json.member("state", entry.standing.name)
      if let before { json.member("before", before.name) }
      json.member("reason", unlessEmpty: entry.standing.reason)
      json.member("version", unlessEmpty: entry.description.version)
    }
    facts.body = json.bytes
    feed.take(facts)
  }

  private func name(_ entry: KnownServer, in facts: inout EventFacts) {
    facts.serverID = entry.id
    facts.serverName = entry.name
    facts.cluster = entry.cluster
  }

  /// Whatever happened while there was no connection was not heard: readers are told where it is missing.
  private func connection(_ isConnected: Bool, _ text: String) {
    let now = WallClock.now()
    guard isConnected else {
      if lostAt == nil { lostAt = (now, text) }
      return
    }
    guard let lost = lostAt else { return }
    lostAt = nil
    var facts = EventFacts(kind: .gap)
    var json = JSONWriter()
    json.object { json in
      json.member("from", lost.time.rfc3339)
      json.member("to", now.rfc3339)
      json.member("reason", lost.reason)
      json.member(
        "description",
        "No connection to the system for \(DurationText.go((now - lost.time).nanoseconds)): events of that time are missing.")
    }
    facts.body = json.bytes
    feed.take(facts)
  }
}
