import Gateway
import Wire

/// A thousand servers and their streams at one moment, played: what judging is measured on.
package struct PlayedFleet {
  private static let clusterSize = 10
  private static let consumersOfAStream = 4
  private let servers: Int
  private let streams: Int
  private let replicas: Int

  /// - Parameters:
  ///   - assets: Streams and consumers together.
  ///   - replicas: Servers that hold each of them, and tell of it.
  package init(servers: Int, assets: Int, replicas: Int) {
    self.servers = servers / PlayedFleet.clusterSize * PlayedFleet.clusterSize
    streams = assets / (PlayedFleet.consumersOfAStream + 1)
    self.replicas = replicas
  }

  private func name(_ server: Int) -> String { "s\(server)" }
  private func cluster(_ server: Int) -> String { "c\(server / PlayedFleet.clusterSize)" }

  /// Who holds a stream, its leader first.
  private func holders(_ stream: Int) -> [Int] {
    let (first, place) = (stream % servers / PlayedFleet.clusterSize * PlayedFleet.clusterSize, stream % servers % PlayedFleet.clusterSize)
    return (0..<replicas).map { first + (place + $0) % PlayedFleet.clusterSize }
  }

  /// All that its servers tell of themselves at a minute.
  package func documents(_ minute: Int) -> [JudgedRounds.Document] {
    var held: [[Int]] = Array(repeating: [], count: servers)
    for stream in 0..<streams { for server in holders(stream) { held[server].append(stream) } }
    return (0..<servers).flatMap { server -> [JudgedRounds.Document] in
      let texts = [
        ("varz", varz(server, minute)), ("routez", routez(server)), ("healthz", #"{"status":"ok"}"#), ("gatewayz", "{}"), ("leafz", "{}"),
        ("subsz", #"{"num_subscriptions":\#(1000 + server % 7),"num_inserts":\#(minute * 100),"num_removes":\#(minute * 90)}"#),
        ("accstatz", accstatz(minute)), ("jsz?consumers=1", jsz(server, held[server], minute)),
      ]
      return texts.compactMap { JudgedRounds.Document($0.0, server: name(server), cluster: cluster(server), Array($0.1.utf8)) }
    }
  }

  private func varz(_ server: Int, _ minute: Int) -> String {
    """
    {"server_id":"ID\(name(server))","server_name":"\(name(server))","version":"2.12.4","cluster":{"name":"\(cluster(server))"},\
    "auth_required":true,"max_connections":65536,"connections":\(500 + server % 50),"subscriptions":\(9000 + server % 300),\
    "mem":\(200_000_000 + server * 1000),"cores":8,"cpu":\(20 + minute % 5),"in_msgs":\(minute * 60_000),"out_msgs":\(minute * 90_000),\
    "start":"2026-01-01T00:00:00Z","config_load_time":"2026-01-01T00:00:00Z","config_digest":"sha256:1",\
    "jetstream":{"config":{"max_memory":8589934592,"max_storage":107374182400},"stats":{"memory":0,"storage":\(9_000_000_000 + minute * 1000),\
    "api":{"total":\(minute * 50),"errors":0}}}}
    """
  }

  private func routez(_ server: Int) -> String {
    let first = server / PlayedFleet.clusterSize * PlayedFleet.clusterSize
    let routes = (first..<first + PlayedFleet.clusterSize).filter { $0 != server }.map {
      #"{"rid":\#($0 + 1),"remote_id":"ID\#(name($0))","remote_name":"\#(name($0))","rtt":"512µs","pending_size":0,"in_msgs":1,"out_msgs":1}"#
    }
    return #"{"server_id":"ID\#(name(server))","num_routes":\#(routes.count),"routes":[\#(routes.joined(separator: ","))]}"#
  }

  private func accstatz(_ minute: Int) -> String {
    let rows = (0..<10).map {
      #"{"acc":"ACC\#($0)","conns":50,"total_conns":50,"slow_consumers":0,"sent":{"msgs":\#(minute * 900),"bytes":\#(minute * 90_000)},"received":{"msgs":\#(minute * 600),"bytes":\#(minute * 60_000)}}"#
    }
    return #"{"account_statz":[\#(rows.joined(separator: ","))]}"#
  }

  private func jsz(_ server: Int, _ held: [Int], _ minute: Int) -> String {
    let accounts = Dictionary(grouping: held) { $0 % 10 }.sorted { $0.key < $1.key }.map { account, streams in
      let details = streams.map { stream($0, told: server, minute) }
      return
        #"{"name":"ACC\#(account)","id":"ACC\#(account)","memory":0,"storage":1000,"stream_detail":[\#(details.joined(separator: ","))]}"#
    }
    return """
      {"memory":0,"storage":9000000000,"config":{"max_memory":8589934592,"max_storage":107374182400,"store_dir":"/data"},\
      "api":{"total":\(minute * 50),"errors":0},"streams":\(held.count),"consumers":\(held.count * 4),"ha_assets":\(held.count * 5),\
      "meta_cluster":{"name":"c0","leader":"s0","cluster_size":\(servers)},"account_details":[\(accounts.joined(separator: ","))]}
      """
  }

  private func group(_ stream: Int) -> String {
    let holders = holders(stream)
    let peers = holders.dropFirst().map { #"{"name":"\#(name($0))","current":true,"active":183746512,"peer":"cnrtt3eg"}"# }
    return
      #"{"name":"\#(cluster(holders[0]))","raft_group":"S-R3F-abcdefgh","leader":"\#(name(holders[0]))","replicas":[\#(peers.joined(separator: ","))]}"#
  }

  private func stream(_ number: Int, told server: Int, _ minute: Int) -> String {
    let group = group(number)
    let consumers = (0..<PlayedFleet.consumersOfAStream).map { consumer($0, of: number, group, minute) }
    return """
      {"name":"STREAM-\(number)","created":"2026-01-01T00:00:00Z","cluster":\(group),"config":{"name":"STREAM-\(number)",\
      "subjects":["orders.\(number).>"],"retention":"limits","max_consumers":-1,"max_msgs":-1,"max_bytes":1073741824,"max_age":604800000000000,\
      "max_msgs_per_subject":-1,"max_msg_size":-1,"discard":"\(number % 10 == 0 ? "new" : "old")","storage":"file","num_replicas":\(replicas),\
      "duplicate_window":120000000000,"compression":"none","allow_direct":true,"mirror_direct":false,"sealed":false,"deny_delete":false,\
      "deny_purge":false,"allow_rollup_hdrs":false,"consumer_limits":{}},"state":{"messages":\(90_000 + minute),"bytes":\(90_000_000 + minute * 1000),\
      "first_seq":1,"first_ts":"2026-01-01T00:00:00.123456789Z","last_seq":\(90_000 + minute),"last_ts":"2026-11-30T11:59:59.123456789Z",\
      "num_subjects":12,"consumer_count":4},"consumer_detail":[\(consumers.joined(separator: ","))]}
      """
  }

  private func consumer(_ number: Int, of stream: Int, _ group: String, _ minute: Int) -> String {
    """
    {"stream_name":"STREAM-\(stream)","name":"consumer-\(number)","created":"2026-01-01T00:00:00.123456789Z","config":{\
    "durable_name":"consumer-\(number)","name":"consumer-\(number)","deliver_policy":"all","ack_policy":"explicit","ack_wait":30000000000,\
    "max_deliver":-1,"replay_policy":"instant","max_waiting":512,"max_ack_pending":1000,"num_replicas":0},"delivered":{\
    "consumer_seq":\(90_000 + minute),"stream_seq":\(90_000 + minute),"last_active":"2026-11-30T11:59:59.123456789Z"},"ack_floor":{\
    "consumer_seq":\(90_000 + minute),"stream_seq":\(90_000 + minute),"last_active":"2026-11-30T11:59:59.123456789Z"},"num_ack_pending":3,\
    "num_redelivered":0,"num_waiting":1,"num_pending":\(number == 3 ? 500 + minute % 3 : 0),"cluster":\(group),"ts":"2026-11-30T12:00:00.1Z"}
    """
  }
}
