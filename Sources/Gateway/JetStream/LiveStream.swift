import Wire

/// A stream as its leader tells of it, else as the first that does.
struct LiveStream: Sendable {
  /// Where it is: streams of one name in two places are two streams.
  struct Key: Hashable, Sendable {
    /// The domain of its meta group; of a server that stands alone its id.
    let group: String
    let account: String
    let name: String
  }

  /// What it is for: buckets and object stores are streams with names of their own kind.
  enum Kind: String, Sendable { case stream, bucket, objects }

  let key: Key
  /// What the account is called.
  let accountName: String
  /// The one that tells, by its place among those of the reading.
  let server: Int
  let serverName: String
  let leader: String
  let isClustered: Bool
  let isToldByLeader: Bool
  /// Its row of the server's document.
  let view: JSONView
  let replicas: Replicas
  private let lastSequence: Int
  /// Messages a second that it stores; nil where nothing is known.
  private(set) var stored: Double?
  /// Since when nobody tells of it; nil where somebody does.
  private(set) var goneSince: Timestamp?

  /// How its replicas are.
  struct Replicas: Sendable {
    /// Those that are there and have everything, the leader among them where there is one, and as many as it should have.
    var current = 1
    var wanted = 1
    /// Entries that the furthest is behind; nil without other replicas.
    var lag: Int?
    /// `a2 offline`, `a3 behind`.
    var troubles: [String] = []
    /// Names of the others.
    var peers: [String] = []
  }

  /// - Parameters:
  ///   - row: One of `stream_detail`.
  ///   - account: What the row stands in.
  init?(_ row: JSONView, _ account: JSONView, server: Int, _ reply: MetricReply) {
    guard let name = row["name"]?.string, !name.isEmpty else { return nil }
    let cluster = row["cluster"]
    isClustered = !(cluster?["name"]?.string ?? "").isEmpty
    let accountName = account["name"]?.string ?? ""
    key = Key(group: isClustered ? reply.domain : reply.id, account: account["id"]?.string ?? accountName, name: name)
    self.accountName = accountName.isEmpty ? key.account : accountName
    self.server = server
    serverName = reply.name
    leader = cluster?["leader"]?.string ?? ""
    isToldByLeader = !isClustered || leader == reply.name
    view = row
    replicas = Replicas(cluster, wanted: row["config"]?["num_replicas"]?.int)
    lastSequence = Tally.of(row["state"]?["last_seq"])
  }

  var kind: Kind { key.name.hasPrefix("KV_") ? .bucket : key.name.hasPrefix("OBJ_") ? .objects : .stream }

  /// Names of the servers that hold it, as far as it is told.
  var holders: [String] { Set(([leader, isToldByLeader ? serverName : ""] + replicas.peers).filter { !$0.isEmpty }).sorted() }

  mutating func rate(since before: LiveStream, seconds: Double?) {
    stored = seconds.flatMap { ElapsedTimes.rate(lastSequence, since: before.lastSequence, seconds: $0) }
  }

  func gone(since: Timestamp) -> LiveStream {
    var gone = self
    (gone.goneSince, gone.stored) = (since, nil)
    return gone
  }

  private static let told: [StaticString] = ["created", "cluster", "config", "state", "mirror", "sources"]

  func write(to json: inout JSONWriter) {
    json.member("name", key.name)
    json.member("kind", kind.rawValue)
    json.member("account", accountName)
    if accountName != key.account { json.member("account_id", key.account) }
    json.member("server", serverName)
    json.member("leader", unlessEmpty: isClustered ? leader : serverName)
    json.member("clustered", isClustered)
    json.objectMember("replicas") { json in
      json.member("current", replicas.current)
      json.member("wanted", replicas.wanted)
      if let lag = replicas.lag { json.member("lag", lag) }
      json.member("troubles", unlessEmpty: replicas.troubles)
    }
    if let stored { json.objectMember("rates") { $0.member("stored", stored) } }
    if let goneSince { json.objectMember("gone") { LiveStream.write(holders, goneSince, to: &$0) } }
    for name in LiveStream.told { if let value = view[name] { json.member(name, raw: value.raw) } }
  }

  static func write(_ holders: [String], _ since: Timestamp, to json: inout JSONWriter) {
    json.member("since", since.rfc3339)
    json.member("holders", holders)
    json.member("sentence", "No server that answers has it; it was on \(holders.joined(separator: ", ")).")
  }
}

extension LiveStream.Replicas {
  init(_ cluster: JSONView?, wanted: Int?) {
    let peers = cluster?["replicas"]?.elements ?? []
    self.wanted = max(1, wanted ?? peers.count + 1)
    if !(cluster?["name"]?.string ?? "").isEmpty, (cluster?["leader"]?.string ?? "").isEmpty {
      current = 0
      troubles.append("no leader")
    }
    guard !peers.isEmpty else { return }
    lag = 0
    for peer in peers {
      let name = peer["name"]?.string ?? ""
      self.peers.append(name)
      lag = max(lag ?? 0, Tally.of(peer["lag"]))
      if peer["offline"]?.bool == true {
        troubles.append("\(name) offline")
      } else if peer["current"]?.bool == false {
        troubles.append("\(name) behind")
      } else {
        current += 1
      }
    }
  }
}
