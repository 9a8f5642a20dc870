import Wire

/// Notices when one kind of event in one account comes too fast to be read, and sums up what is left out.
///
/// Time is cut into seconds; within one, the first `limit` events of a kind and account pass, and the rest are counted. What has begun to be
/// summed up goes on to be, `sample` of each second apart, until a second has no more of it than that: whoever looks reads a storm as a
/// line a second, and not five hundred lines of each.
struct StormMeter {
  struct Key: Hashable {
    let kind: WatchedEventKind
    let account: String
  }

  /// What is left out of one window.
  private struct Held {
    var count = 0
    /// By what the names of one kind of client have in common: five thousand names that came once say nothing.
    var clients: [String: Int] = [:]
    var hosts: [String: Int] = [:]
    var reasons: [String: Int] = [:]
  }

  /// Events of one kind and account that pass within a second.
  let limit: Int
  /// Those that pass within each further second of a storm.
  let sample: Int
  /// Storms that were there in the window before.
  private var lasting: Set<Key> = []
  private var passed: [Key: Int] = [:]
  private var held: [Key: Held] = [:]
  private var windowStart = MonotonicTime.origin

  static let window = Span.seconds(1)
  /// Names kept of a storm's clients, and of their addresses: enough to see who it is.
  private static let names = 200
  private static let mostReasons = 40

  init(limit: Int = 500, sample: Int = 20) {
    self.limit = limit
    self.sample = min(sample, limit)
  }

  /// Whether the event passes. Call ``summaries(now:)`` first.
  mutating func passes(_ facts: EventFacts, reason: String) -> Bool {
    let key = Key(kind: facts.kind, account: facts.account)
    let count = passed[key, default: 0]
    if count < (lasting.contains(key) ? sample : limit) {
      passed[key] = count + 1
      return true
    }
    var entry = held[key] ?? Held()
    entry.count += 1
    Self.count(NameStem.of(facts.client), in: &entry.clients, most: Self.names)
    if !facts.clientHost.isEmpty { Self.count(facts.clientHost, in: &entry.hosts, most: Self.names) }
    if !reason.isEmpty { Self.count(reason, in: &entry.reasons, most: Self.mostReasons) }
    held[key] = entry
    return false
  }

  private static func count(_ name: String, in counts: inout [String: Int], most: Int) {
    if counts.count < most || counts[name] != nil { counts[name, default: 0] += 1 }
  }

  /// The storms of the window that has ended; empty while it lasts.
  mutating func summaries(now: MonotonicTime) -> [EventFacts] {
    guard now >= windowStart + Self.window else { return [] }
    windowStart = now
    passed.removeAll(keepingCapacity: true)
    lasting = Set(held.keys)
    guard !held.isEmpty else { return [] }
    let storms = held
    held.removeAll()
    return storms.sorted { ($0.key.kind.rawValue, $0.key.account) < ($1.key.kind.rawValue, $1.key.account) }.map { key, storm in
      var facts = EventFacts(kind: .storm)
      facts.account = key.account
      facts.accountName = key.account
      var json = JSONWriter()
      json.object { json in
        json.member("of", key.kind.rawValue)
        json.member("count", storm.count)
        json.member("seconds", 1)
        json.member("description", StormMeter.sentence(key, storm.count))
        Self.write("clients", storm.clients, to: &json)
        Self.write("hosts", storm.hosts, to: &json)
        Self.write("reasons", storm.reasons, to: &json)
      }
      facts.body = json.bytes
      return facts
    }
  }

  private static func sentence(_ key: Key, _ count: Int) -> String {
    let account = key.account.isEmpty ? "" : " in account \(key.account)"
    return "\(PlainText.count(count)) more \(count == 1 ? "event" : "events") of type \(key.kind.rawValue)\(account) within a second"
  }

  private static func write(_ name: StaticString, _ counts: [String: Int], to json: inout JSONWriter) {
    json.key(name)
    json.array { json in
      for (text, count) in counts.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }).prefix(5) {
        json.object { json in
          json.member("name", text)
          json.member("count", count)
        }
      }
    }
  }
}
