import Foundation
import SystemAPI
import Wire

@testable import Judgement

typealias JSON = [String: Any]

/// What servers of a played system say, at one moment and at the one before.
struct Scene: Sendable {
  var at = Timestamp(rfc3339: "2026-03-01T12:00:00Z") ?? .zero
  var now: [Need: [Said]] = [:]
  /// A minute earlier; nil where there is no earlier moment.
  var before: [Need: [Said]]?
  /// Looks of the time before, the oldest first, with how long ago they were.
  var course: [(ago: Span, said: [Need: [Said]])] = []
  var leaving: [String: String] = [:]
  /// What is believed and was heard, and which links are broken.
  var change: @Sendable (inout JudgedSystem) -> Void = { _ in }
  var thresholds = Thresholds()

  /// One server's document.
  struct Said: Sendable {
    var server: String
    var document: [UInt8]
    var version: String
    var cluster: String
    var id: String

    init(server: String, document: JSON, version: String = "2.12.4", cluster: String = "A", id: String? = nil) {
      self.server = server
      self.document = (try? JSONSerialization.data(withJSONObject: document)).map(Array.init) ?? []
      self.version = version
      self.cluster = cluster
      self.id = id ?? "N" + server
    }
  }

  init(_ need: Need, _ said: Said..., before: [Said]? = nil) {
    now[need] = said
    self.before = before.map { [need: $0] }
  }

  /// Looks that are equally far apart, the last one now.
  ///
  /// - Parameter said: What is said at each look, by its number.
  static func course(_ need: Need, hours: Double = 0.25, looks: Int = 4, _ said: (Int) -> [Said]) -> Scene {
    var scene = Scene(need)
    scene.now[need] = said(looks - 1)
    for look in 0..<looks - 1 {
      scene.course.append((.seconds(hours * 3600 * Double(looks - 1 - look) / Double(looks - 1)), [need: said(look)]))
    }
    return scene
  }

  /// A system in which nobody was asked for anything.
  init(_ change: @escaping @Sendable (inout JudgedSystem) -> Void) { self.change = change }

  var system: JudgedSystem {
    var system = Scene.system(now, at)
    for (name, why) in leaving { system.leaving.set(why, name, "") }
    change(&system)
    system.thresholds = thresholds
    for look in course { system.trends.take(Scene.system(look.said, at - look.ago)) }
    system.trends.take(system)
    if let before { system.before = JudgedSystem.Before(Scene.system(before, at - .seconds(60))) }
    return system
  }

  private static func system(_ said: [Need: [Said]], _ at: Timestamp) -> JudgedSystem {
    var system = JudgedSystem(now: at)
    for (need, replies) in said { system.take(need, replies.compactMap(\.reply)) }
    return system
  }
}

extension Scene {
  /// The same with another number in place of every so manieth one.
  func with(_ figure: String, every: Int) -> Scene {
    var scene = self
    scene.now = now.mapValues { $0.map { $0.with(figure, every: every) } }
    scene.before = before?.mapValues { $0.map { $0.with(figure, every: every + 1) } }
    scene.course = course.map { look in (look.ago, look.said.mapValues { $0.map { $0.with(figure, every: every + 1) } }) }
    return scene
  }
}

extension Scene.Said {
  func with(_ figure: String, every: Int) -> Scene.Said {
    var said = self
    var count = 0
    let text = String(decoding: document, as: UTF8.self).replacing(/:(-?[0-9][0-9.e+-]*)/) { match in
      count += 1
      return count.isMultiple(of: every) ? ":" + figure : String(match.output.0)
    }
    said.document = Array(text.utf8)
    return said
  }

  var reply: DocumentReply? {
    var description = ServerDescription()
    (description.name, description.id, description.cluster, description.version) = (server, id, cluster, version)
    guard let view = try? JSONView(validating: document) else { return nil }
    return DocumentReply(server: description, document: view)
  }
}

/// One object over another, member by member.
func over(_ base: JSON, _ change: JSON) -> JSON {
  base.merging(change) { old, new in
    guard let old = old as? JSON, let new = new as? JSON else { return new }
    return over(old, new)
  }
}

func varz(_ server: String = "a1", _ change: JSON = [:], version: String = "2.12.4", cluster: String = "A", id: String? = nil) -> Scene.Said
{
  let usual: JSON = [
    "server_name": server, "version": version, "auth_required": true, "max_connections": 1000, "connections": 10, "subscriptions": 100,
    "mem": 300 << 20, "cores": 4, "cpu": 12.5, "slow_consumers": 2, "stale_connections": 1, "stalled_clients": 3,
    "start": "2026-02-01T00:00:00Z", "config_load_time": "2026-02-01T00:00:00Z", "config_digest": "sha256:1",
  ]
  return .init(server: server, document: over(usual, change), version: version, cluster: cluster, id: id)
}

func said(_ server: String = "a1", _ document: JSON, cluster: String = "A") -> Scene.Said {
  .init(server: server, document: document, cluster: cluster)
}

func peer(_ name: String, _ change: JSON = [:]) -> JSON { over(["name": name, "current": true, "active": 100_000_000], change) }

/// A group led by a1 with two peers that are well.
func group(leader: String = "a1", _ peers: [JSON] = [peer("a2"), peer("a3")]) -> JSON {
  ["name": "A", "leader": leader, "replicas": peers]
}

func stream(_ change: JSON = [:]) -> JSON {
  let usual: JSON = [
    "name": "ORDERS", "cluster": group(),
    "config": [
      "retention": "limits", "storage": "file", "num_replicas": 3, "max_msgs": 1_000_000, "max_bytes": 1_000_000,
      "max_age": 3_600_000_000_000,
      "discard": "old", "max_consumers": -1, "duplicate_window": 120_000_000_000, "compression": "none",
    ],
    "state": [
      "messages": 100, "bytes": 1000, "first_seq": 1, "last_seq": 100, "num_subjects": 10, "consumer_count": 1,
      "last_ts": "2026-03-01T11:59:59Z",
    ],
  ]
  return over(usual, change)
}

func consumer(_ change: JSON = [:]) -> JSON {
  let usual: JSON = [
    "name": "BILLING", "cluster": group(), "config": ["ack_policy": "explicit", "ack_wait": 30_000_000_000, "max_ack_pending": 1000],
    "delivered": ["consumer_seq": 1000, "stream_seq": 90, "last_active": "2026-03-01T11:59:50Z"],
    "ack_floor": ["consumer_seq": 990, "stream_seq": 80, "last_active": "2026-03-01T11:59:50Z"], "num_ack_pending": 10, "num_pending": 10,
    "num_waiting": 1,
  ]
  return over(usual, change)
}

/// jsz of a server with streams of one account.
func jsz(_ server: String = "a1", _ streams: [JSON] = [stream()], _ change: JSON = [:], account: JSON = [:], cluster: String = "A")
  -> Scene.Said
{
  let usual: JSON = [
    "memory": 0, "storage": 1000, "config": ["max_memory": 1 << 30, "max_storage": 1 << 40], "ha_assets": 3, "streams": 1, "consumers": 1,
    "api": ["total": 1000, "errors": 1, "inflight": 0],
    "meta_cluster": ["name": "A", "leader": "a1", "cluster_size": 3, "pending": 0, "replicas": [peer("a2"), peer("a3")]],
    "account_details": [over(["name": "APP", "id": "APP", "memory": 0, "storage": 1000, "stream_detail": streams], account)],
  ]
  return .init(server: server, document: over(usual, change), cluster: cluster)
}

/// jsz of a server with one stream that has one consumer.
func jsz(consumer changes: JSON, stream change: JSON = [:]) -> Scene.Said {
  jsz("a1", [over(stream(change), ["consumer_detail": [consumer(changes)]])])
}
