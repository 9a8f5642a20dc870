import Wire

/// The streams and consumers of a cluster at one moment, and what each of its servers says of them: all of those with three replicas.
struct PlayedJetStream {
  private static let streams = 100
  private static let consumers = 4
  /// Streams that are told of by their names; the others are numbered.
  private static let names = [6: PlayedNight.backlog.stream, 7: PlayedNight.leaderless.stream]
  private static let members = ["A": ["a1", "a2", "a3"], "B": ["b1", "b2", "b3"]]

  /// One of the servers: but for one stream they say the same.
  private let moment: PlayedMoment
  private let peers: [PlayedMoment]
  private let created = "2026-01-01T00:00:00Z"
  /// What all of them say of a stream, by who holds it.
  private var streams: [(replicas: [String], json: [UInt8])] = []

  /// One of the streams.
  private struct Stream {
    let number: Int
    let name: String
    let replicas: [String]
    /// Those of them that are there.
    let there: [String]
    /// Empty where nobody leads.
    var leader = ""
    var stored = 0
  }

  /// - Parameter peers: The servers of a cluster that are there.
  init(_ peers: [PlayedMoment]) {
    moment = peers[0]
    self.peers = peers
    let load = moment.load
    streams = (0..<PlayedJetStream.streams / moment.share).filter { isOfTheCluster($0) }.map { number in
      let stream = stream(number)
      var json = JSONWriter(capacity: 4 << 10)
      json.object { write(stream, load, to: &$0) }
      return (stream.replicas, json.bytes)
    }
  }

  func document(_ moment: PlayedMoment) -> [UInt8] {
    PlayedDocuments.document(moment, capacity: 128 << 10) { json in
      json.member("memory", 0)
      json.member("storage", 9 << 30)
      json.key("config")
      json.object { json in
        json.member("max_memory", 8 << 30)
        json.member("max_storage", 100 << 30)
        json.member("store_dir", "/data/jetstream")
      }
      json.member("accounts", 1)
      json.key("api")
      json.object { json in
        json.member("total", moment.age / 5)
        json.member("errors", 0)
      }
      json.key("meta_cluster")
      json.object { json in
        json.member("name", "A")
        json.member("leader", "a1")
        json.member("cluster_size", 6)
      }
      json.key("account_details")
      json.array { json in
        json.object { json in
          json.member("name", "ORDERS")
          json.member("id", "ORDERS")
          json.key("stream_detail")
          json.array { json in
            for stream in streams where stream.replicas.contains(moment.name) { json.raw(stream.json) }
          }
        }
      }
    }
  }

  private func isOfTheCluster(_ number: Int) -> Bool { (number % 2 == 0) == (moment.cluster == "A") }

  private func stream(_ number: Int) -> Stream {
    let name = PlayedJetStream.names[number] ?? "S\(number)"
    let replicas =
      name == PlayedNight.leaderless.stream ? PlayedNight.leaderless.replicas : PlayedJetStream.members[moment.cluster] ?? []
    var stream = Stream(
      number: number, name: name, replicas: replicas, there: replicas.filter { name in peers.contains { $0.name == name } })
    stream.leader = leader(stream)
    // Without a leader nothing is stored.
    let since = stream.leader.isEmpty ? (moment.minute - PlayedNight.restart.down) * 60 + moment.at % 60 : 0
    stream.stored = (moment.at - since) % 10_000_000 * (number + 1)
    return stream
  }

  /// Whoever led it leads it, and where that one is not there, or is back, the next.
  private func leader(_ stream: Stream) -> String {
    let replicas = stream.replicas
    // A majority has to be there.
    guard stream.there.count * 2 > replicas.count else { return "" }
    let place = stream.number / 2 % replicas.count
    for step in 0..<replicas.count {
      let name = replicas[(place + step) % replicas.count]
      if let peer = peers.first(where: { $0.name == name }), !peer.isNew || replicas.count < 3 { return name }
    }
    return ""
  }

  private func write(_ stream: Stream, _ load: Int, to json: inout JSONWriter) {
    let (leader, stored) = (stream.leader, stream.stored)
    json.member("name", stream.name)
    json.member("created", created)
    json.key("cluster")
    json.object { json in
      json.member("name", moment.cluster)
      json.member("leader", leader)
      json.key("replicas")
      json.array { json in
        // Where nobody leads, whoever is there tells of the others.
        let teller = leader.isEmpty ? stream.there.first ?? "" : leader
        for name in stream.replicas where name != teller {
          json.object { json in
            let isThere = stream.there.contains(name)
            json.member("name", name)
            json.member("current", isThere)
            json.member("active", isThere ? 200_000_000 : (moment.minute - PlayedNight.restart.down + 1) * 60_000_000_000)
            json.member("offline", ifTrue: !isThere)
          }
        }
      }
    }
    json.key("state")
    json.object { json in
      json.member("messages", 100_000)
      json.member("bytes", 100_000 * 200 + stored % 9_973)
      json.member("first_seq", stored - 99_999)
      json.member("last_seq", stored)
      json.member("consumer_count", PlayedJetStream.consumers)
    }
    json.key("consumer_detail")
    json.array { json in
      for consumer in 0..<PlayedJetStream.consumers {
        json.object { write(consumer, of: stream, load, to: &$0) }
      }
    }
  }

  private static let consumerNames = (0..<consumers).map { "C\($0)" }

  private func write(_ consumer: Int, of stream: Stream, _ load: Int, to json: inout JSONWriter) {
    let stored = stream.stored
    let isTold = stream.name == PlayedNight.backlog.stream && consumer == 2
    let behind = isTold ? backlog : 0
    let unacknowledged = behind > 0 ? PlayedNight.backlog.acknowledged : load / (consumer + 1)
    json.member("stream_name", stream.name)
    json.member("name", isTold ? PlayedNight.backlog.consumer : PlayedJetStream.consumerNames[consumer])
    json.member("created", created)
    json.key("config")
    json.object { json in
      json.member("ack_policy", "explicit")
      json.member("max_ack_pending", PlayedNight.backlog.acknowledged)
    }
    json.key("delivered")
    json.object { json in
      json.member("consumer_seq", stored - behind)
      json.member("stream_seq", stored - behind)
    }
    json.key("ack_floor")
    json.object { json in
      json.member("consumer_seq", stored - behind - unacknowledged)
      json.member("stream_seq", stored - behind - unacknowledged)
    }
    json.member("num_ack_pending", unacknowledged)
    json.member("num_redelivered", 0)
    json.member("num_waiting", 1)
    json.member("num_pending", behind)
    json.key("cluster")
    json.object { json in
      json.member("name", moment.cluster)
      json.member("leader", stream.leader)
    }
  }

  /// Messages that wait for the consumer that falls behind.
  private var backlog: Int {
    let (minutes, minute) = (PlayedNight.backlog.minutes, moment.minute)
    let most = minutes.count * PlayedNight.backlog.eachMinute
    if minutes.contains(minute) { return (minute - minutes.lowerBound + 1) * PlayedNight.backlog.eachMinute }
    guard (minutes.upperBound..<PlayedNight.backlog.caughtUp).contains(minute) else { return 0 }
    let left = PlayedNight.backlog.caughtUp - minute
    return most * left / (PlayedNight.backlog.caughtUp - minutes.upperBound + 1)
  }
}
