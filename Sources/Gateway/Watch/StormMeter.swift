import Wire

/// Notices when one kind of event in one account comes too fast to be read, and sums up what is left out.
///
/// Time is cut into seconds; within one, the first `limit` events of a kind and account pass, and the rest are counted.
struct StormMeter {
  struct Key: Hashable {
    let kind: WatchedEventKind
    let account: String
  }

  /// Events of one kind and account that pass within a second.
  let limit: Int
  private var passed: [Key: Int] = [:]
  private var held: [Key: (count: Int, clients: [String: Int], reasons: [String: Int])] = [:]
  private var windowStart = MonotonicTime.origin

  static let window = Span.seconds(1)
  /// Names kept of a storm's clients: enough to see who it is.
  private static let names = 200

  init(limit: Int = 500) { self.limit = limit }

  /// Whether the event passes. Call ``summaries(now:)`` first.
  mutating func passes(_ facts: EventFacts, reason: String) -> Bool {
    let key = Key(kind: facts.kind, account: facts.account)
    let count = passed[key, default: 0]
    if count < limit {
      passed[key] = count + 1
      return true
    }
    var entry = held[key] ?? (0, [:], [:])
    entry.count += 1
    if entry.clients.count < Self.names || entry.clients[facts.client] != nil { entry.clients[facts.client, default: 0] += 1 }
    if !reason.isEmpty, entry.reasons.count < 40 || entry.reasons[reason] != nil { entry.reasons[reason, default: 0] += 1 }
    held[key] = entry
    return false
  }

  /// The storms of the window that has ended; empty while it lasts.
  mutating func summaries(now: MonotonicTime) -> [EventFacts] {
    guard now >= windowStart + Self.window else { return [] }
    windowStart = now
    passed.removeAll(keepingCapacity: true)
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
        json.member("description", "\(storm.count) more events of type \(key.kind.rawValue) in account \(key.account) within a second")
        Self.write("clients", storm.clients, to: &json)
        Self.write("reasons", storm.reasons, to: &json)
      }
      facts.body = json.bytes
      return facts
    }
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
