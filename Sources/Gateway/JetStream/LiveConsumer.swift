import Wire

/// A consumer as its leader tells of it, else as the first that does.
struct LiveConsumer: Sendable {
  struct Key: Hashable, Sendable {
    let stream: LiveStream.Key
    let name: String
  }

  let key: Key
  /// What its account is called.
  let accountName: String
  /// The one that tells, by its place among those of the reading.
  let server: Int
  let serverName: String
  let leader: String
  let isClustered: Bool
  let isToldByLeader: Bool
  let isPush: Bool
  let isBound: Bool
  let isPaused: Bool
  let isAcknowledged: Bool
  /// Messages that may be unacknowledged; nil for any number.
  let mostUnacknowledged: Int?
  /// Messages that wait to be delivered, and those that were delivered and are not acknowledged.
  let pending: Int
  let unacknowledged: Int
  let redelivered: Int
  /// Requests of clients that wait for messages.
  let waiting: Int
  /// Its row of the server's document.
  let view: JSONView
  private let deliveredSequence: Int
  private let acknowledgedSequence: Int
  /// Messages a second; nil where nothing is known.
  private(set) var delivered: Double?
  private(set) var acknowledged: Double?
  /// Messages a second by which more wait, below zero where fewer do: only messages that it is meant to deliver, unlike the two above.
  private(set) var growth: Double?
  /// What its stream stores.
  var stored: Double?
  /// Since when nobody tells of it; nil where somebody does.
  private(set) var goneSince: Timestamp?
  private let holders: [String]

  /// - Parameter row: One of `consumer_detail`.
  init?(_ row: JSONView, of stream: LiveStream) {
    guard let name = row["name"]?.string, !name.isEmpty else { return nil }
    key = Key(stream: stream.key, name: name)
    (accountName, server, serverName, holders) = (stream.accountName, stream.server, stream.serverName, stream.holders)
    let (cluster, settings) = (row["cluster"], row["config"])
    isClustered = !(cluster?["name"]?.string ?? "").isEmpty
    leader = cluster?["leader"]?.string ?? ""
    isToldByLeader = !isClustered || leader == stream.serverName
    isPush = !(settings?["deliver_subject"]?.string ?? "").isEmpty
    // False is left out by servers.
    isBound = !isPush || row["push_bound"]?.bool == true
    isPaused = row["paused"]?.bool == true
    isAcknowledged = !["", "none"].contains(settings?["ack_policy"]?.string ?? "")
    mostUnacknowledged = settings?["max_ack_pending"]?.int.flatMap { $0 > 0 ? Tally.bounded($0) : nil }
    pending = Tally.of(row["num_pending"])
    unacknowledged = Tally.of(row["num_ack_pending"])
    redelivered = Tally.of(row["num_redelivered"])
    waiting = Tally.of(row["num_waiting"])
    view = row
    deliveredSequence = Tally.of(row["delivered"]?["stream_seq"])
    acknowledgedSequence = Tally.of(row["ack_floor"]?["stream_seq"])
  }

  mutating func rate(since before: LiveConsumer, seconds: Double?) {
    // Replicas that follow do not count what waits, and are behind in the rest.
    guard let seconds, isToldByLeader, before.isToldByLeader else { return }
    delivered = ElapsedTimes.rate(deliveredSequence, since: before.deliveredSequence, seconds: seconds)
    acknowledged = ElapsedTimes.rate(acknowledgedSequence, since: before.acknowledgedSequence, seconds: seconds)
    // Made anew it has another backlog.
    if delivered != nil { growth = ElapsedTimes.change(pending, since: before.pending, seconds: seconds) }
  }

  func gone(since: Timestamp) -> LiveConsumer {
    var gone = self
    gone.goneSince = since
    (gone.delivered, gone.acknowledged, gone.growth, gone.stored) = (nil, nil, nil, nil)
    return gone
  }

  private static let told: [StaticString] = [
    "created", "config", "delivered", "ack_floor", "num_ack_pending", "num_redelivered", "num_waiting", "num_pending", "push_bound",
    "paused",
    "pause_remaining", "priority_groups", "cluster",
  ]

  func write(to json: inout JSONWriter) {
    json.member("name", key.name)
    json.member("stream_name", key.stream.name)
    json.member("account", accountName)
    if accountName != key.stream.account { json.member("account_id", key.stream.account) }
    json.member("server", serverName)
    json.member("leader", unlessEmpty: isClustered ? leader : serverName)
    if let goneSince {
      json.objectMember("gone") { LiveStream.write(holders, goneSince, to: &$0) }
    } else {
      json.objectMember("standing") { ConsumerStanding(self).write(to: &$0) }
      json.member("holds", unlessEmpty: holds)
    }
    if stored != nil || delivered != nil || acknowledged != nil {
      json.objectMember("rates") { json in
        if let stored { json.member("stored", stored) }
        if let delivered { json.member("delivered", delivered) }
        if let acknowledged { json.member("acked", acknowledged) }
      }
    }
    for name in LiveConsumer.told { if let value = view[name] { json.member(name, raw: value.raw) } }
  }

  /// As many messages as it may have are not acknowledged.
  var isFull: Bool { mostUnacknowledged.map { unacknowledged >= $0 } ?? false }

  /// What may hold it, each in a sentence.
  var holds: [String] {
    var holds: [String] = []
    if isPaused { holds.append("It is paused.") }
    if isClustered, leader.isEmpty { holds.append("It has no leader.") }
    // All else is known by its leader only.
    guard isToldByLeader else { return holds }
    if let mostUnacknowledged, isFull {
      holds.append(
        "As many messages as it may have (\(PlainText.count(mostUnacknowledged))) are not acknowledged: it is given no more until some are."
      )
    }
    if !isBound { holds.append("Nobody listens on the subject that it delivers to.") }
    if !isPush, pending > 0, waiting == 0 { holds.append("Nobody asks it for messages: no request waits.") }
    if redelivered > 0 {
      holds.append("\(PlainText.count(redelivered)) \(redelivered == 1 ? "message" : "messages") had to be delivered again.")
    }
    return holds
  }
}

/// How a consumer stands: does it keep up, and if not, which way it goes.
struct ConsumerStanding: Sendable, Equatable {
  enum State: String, Sendable, CaseIterable {
    /// The worst last.
    case keepsUp = "keeps_up"
    case waits, keepsDistance = "keeps_distance", catchesUp = "catches_up", fallsBehind = "falls_behind", standsStill = "stands_still"
    /// Its leader does not tell of it.
    case unknown

    /// 0 for what is well.
    var rank: Int { State.allCases.firstIndex(of: self) ?? 0 }
  }

  let state: State
  /// "falls behind 12/s"
  let words: String
  /// Messages a second that it falls behind, or catches up by.
  var perSecond: Double?
  /// Seconds until it has caught up, at the pace of now.
  var seconds: Double?

  /// Slower than this nothing moves, in messages a second.
  private static let still = 0.05

  private init(state: State, words: String) { (self.state, self.words) = (state, words) }

  init(_ consumer: LiveConsumer) {
    guard consumer.isToldByLeader else {
      let why = consumer.leader.isEmpty ? "nobody leads it" : "its leader \(consumer.leader) is silent"
      self.init(state: .unknown, words: "not known: \(why)")
      return
    }
    self.init(
      waiting: consumer.pending, growth: consumer.growth, done: consumer.isAcknowledged ? consumer.acknowledged : consumer.delivered,
      unacknowledged: consumer.isFull ? consumer.unacknowledged : 0)
  }

  /// - Parameters:
  ///   - growth: Messages a second by which more wait; nil where that is not known.
  ///   - done: By how many sequences of its stream it goes on in a second; nil where that is not known.
  ///   - unacknowledged: Messages that are not acknowledged where there may be no more, else 0.
  init(waiting: Int, growth: Double?, done: Double?, unacknowledged: Int = 0) {
    let wait = "\(PlainText.count(waiting)) \(waiting == 1 ? "waits" : "wait")"
    guard waiting > 0 else {
      (state, words) =
        unacknowledged > 0 && done == 0
        ? (.standsStill, "stands still, \(PlainText.count(unacknowledged)) \(unacknowledged == 1 ? "is" : "are") not acknowledged")
        : (.keepsUp, "keeps up")
      return
    }
    guard let growth, let done else {
      (state, words) = (.waits, wait)
      return
    }
    if growth < -ConsumerStanding.still {
      let left = max(1, (Double(waiting) / -growth).rounded(.up))
      (state, words) = (.catchesUp, "caught up in \(PlainText.span(.seconds(left)))")
      (perSecond, seconds) = (-growth, left)
    } else if done == 0 {
      (state, words) = (
        .standsStill, "stands still, \(wait)\(growth > ConsumerStanding.still ? " and \(PlainText.perSecond(growth)) come" : "")"
      )
    } else if growth > ConsumerStanding.still {
      (state, words, perSecond) = (.fallsBehind, "falls behind \(PlainText.perSecond(growth))", growth)
    } else {
      (state, words) = (.keepsDistance, "keeps its distance of \(PlainText.count(waiting))")
    }
  }

  func write(to json: inout JSONWriter) {
    json.member("state", state.rawValue)
    json.member("words", words)
    if let perSecond { json.member("per_second", (perSecond * 100).rounded() / 100) }
    if let seconds { json.member("seconds", seconds) }
  }
}
