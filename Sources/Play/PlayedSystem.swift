import Recording
import Wire

/// Two clusters of three servers with accounts, connections, streams and consumers, whose figures are functions of time. In the last night but
/// one, from 03:12 to 03:20 (UTC), b2 is not there; it comes back as another process, and others lead what it led.
struct PlayedSystem {
  /// Seconds since 1970.
  let began: Int
  /// Days since 1970.
  let today: Int

  private static let clusters = ["A": ["a1", "a2", "a3"], "B": ["b1", "b2", "b3"]]
  private static let streams = 100
  private static let consumers = 4
  private static let connections = 1_000
  private static let account = "ORDERS"

  /// A moment of one server.
  private struct Moment {
    let name: String
    let cluster: String
    let at: Timestamp
    /// Seconds since it was started.
    let age: Int
    let isNew: Bool

    var id: String { "N" + String(repeating: name.uppercased(), count: 27) + (isNew ? "N" : "O") }
  }

  func epoch(_ number: Int, every: Int) -> Epoch {
    let at = Timestamp(seconds: Int64(number * every) + Int64(every) * 7 / 10)
    let moments = PlayedSystem.clusters.sorted { $0.key < $1.key }.flatMap { cluster, names in
      names.compactMap { moment($0, cluster, at) }
    }
    let header = EpochHeader(
      number: number, began: at - .wholeSeconds(Int64(every) * 7 / 10), at: at, expected: 6, responded: moments.count,
      missing: 6 - moments.count, documents: ["varz", "connz", "jsz", "accstatz", "routez"])
    return Epoch(header, beliefs: PlayedSystem.beliefs(moments, at), documents: moments.flatMap { PlayedSystem.documents($0, moments) })
  }

  /// nil while it is not there.
  private func moment(_ name: String, _ cluster: String, _ at: Timestamp) -> Moment? {
    let night = (today - 1) * 86_400 + 3 * 3600
    let (down, up) = (night + 12 * 60, night + 20 * 60)
    let isNew = name == "b2" && at.seconds >= up
    if name == "b2", at.seconds >= down, !isNew { return nil }
    return Moment(name: name, cluster: cluster, at: at, age: Int(at.seconds) - (isNew ? up : began - 86_400), isNew: isNew)
  }

  private static func beliefs(_ moments: [Moment], _ at: Timestamp) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("at", at.rfc3339)
      json.member("connected", true)
      json.member("access", "system")
      json.member("roster", true)
      json.key("servers")
      json.array { json in
        for moment in moments {
          json.object { json in
            json.member("id", moment.id)
            json.member("name", moment.name)
            json.member("cluster", moment.cluster)
            json.member("version", "2.14.5")
            json.member("jetstream", true)
            json.member("standing", "live")
          }
        }
      }
    }
    return json.bytes
  }

  private static func documents(_ moment: Moment, _ all: [Moment]) -> [RecordedDocument] {
    let peers = all.filter { $0.cluster == moment.cluster }
    return [
      ("server", object(moment)), ("varz", varz(moment)), ("connz", connz(moment, all)), ("jsz", jsz(moment, peers)),
      ("accstatz", accstatz(moment)),
      ("routez", routez(moment, peers)),
    ].map { RecordedDocument(.init(server: moment.id, document: $0), bytes: $1, rtt: .milliseconds(1)) }
  }

  private static func document(_ moment: Moment, _ body: (inout JSONWriter) -> Void) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("server_id", moment.id)
      json.member("now", (moment.at - .seconds(3)).rfc3339)
      body(&json)
    }
    return json.bytes
  }

  private static func object(_ moment: Moment) -> [UInt8] {
    Array(
      #"{"name":"\#(moment.name)","host":"127.0.0.1","id":"\#(moment.id)","cluster":"\#(moment.cluster)","ver":"2.14.5","jetstream":true}"#
        .utf8)
  }

  /// From 50 on, with a day's rhythm.
  private static func load(_ moment: Moment) -> Int {
    50 + abs(Int(moment.at.seconds % 86_400) - 43_200) / 900 + Int(moment.at.seconds / 60 * 7919) % 13
  }

  private static func varz(_ moment: Moment) -> [UInt8] {
    document(moment) { json in
      json.member("server_name", moment.name)
      json.member("version", "2.14.5")
      json.member("cpu", Double(load(moment)) / 4)
      json.member("mem", 64 << 20 + load(moment) << 14)
      json.member("connections", 150 + load(moment) / 5)
      json.member("total_connections", moment.age / 30)
      json.member("routes", 8)
      json.member("leafnodes", 0)
      json.member("in_msgs", moment.age * 997)
      json.member("out_msgs", moment.age * 1999)
      json.member("in_bytes", moment.age * 997 * 120)
      json.member("out_bytes", moment.age * 1999 * 120)
      json.member("slow_consumers", moment.age / 86_400)
      json.member("subscriptions", 2000 + load(moment))
    }
  }

  /// Each client has a server that it likes; where that is not there, it is on another one.
  private static func connz(_ moment: Moment, _ all: [Moment]) -> [UInt8] {
    let place = all.firstIndex { $0.name == moment.name } ?? 0
    let own = (0..<connections).filter { $0 % all.count == place }
    return document(moment) { json in
      json.member("num_connections", own.count)
      json.member("total", own.count)
      json.member("offset", 0)
      json.member("limit", 1024)
      json.key("connections")
      json.array { json in
        for number in own {
          json.object { json in
            json.member("cid", number + 100)
            json.member("kind", "Client")
            json.member("ip", "10.0.\(number / 250).\(number % 250)")
            json.member("port", 40_000 + number)
            json.member("in_msgs", moment.age * (number % 17))
            json.member("out_msgs", moment.age * (number % 5))
            json.member("subscriptions", number % 9)
            json.member("name", "service-\(number % 40)")
            json.member("account", number % 3 == 0 ? "BILLING" : account)
          }
        }
      }
    }
  }

  private static func accstatz(_ moment: Moment) -> [UInt8] {
    document(moment) { json in
      json.key("account_statz")
      json.array { json in
        for (number, name) in [account, "BILLING", "SYS"].enumerated() {
          json.object { json in
            json.member("acc", name)
            json.member("conns", 50 + number)
            json.member("total_conns", 60 + number)
            json.key("sent")
            json.object { $0.member("msgs", moment.age * (11 + number)) }
            json.key("received")
            json.object { $0.member("msgs", moment.age * (7 + number)) }
          }
        }
      }
    }
  }

  private static func routez(_ moment: Moment, _ peers: [Moment]) -> [UInt8] {
    document(moment) { json in
      json.key("routes")
      json.array { json in
        for peer in peers where peer.name != moment.name {
          json.object { json in
            json.member("rid", peer.isNew ? 90 : 10)
            json.member("remote_id", peer.id)
            json.member("remote_name", peer.name)
            json.member("rtt", "\(200 + load(peer))µs")
            json.member("in_msgs", min(moment.age, peer.age) * 100)
            json.member("out_msgs", min(moment.age, peer.age) * 90)
            json.member("pending_size", 0)
          }
        }
      }
    }
  }

  private static func jsz(_ moment: Moment, _ peers: [Moment]) -> [UInt8] {
    document(moment) { json in
      json.key("account_details")
      json.array { json in
        json.object { json in
          json.member("name", account)
          json.member("id", account)
          json.key("stream_detail")
          json.array { json in
            for number in 0..<streams where (number % 2 == 0) == (moment.cluster == "A") {
              json.object { write(number, moment, peers, to: &$0) }
            }
          }
        }
      }
    }
  }

  private static func write(_ number: Int, _ moment: Moment, _ peers: [Moment], to json: inout JSONWriter) {
    let stored = Int(moment.at.seconds % 10_000_000) * (number + 1)
    // Whoever comes back leads nothing at first.
    let leading = peers.filter { !$0.isNew }
    let leader = leading.isEmpty ? "" : leading[number / 2 % leading.count].name
    json.member("name", "S\(number)")
    json.member("created", "2026-01-01T00:00:00Z")
    json.key("cluster")
    json.object { $0.member("leader", leader) }
    json.key("state")
    json.object { json in
      json.member("messages", 100_000 + load(moment) * number)
      json.member("bytes", (100_000 + load(moment) * number) * 200)
      json.member("first_seq", stored - 100_000)
      json.member("last_seq", stored)
      json.member("consumer_count", consumers)
    }
    json.key("consumer_detail")
    json.array { json in
      for consumer in 0..<consumers {
        json.object { json in
          json.member("stream_name", "S\(number)")
          json.member("name", "C\(consumer)")
          json.member("created", "2026-01-01T00:00:00Z")
          json.key("delivered")
          json.object { json in
            json.member("consumer_seq", stored)
            json.member("stream_seq", stored)
          }
          json.member("num_ack_pending", load(moment) / (consumer + 1))
          json.member("num_pending", load(moment) * consumer)
          json.key("cluster")
          json.object { $0.member("leader", leader) }
        }
      }
    }
  }
}
