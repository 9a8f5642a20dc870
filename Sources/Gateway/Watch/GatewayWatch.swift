import HTTPServer
import Notify
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
  let streams = StreamMemory()
  var surveys = SurveyCounts()
  /// What recording has done; nil where nothing is recorded.
  var recording: RecordFigures?
  /// What was wrong at the last look; nil before the first one.
  var findings: FindingFigures?
  /// How it goes with the receivers of news.
  var notifying: [NotifyFigures] = []
  /// Most series on a page of metrics.
  var seriesBudget = MetricPage.defaultBudget
  /// What an account is called, by its id, where that is known.
  var accountName: (String) -> String? = { _ in nil }
  private let shard: Shard
  private var lostAt: (time: Timestamp, reason: String)?
  private var recent = RecentEvents()
  private var silences = SilenceRecord()
  /// Since when there is a connection, without a break; nil where there was none.
  var heardSince: Timestamp? { silences.listening }
  private var connects = MissedConnects()
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
    case .connection(let isConnected, let text, let lastHeard): connection(isConnected, text, lastHeard)
    }
  }

  private func system(_ facts: EventFacts) {
    guard recent.isNew(facts) else { return }
    if facts.kind == .connect { connects.heard(from: facts.serverID, at: facts.received) }
    var facts = facts
    if let name = accountName(facts.account) { facts.accountName = name }
    guard var row = ClosedConnection(facts) else { return feed.take(facts) }
    if row.isRefusedLogin {
      // Servers tell of it by one event or by two, and name the account that a client is in before it has logged in.
      facts.kind = .authError
      facts.leaveAccountOfNobody()
      (row.account, row.accountName) = (facts.account, facts.accountName)
      guard closed.append(row) else { return }
    } else {
      closed.append(row)
    }
    feed.take(facts, reason: row.reason)
  }

  private func heartbeat(_ entry: KnownServer, _ beat: Heartbeat) {
    if let sample = HistorySample(statsz: beat.statsz, at: beat.at) {
      history.add(sample, server: entry.id)
      // By the gateway's clock, as far as the server's is known.
      let start = Timestamp(unixNanoseconds: sample.start * 1_000_000) - (beat.clockDifference ?? .zero)
      if sample.start > 0, let gap = silences.began(entry, at: start) { tell(gap, of: entry) }
      if let gap = connects.beat(beat.statsz, of: entry, isNew: sample.start > 0 && silences.isNew(start), at: beat.at) {
        tell(gap, of: entry)
      }
    }
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
    if let gap = silences.moved(entry, before, at: facts.received) { tell(gap, of: entry) }
    if entry.standing.isGone { connects.forget(entry.id) }
  }

  private func name(_ entry: KnownServer, in facts: inout EventFacts) {
    facts.serverID = entry.id
    facts.serverName = entry.name
    facts.cluster = entry.cluster
  }

  /// Whatever happened while there was no connection was not heard: readers are told where it is missing.
  private func connection(_ isConnected: Bool, _ text: String, _ lastHeard: Timestamp) {
    let now = WallClock.now()
    guard isConnected else {
      // A connection that is found dead was dead before.
      if lostAt == nil { lostAt = (min(now, lastHeard), text) }
      return
    }
    silences.listens(since: now)
    guard let lost = lostAt else { return }
    lostAt = nil
    let span = DurationText.go(Span.milliseconds((now - lost.time).milliseconds).nanoseconds)
    tell(
      EventGap(
        from: lost.time, to: now, reason: lost.reason,
        description: "Nothing was heard of the system for \(span), for want of a connection: events of that time are missing."))
  }

  /// - Parameter entry: The server whose events are missing; nil for all.
  private func tell(_ gap: EventGap, of entry: KnownServer? = nil) {
    var facts = EventFacts(kind: .gap)
    if let entry { name(entry, in: &facts) }
    if gap.opened == nil { connects.noteGap(of: entry?.id, at: gap.from) }
    var json = JSONWriter()
    json.object { json in
      json.member("from", gap.from.rfc3339)
      json.member("to", gap.to.rfc3339)
      json.member("reason", gap.reason)
      if let opened = gap.opened { json.member("opened", opened) }
      if let told = gap.told { json.member("told", told) }
      json.member("description", gap.description)
    }
    facts.body = json.bytes
    feed.take(facts)
  }
}
