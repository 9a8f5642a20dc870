import SystemAPI
import Wire

/// Every stream and consumer of a scope at one moment, each once as its leader tells, and how fast it goes where an earlier moment is known.
struct JetStreamReading: RatedReading {
  struct Server: Sendable, Equatable {
    let id: String
    let name: String
    /// When its answer was made, by its own clock, in seconds since 1970; nil where it does not say.
    let time: Double?
  }

  let at: Timestamp
  /// Those that tell of JetStream.
  let servers: [Server]
  private(set) var streams: [LiveStream] = []
  private(set) var consumers: [LiveConsumer] = []
  /// Streams and consumers beyond the most that are read.
  private(set) var leftOut = 0
  private let most: Int
  private(set) var span: Double?

  /// Streams and consumers together.
  static let mostRows = 100_000
  /// What nobody tells of any more is kept in sight for so long.
  static let keepsGone = Span.seconds(900)

  static func question(_ scope: PathScope) -> PageQuestion {
    let query = "streams=1&consumers=1&config=1"
    return scope.isAccount
      ? PageQuestion(endpoint: .accountJsz, scope: scope, query: query)
      : PageQuestion(endpoint: .jsz, scope: scope, query: query + "&accounts=1")
  }

  var weight: Int { streams.count + consumers.count }

  init(_ replies: [MetricReply], at: Timestamp) { self.init(replies, at: at, most: JetStreamReading.mostRows) }

  /// - Parameters:
  ///   - replies: Servers' jsz.
  ///   - most: Streams and consumers together.
  init(_ replies: [MetricReply], at: Timestamp, most: Int) {
    (self.at, self.most) = (at, most)
    let telling = replies.filter { $0.document["disabled"]?.bool != true }
    servers = telling.map { Server(id: $0.id, name: $0.name, time: $0.document.time("now") ?? $0.time) }
    var places = Places()
    for (place, reply) in telling.enumerated() {
      guard let accounts = reply.document["account_details"]?.elements else {
        // An account's own document is what stands for it in a server's.
        take(account: reply.document, of: place, reply, &places)
        continue
      }
      for account in accounts { take(account: account, of: place, reply, &places) }
    }
  }

  private struct Places {
    var streams: [LiveStream.Key: Int] = [:]
    var consumers: [LiveConsumer.Key: Int] = [:]
  }

  private mutating func take(account document: JSONView, of place: Int, _ reply: MetricReply, _ places: inout Places) {
    for row in document["stream_detail"]?.elements ?? [] {
      guard let stream = LiveStream(row, document, server: place, reply) else { continue }
      if let known = places.streams[stream.key] {
        if stream.isToldByLeader, !streams[known].isToldByLeader { streams[known] = stream }
      } else if weight < most {
        places.streams[stream.key] = streams.count
        streams.append(stream)
      } else {
        // Once, of all who hold it.
        if stream.isToldByLeader { leftOut += 1 + (row["consumer_detail"]?.elements.count ?? 0) }
        continue
      }
      for row in row["consumer_detail"]?.elements ?? [] {
        guard let consumer = LiveConsumer(row, of: stream) else { continue }
        if let known = places.consumers[consumer.key] {
          if consumer.isToldByLeader, !consumers[known].isToldByLeader { consumers[known] = consumer }
        } else if weight < most {
          places.consumers[consumer.key] = consumers.count
          consumers.append(consumer)
        } else if consumer.isToldByLeader {
          leftOut += 1
        }
      }
    }
  }

  mutating func rate(since before: JetStreamReading) {
    let elapsed = ElapsedTimes(from: before.servers.map { ($0.id, $0.time) }, to: servers.map { ($0.id, $0.time) })
    span = elapsed.usual
    /// Where another server tells now the clocks are not one.
    func seconds(_ now: Int, _ then: Int) -> Double? {
      guard servers.indices.contains(now), before.servers.indices.contains(then) else { return nil }
      return servers[now].id == before.servers[then].id ? elapsed.ofServers[now] : max(0.3, (at - before.at).seconds)
    }
    let past = Dictionary(before.streams.map { ($0.key, $0) }) { first, _ in first }
    for place in streams.indices {
      guard let earlier = past[streams[place].key], earlier.goneSince == nil else { continue }
      streams[place].rate(since: earlier, seconds: seconds(streams[place].server, earlier.server))
    }
    let stored = Dictionary(streams.map { ($0.key, $0.stored) }) { first, _ in first }
    let pastConsumers = Dictionary(before.consumers.map { ($0.key, $0) }) { first, _ in first }
    for place in consumers.indices {
      guard let earlier = pastConsumers[consumers[place].key], earlier.goneSince == nil else { continue }
      consumers[place].rate(since: earlier, seconds: seconds(consumers[place].server, earlier.server))
      consumers[place].stored = stored[consumers[place].key.stream] ?? nil
    }
    keepGone(before)
  }

  /// What was there and is told of by nobody now stays, while none of those that held it tells of anything.
  private mutating func keepGone(_ before: JetStreamReading) {
    let telling = Set(servers.map(\.name))
    let here = Set(streams.map(\.key))
    var gone: Set<LiveStream.Key> = []
    for stream in before.streams where !here.contains(stream.key) && !stream.holders.contains(where: telling.contains) {
      let since = stream.goneSince ?? before.at
      guard at - since < JetStreamReading.keepsGone else { continue }
      guard weight < most else {
        leftOut += 1
        continue
      }
      streams.append(stream.gone(since: since))
      gone.insert(stream.key)
    }
    for consumer in before.consumers where gone.contains(consumer.key.stream) {
      guard weight < most else {
        leftOut += 1
        continue
      }
      consumers.append(consumer.gone(since: consumer.goneSince ?? before.at))
    }
  }
}

typealias JetStreamReadings = ScopeReadings<JetStreamReading>
