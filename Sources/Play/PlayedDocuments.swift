import Recording
import Wire

/// What one server of the played system answers at one moment.
struct PlayedDocuments {
  let moment: PlayedMoment
  /// Those that are there.
  let all: [RecordedDocument]

  /// - Parameter jetStream: Of its cluster.
  init(_ moment: PlayedMoment, _ there: [PlayedMoment], _ jetStream: PlayedJetStream) {
    self.moment = moment
    let connections = PlayedConnections(moment, there)
    let documents = [
      ("server", PlayedDocuments.object(moment)), ("varz", PlayedDocuments.varz(moment, connections.count)),
      ("connz", connections.document),
      ("jsz", jetStream.document(moment)), ("accstatz", PlayedDocuments.accounts(moment, connections)),
      ("accountz", PlayedDocuments.document(moment) { $0.member("accounts", PlayedConnections.accounts + ["SYS"]) }),
      ("routez", PlayedDocuments.routes(moment, there)), ("gatewayz", PlayedDocuments.gateways(moment, there)),
      ("healthz", Array(#"{"status":"ok","status_code":200}"#.utf8)), ("subsz", PlayedDocuments.subscriptions(moment)),
      ("leafz", PlayedDocuments.document(moment) { $0.member("leafnodes", 0) }),
    ]
    all = documents.map { RecordedDocument(.init(server: moment.id, document: $0), bytes: $1, rtt: .milliseconds(1)) }
  }

  static func time(_ seconds: Int) -> String { Timestamp(seconds: Int64(seconds)).rfc3339 }

  /// A duration as Go prints it.
  static func duration(_ seconds: Int) -> String {
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
    return (hours > 0 ? "\(hours)h" : "") + (seconds >= 60 ? "\(minutes)m" : "") + "\(seconds % 60)s"
  }

  static func document(_ moment: PlayedMoment, capacity: Int = 256, _ body: (inout JSONWriter) -> Void) -> [UInt8] {
    var json = JSONWriter(capacity: capacity)
    json.object { json in
      json.member("server_id", moment.id)
      json.member("now", time(moment.at))
      body(&json)
    }
    return json.bytes
  }

  private static func object(_ moment: PlayedMoment) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("name", moment.name)
      json.member("host", "10.1.0.\(moment.place + 1)")
      json.member("id", moment.id)
      json.member("cluster", moment.cluster)
      json.member("ver", moment.version)
      json.member("jetstream", true)
    }
    return json.bytes
  }

  private static func varz(_ moment: PlayedMoment, _ connections: Int) -> [UInt8] {
    document(moment) { json in
      json.member("server_name", moment.name)
      json.member("version", moment.version)
      json.member("start", time(moment.started))
      json.member("config_load_time", time(moment.started))
      json.member("config_digest", moment.isNew ? "sha256:7c1e" : "sha256:41aa")
      json.member("auth_required", true)
      json.member("max_connections", 65_536)
      json.member("max_payload", 1 << 20)
      json.member("cores", 4)
      json.member("cpu", Double(moment.load) / 4 + (moment.isStormed ? 140 : 0))
      json.member("mem", 64 << 20 + moment.load << 14 + (moment.isStormed ? 900 << 20 : 0))
      json.member("connections", connections)
      json.member("total_connections", 400 + moment.age / 30 + moment.stormed)
      json.member("routes", 8)
      json.member("leafnodes", 0)
      json.member("in_msgs", moment.age * 997)
      json.member("out_msgs", moment.age * 1999)
      json.member("in_bytes", moment.age * 997 * 120)
      json.member("out_bytes", moment.age * 1999 * 120)
      json.member("slow_consumers", moment.stormed / 60)
      json.member("subscriptions", 2000 + moment.load)
    }
  }

  private static func accounts(_ moment: PlayedMoment, _ connections: PlayedConnections) -> [UInt8] {
    document(moment) { json in
      json.key("account_statz")
      json.array { json in
        for (number, name) in (PlayedConnections.accounts + ["SYS"]).enumerated() {
          let count = connections.counts[name] ?? 0
          // What has no connections any more sends nothing any more.
          let age = name == PlayedNight.vanished.account ? vanishing(moment) : moment.age
          json.object { json in
            json.member("acc", name)
            json.member("conns", count)
            json.member("total_conns", count)
            json.member("num_subscriptions", count * 3)
            json.key("sent")
            json.object { $0.member("msgs", age * (11 + number)) }
            json.key("received")
            json.object { $0.member("msgs", age * (7 + number)) }
            json.member("slow_consumers", 0)
          }
        }
      }
    }
  }

  private static func vanishing(_ moment: PlayedMoment) -> Int {
    guard moment.minute >= PlayedNight.vanished.minute else { return moment.age }
    return moment.isNew ? 0 : moment.age - (moment.minute - PlayedNight.vanished.minute) * 60
  }

  private static func routes(_ moment: PlayedMoment, _ there: [PlayedMoment]) -> [UInt8] {
    let peers = there.filter { $0.cluster == moment.cluster && $0.name != moment.name }
    return document(moment) { json in
      json.member("num_routes", peers.count)
      json.key("routes")
      json.array { json in
        for peer in peers {
          let age = min(moment.age, peer.age)
          json.object { json in
            json.member("rid", peer.isNew || moment.isNew ? 90 : 10 + peer.place)
            json.member("remote_id", peer.id)
            json.member("remote_name", peer.name)
            json.member("ip", "10.1.0.\(peer.place + 1)")
            json.member("port", 6222)
            json.member("rtt", "\(200 + peer.load)µs")
            json.member("in_msgs", age * 100)
            json.member("out_msgs", age * 90)
            json.member("in_bytes", age * 100 * 120)
            json.member("out_bytes", age * 90 * 120)
            json.member("pending_size", 0)
          }
        }
      }
    }
  }

  private static func gateways(_ moment: PlayedMoment, _ there: [PlayedMoment]) -> [UInt8] {
    let others = there.filter { $0.cluster != moment.cluster }
    func connection(_ other: PlayedMoment, _ json: inout JSONWriter) {
      let age = min(moment.age, other.age)
      json.key("connection")
      json.object { json in
        json.member("cid", 40 + other.place + (other.isNew || moment.isNew ? 100 : 0))
        json.member("name", other.id)
        json.member("rtt", "\(1_800 + other.load)µs")
        json.member("in_msgs", age * 13)
        json.member("out_msgs", age * 17)
        json.member("in_bytes", age * 13 * 120)
        json.member("out_bytes", age * 17 * 120)
        json.member("pending_bytes", 0)
      }
    }
    return document(moment) { json in
      json.member("name", moment.cluster)
      json.member("port", 7222)
      json.key("outbound_gateways")
      json.object { json in
        guard !others.isEmpty else { return }
        let other = others[moment.place % others.count]
        json.key(other.cluster)
        json.object { json in
          json.member("configured", true)
          connection(other, &json)
        }
      }
      json.key("inbound_gateways")
      json.object { json in
        guard let first = others.first else { return }
        json.key(first.cluster)
        json.array { json in
          for other in others {
            json.object { json in
              json.member("configured", false)
              connection(other, &json)
            }
          }
        }
      }
    }
  }

  private static func subscriptions(_ moment: PlayedMoment) -> [UInt8] {
    document(moment) { json in
      json.member("num_subscriptions", 2000 + moment.load)
      json.member("num_cache", 900)
      json.member("num_inserts", 2000 + moment.load + moment.age / 10)
      json.member("num_removes", moment.age / 10)
      json.member("num_matches", moment.age * 1500)
      json.member("cache_hit_rate", 0.98)
      json.member("max_fanout", 12)
      json.member("avg_fanout", 1.5)
    }
  }
}
