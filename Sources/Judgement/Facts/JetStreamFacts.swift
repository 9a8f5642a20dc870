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
  public private(set) var accounts: [Account] = []
  /// In order of their names.
  public private(set) var streams: [StreamFacts] = []
  public private(set) var consumers: [ConsumerFacts] = []
  /// Streams and consumers beyond what is judged.
  public private(set) var leftOut = 0

  private var streamPlaces: [StreamFacts.Key: Int] = [:]
  private var consumerPlaces: [ConsumerKey: Int] = [:]
  private var accountPlaces: [String: Int] = [:]

  private struct ConsumerKey: Hashable {
    let stream: Int
    let name: String
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
    for reply in replies where reply.document["disabled"]?.bool != true { take(reply) }
    streams.sort { ($0.key.account, $0.key.name, $0.key.group) < ($1.key.account, $1.key.name, $1.key.group) }
    consumers.sort { ($0.stream.account, $0.stream.name, $0.name) < ($1.stream.account, $1.stream.name, $1.name) }
    accounts.sort { $0.id < $1.id }
    (streamPlaces, consumerPlaces, accountPlaces) = ([:], [:], [:])
  }

  private mutating func take(_ reply: DocumentReply) {
    let server = JetStreamFacts.server(reply)
    servers.append(server)
    let group = server.meta == nil ? reply.server.id : server.domain
    reply.document.bytes.withUnsafeBufferPointer { bytes in
      guard let accounts = JSONBytes.member("account_details", bytes, reply.document.range) else { return }
      var elements = JSONElements(bytes, accounts)
      while let account = elements.next() { take(account, bytes, reply.server, group) }
    }
  }

  private static let accountNames: [StaticString] = [
    "id", "name", "memory", "storage", "reserved_memory", "reserved_storage", "stream_detail",
  ]

  private mutating func take(
    _ range: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>, _ server: ServerDescription, _ group: String
  ) {
    let found = JSONBytes.members(JetStreamFacts.accountNames, bytes, range)
    let name = found[1].flatMap { JSONBytes.string(bytes, $0) } ?? ""
    let id = found[0].flatMap { JSONBytes.string(bytes, $0) } ?? name
    /// Without a bound it is -1 read as unsigned.
    func bound(_ place: Int) -> Int? { found[place].flatMap { Amount.read(bytes, $0) } }
    if accountPlaces[id] == nil {
      accountPlaces[id] = accounts.count
      accounts.append(
        Account(
          id: id, name: name, memory: bound(2) ?? 0, storage: bound(3) ?? 0, mayUseMemory: bound(4).flatMap { $0 > 0 ? $0 : nil },
          mayUseStorage: bound(5).flatMap { $0 > 0 ? $0 : nil }))
    }
    guard let details = found[6] else { return }
    let reader = StreamReader(bytes: bytes)
    var elements = JSONElements(bytes, details)
    while let element = elements.next() {
      guard let (stream, consumers) = reader.read(element, group: group, account: id) else { continue }
      guard let place = take(stream, of: server) else { continue }
      if let consumers { take(consumers, bytes, of: place, server) }
    }
  }

  /// - Returns: Where the stream stands; nil for one beyond what is judged.
  private mutating func take(_ stream: StreamFacts, of server: ServerDescription) -> Int? {
    let isLeader = stream.raft.map { $0.leader == server.name } ?? true
    if let place = streamPlaces[stream.key] {
      let copies = streams[place].copies
      if isLeader, !streams[place].isToldByLeader {
        streams[place] = stream
        streams[place].isToldByLeader = true
        streams[place].copies = copies
      }
      streams[place].copies.append((server.name, stream.state))
      return place
    }
    guard streams.count + consumers.count < bound else {
      leftOut += 1
      return nil
    }
    streamPlaces[stream.key] = streams.count
    streams.append(stream)
    streams[streams.count - 1].isToldByLeader = isLeader
    streams[streams.count - 1].copies = [(server.name, stream.state)]
    return streams.count - 1
  }

  private mutating func take(
    _ range: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>, of stream: Int, _ server: ServerDescription
  ) {
    let reader = ConsumerReader(bytes: bytes)
    let key = streams[stream].key
    var elements = JSONElements(bytes, range)
    while let element = elements.next() {
      guard var consumer = reader.read(element, of: key) else { continue }
      consumer.isToldByLeader = consumer.raft.map { $0.leader == server.name } ?? true
      let place = ConsumerKey(stream: stream, name: consumer.name)
      if let known = consumerPlaces[place] {
        if consumer.isToldByLeader, !consumers[known].isToldByLeader { consumers[known] = consumer }
        continue
      }
      guard streams.count + consumers.count < bound else {
        leftOut += 1
        continue
      }
      consumerPlaces[place] = consumers.count
      consumers.append(consumer)
    }
  }

  private static func server(_ reply: DocumentReply) -> Server {
    let document = reply.document
    var server = Server(server: reply.server)
    server.memory = document["memory"]?.amount ?? 0
    server.storage = document["storage"]?.amount ?? 0
    server.reservedMemory = document["reserved_memory"]?.amount ?? 0
    server.reservedStorage = document["reserved_storage"]?.amount ?? 0
    server.maxMemory = document["config"]?["max_memory"]?.limit
    server.maxStorage = document["config"]?["max_storage"]?.limit
    server.domain = document["config"]?["domain"]?.string ?? reply.server.domain
    server.assets = document["ha_assets"]?.amount ?? 0
    server.streams = document["streams"]?.amount ?? 0
    server.consumers = document["consumers"]?.amount ?? 0
    server.streamsLed = document["streams_leader"]?.amount
    server.consumersLed = document["consumers_leader"]?.amount
    server.requests = document["api"]?["total"]?.amount ?? 0
    server.errors = document["api"]?["errors"]?.amount ?? 0
    server.inflight = document["api"]?["inflight"]?.amount
    guard let meta = document["meta_cluster"], let raft = meta.bytes.withUnsafeBufferPointer({ RaftView($0, meta.range) }) else {
      return server
    }
    server.meta = Meta(
      raft: raft, size: meta["cluster_size"]?.amount ?? 0, pending: meta["pending"]?.amount ?? 0,
      snapshotTook: meta["snapshot"]?["last_duration"]?.double.map { Span(nanosecondCount: $0) })
    return server
  }
}
