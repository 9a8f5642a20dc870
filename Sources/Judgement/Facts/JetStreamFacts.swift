import SystemAPI
import Wire

/// What all servers together tell of JetStream: each stream and consumer once.
public struct JetStreamFacts: Sendable {
  /// JetStream of one server.
  public struct Server: Sendable {
    public var server: ServerDescription
    public var memory = 0
    public var storage = 0
    public var reservedMemory = 0
    public var reservedStorage = 0
    /// Limits; nil for none.
    public var maxMemory: Int?
    public var maxStorage: Int?
    public var assets = 0
    public var streams = 0
    public var consumers = 0
    public var streamsLed: Int?
    public var consumersLed: Int?
    public var requests = 0
    public var errors = 0
    /// Requests under way; nil where servers of its version do not tell.
    public var inflight: Int?
    public var domain = ""
    /// nil for a server that stands alone.
    public var meta: Meta?
  }

  /// The meta group as one server sees it.
  public struct Meta: Sendable {
    public var raft: RaftView
    public var size: Int
    public var pending: Int
    /// How long the last snapshot took; nil where servers of its version do not tell.
    public var snapshotTook: Span?
  }

  /// JetStream of one account, as one server tells.
  public struct Account: Sendable {
    public var id: String
    public var name: String
    public var memory: Int
    public var storage: Int
    /// What it may use; nil for any amount.
    public var mayUseMemory: Int?
    public var mayUseStorage: Int?
  }

  public private(set) var servers: [Server] = []
  /// The same by their cluster.
  private(set) var clusters: [String: [Server]] = [:]
  private(set) var metaGroups: [MetaGroup] = []
  public private(set) var accounts: [Account] = []
  /// In order of their names.
  public private(set) var streams: [StreamFacts] = []
  public private(set) var consumers: [ConsumerFacts] = []
  /// Where streams of servers that stand alone are, by the server's id: it is another one after each start.
  private var alone: [String: String] = [:]
  /// Where the consumers of each stream stand.
  private var consumerRuns: [StreamFacts.Key: Range<Int>] = [:]
  /// Streams and consumers beyond what is judged.
  public private(set) var leftOut = 0

  /// While documents are read.
  private var reading = Reading()

  private struct Reading {
    var streams: [StreamFacts.Key: Int] = [:]
    var accounts: [String: Int] = [:]
    /// The consumers of each stream, by the stream's place, and where each stands among them.
    var consumers: [[ConsumerFacts]] = []
    var places: [[String: Int]] = []
    var count = 0
    /// Servers that tell.
    var servers: Set<String> = []
    /// Consumers that others lead, and that those have to tell of: where they stand, by reply and stream.
    var left: [(reply: Int, stream: Int, start: Int)] = []
  }

  /// Streams and consumers together that are judged at most.
  public static let most = 400_000

  private let bound: Int

  public init() { bound = JetStreamFacts.most }

  /// - Parameters:
  ///   - replies: Answers to jsz, of servers in any order.
  ///   - most: Streams and consumers together that are taken up.
  public init(_ replies: [DocumentReply], most: Int = JetStreamFacts.most) {
    bound = most
    reading.servers = Set(replies.map(\.server.name))
    for (place, reply) in replies.enumerated() { take(reply, place) }
    for left in reading.left { take(left, replies) }
    order()
    reading = Reading()
  }

  /// Puts all in the order of their names.
  private mutating func order() {
    accounts.sort { $0.id < $1.id }
    let places = streams.indices.sorted { one, other in
      let (one, other) = (streams[one].key, streams[other].key)
      return (one.account, one.name, one.group) < (other.account, other.name, other.group)
    }
    consumers.reserveCapacity(reading.count)
    for place in places where !reading.consumers[place].isEmpty {
      let start = consumers.count
      consumers += reading.consumers[place].sorted { $0.name < $1.name }
      consumerRuns[streams[place].key] = start..<consumers.count
    }
    streams = places.map { streams[$0] }
    clusters = Dictionary(grouping: servers, by: \.server.cluster)
    metaGroups = MetaGroup.all(servers)
  }

  /// Where each stream stands.
  var streamIndex: [StreamFacts.Key: Int] {
    var found: [StreamFacts.Key: Int] = [:]
    found.reserveCapacity(streams.count)
    for place in streams.indices { found[streams[place].key] = place }
    return found
  }

  /// Where each consumer stands.
  var consumerIndex: [ConsumerFacts.Key: Int] {
    var found: [ConsumerFacts.Key: Int] = [:]
    found.reserveCapacity(consumers.count)
    for place in consumers.indices { found[consumers[place].key] = place }
    return found
  }

  /// The consumers of a stream: they stand together.
  func consumers(of stream: StreamFacts.Key) -> ArraySlice<ConsumerFacts> {
    consumerRuns[stream].map { consumers[$0] } ?? []
  }

  /// Where a group's streams are, by what outlives the processes of its servers.
  func place(_ group: String) -> String { alone[group] ?? group }

  private static let names: [StaticString] = [
    "disabled", "config", "memory", "storage", "reserved_memory", "reserved_storage", "ha_assets", "streams", "consumers", "streams_leader",
    "consumers_leader", "api", "meta_cluster", "account_details",
  ]

  private mutating func take(_ reply: DocumentReply, _ place: Int) {
    reply.document.bytes.withUnsafeBufferPointer { bytes in
      var found = [Range<Int>?](repeating: nil, count: JetStreamFacts.names.count)
      _ = JSONPlace.members(JetStreamFacts.names, bytes, reply.document.range.lowerBound) { name, value in
        guard let end = JSONPlace.end(bytes, value) else { return nil }
        found[name] = value..<end
        return end
      }
      guard found[0].map({ !JSONBytes.isTrue(bytes, $0) }) ?? true else { return }
      let server = JetStreamFacts.server(reply.server, bytes, found)
      servers.append(server)
      let group = server.meta == nil ? reply.server.id : server.domain
      if server.meta == nil { alone[group] = "\(server.domain)/\(reply.server.cluster)/\(reply.server.name)" }
      guard let accounts = found[13] else { return }
      _ = JSONPlace.elements(bytes, accounts.lowerBound) { takeAccount($0, bytes, (reply.server, place), group) }
    }
  }

  private static let accountNames: [StaticString] = [
    "id", "name", "memory", "storage", "reserved_memory", "reserved_storage", "stream_detail",
  ]

  /// - Returns: Where the account ends.
  private mutating func takeAccount(
    _ start: Int, _ bytes: UnsafeBufferPointer<UInt8>, _ teller: (server: ServerDescription, place: Int), _ group: String
  ) -> Int? {
    var found = [Range<Int>?](repeating: nil, count: JetStreamFacts.accountNames.count)
    let end = JSONPlace.members(JetStreamFacts.accountNames, bytes, start) { name, value in
      guard let end = JSONPlace.end(bytes, value) else { return nil }
      found[name] = value..<end
      return end
    }
    let name = found[1].flatMap { JSONBytes.string(bytes, $0) } ?? ""
    let id = found[0].flatMap { JSONBytes.string(bytes, $0) } ?? name
    /// Without a bound it is -1 read as unsigned.
    func bound(_ place: Int) -> Int? { found[place].flatMap { Amount.read(bytes, $0) } }
    if reading.accounts[id] == nil {
      reading.accounts[id] = accounts.count
      accounts.append(
        Account(
          id: id, name: name, memory: bound(2) ?? 0, storage: bound(3) ?? 0, mayUseMemory: bound(4).flatMap { $0 > 0 ? $0 : nil },
          mayUseStorage: bound(5).flatMap { $0 > 0 ? $0 : nil }))
    }
    guard let details = found[6] else { return end }
    let reader = StreamReader(bytes: bytes)
    _ = JSONPlace.elements(bytes, details.lowerBound) { start in
      reader.read(start, group: group, account: id) { stream, consumers in
        guard let place = take(stream, of: teller.server), let consumers else { return }
        takeConsumers(consumers, bytes, of: place, teller)
      }
    }
    return end
  }

  /// - Returns: Where the stream stands; nil for one beyond what is judged.
  private mutating func take(_ stream: StreamFacts, of server: ServerDescription) -> Int? {
    let isLeader = stream.raft.map { $0.leader == server.name } ?? true
    if let place = reading.streams[stream.key] {
      if isLeader, !streams[place].isToldByLeader {
        let copies = streams[place].copies
        streams[place] = stream
        streams[place].isToldByLeader = true
        streams[place].copies = copies
      }
      streams[place].copies.append((server.name, stream.state))
      return place
    }
    guard streams.count + reading.count < bound else {
      leftOut += 1
      return nil
    }
    reading.streams[stream.key] = streams.count
    reading.consumers.append([])
    reading.places.append([:])
    streams.append(stream)
    streams[streams.count - 1].isToldByLeader = isLeader
    streams[streams.count - 1].copies = [(server.name, stream.state)]
    return streams.count - 1
  }

  /// Whoever leads a consumer tells of it; where that one does not, the first that does.
  private mutating func takeConsumers(
    _ start: Int, _ bytes: UnsafeBufferPointer<UInt8>, of stream: Int, _ teller: (server: ServerDescription, place: Int)
  ) {
    let reader = ConsumerReader(bytes: bytes)
    _ = JSONPlace.elements(bytes, start) { element in
      var isLeft = false
      let (consumer, end) = reader.read(element, of: streams[stream].key, told: teller.server.name) { _, leader in
        guard leader != teller.server.name, reading.servers.contains(leader) else { return true }
        isLeft = true
        return false
      }
      if isLeft { reading.left.append((teller.place, stream, element)) }
      if let consumer { put(consumer, stream) }
      return end
    }
  }

  /// One that its leader has not told of, though it tells of others.
  private mutating func take(_ left: (reply: Int, stream: Int, start: Int), _ replies: [DocumentReply]) {
    let reply = replies[left.reply]
    reply.document.bytes.withUnsafeBufferPointer { bytes in
      let key = streams[left.stream].key
      let places = reading.places[left.stream]
      let (consumer, _) = ConsumerReader(bytes: bytes).read(left.start, of: key, told: reply.server.name) { name, _ in places[name] == nil }
      if let consumer { put(consumer, left.stream) }
    }
  }

  private mutating func put(_ consumer: ConsumerFacts, _ stream: Int) {
    if let known = reading.places[stream][consumer.name] {
      if consumer.isToldByLeader, !reading.consumers[stream][known].isToldByLeader { reading.consumers[stream][known] = consumer }
      return
    }
    guard streams.count + reading.count < bound else { return leftOut += 1 }
    reading.count += 1
    reading.places[stream][consumer.name] = reading.consumers[stream].count
    reading.consumers[stream].append(consumer)
  }

  private static func server(_ server: ServerDescription, _ bytes: UnsafeBufferPointer<UInt8>, _ found: [Range<Int>?]) -> Server {
    func amount(_ place: Int) -> Int? { found[place].flatMap { Amount.read(bytes, $0) } }
    func members(_ names: [StaticString], _ place: Int) -> [Range<Int>?] {
      found[place].map { JSONBytes.members(names, bytes, $0) } ?? names.map { _ in nil }
    }
    var told = Server(server: server)
    (told.memory, told.storage, told.assets) = (amount(2) ?? 0, amount(3) ?? 0, amount(6) ?? 0)
    (told.reservedMemory, told.reservedStorage) = (amount(4) ?? 0, amount(5) ?? 0)
    (told.streams, told.consumers, told.streamsLed, told.consumersLed) = (amount(7) ?? 0, amount(8) ?? 0, amount(9), amount(10))
    let limits = members(["max_memory", "max_storage", "domain"], 1)
    func limit(_ place: Int) -> Int? { limits[place].flatMap { Amount.read(bytes, $0) }.flatMap { $0 > 0 ? $0 : nil } }
    (told.maxMemory, told.maxStorage) = (limit(0), limit(1))
    told.domain = limits[2].flatMap { JSONBytes.string(bytes, $0) } ?? server.domain
    let api = members(["total", "errors", "inflight"], 11).map { $0.flatMap { Amount.read(bytes, $0) } }
    (told.requests, told.errors, told.inflight) = (api[0] ?? 0, api[1] ?? 0, api[2])
    guard let group = found[12], let raft = RaftView(bytes, group) else { return told }
    let meta = members(["cluster_size", "pending", "snapshot"], 12)
    let took = meta[2].flatMap { JSONBytes.member("last_duration", bytes, $0) }.flatMap { JSONBytes.double(bytes, $0) }
    told.meta = Meta(
      raft: raft, size: meta[0].flatMap { Amount.read(bytes, $0) } ?? 0, pending: meta[1].flatMap { Amount.read(bytes, $0) } ?? 0,
      snapshotTook: took.map { Span(nanosecondCount: $0) })
    return told
  }
}
