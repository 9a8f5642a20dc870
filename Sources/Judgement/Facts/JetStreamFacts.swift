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

    init(_ server: ServerDescription) { self.server = server }

    /// Where its streams are: ``StreamFacts/Key``.
    var group: String { meta == nil ? server.id : domain }
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

    init(id: String, name: String, memory: Int, storage: Int) {
      (self.id, self.name, self.memory, self.storage) = (id, name, memory, storage)
    }
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
  /// Where each stream stands, and by that where its consumers do.
  private(set) var streamIndex: [StreamFacts.Key: Int] = [:]
  private var consumerRuns: [Range<Int>] = []
  /// Streams and consumers beyond what is judged.
  public private(set) var leftOut = 0

  /// While documents are read.
  private var reading = Reading()

  private struct Reading {
    var streams: [StreamFacts.Key: Int] = [:]
    var accounts: [String: Int] = [:]
    /// The consumers of each stream, by the stream's place.
    var consumers: [HeldConsumers] = []
    var count = 0
    /// Servers that tell.
    var servers: Set<String> = []
    /// Consumers that others lead, and that those have to tell of: where they stand, by reply and stream.
    var left: [(reply: Int, stream: Int, start: Int)] = []
  }

  /// The consumers of one stream while they are read.
  private struct HeldConsumers {
    var all: [ConsumerFacts] = []
    /// Where each stands, once there are many.
    private var places: [String: Int] = [:]
    private static let few = 8

    func place(_ name: String) -> Int? {
      all.count <= HeldConsumers.few ? all.firstIndex { $0.name == name } : places[name]
    }

    mutating func append(_ consumer: ConsumerFacts) {
      all.append(consumer)
      guard all.count > HeldConsumers.few else { return }
      if places.isEmpty { for (place, known) in all.enumerated() { places[known.name] = place } }
      places[consumer.name] = all.count - 1
    }

    /// In order of their names.
    var sorted: [ConsumerFacts] {
      let isSorted = zip(all, all.dropFirst()).allSatisfy { $0.name < $1.name }
      return isSorted ? all : all.sorted { $0.name < $1.name }
    }
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
    tellApart()
    reading = Reading()
  }

  /// Servers that stand alone and bear one name are known by their ids.
  private mutating func tellApart() {
    var count: [String: Int] = [:]
    for place in alone.values { count[place, default: 0] += 1 }
    for (group, place) in alone where count[place] ?? 0 > 1 { alone[group] = "\(place)/\(group)" }
  }

  /// Puts all in the order of their names.
  private mutating func order() {
    accounts.sort { $0.id < $1.id }
    let places = sortedPlaces()
    consumers.reserveCapacity(reading.count)
    consumerRuns.reserveCapacity(places.count)
    var moved = Array(repeating: 0, count: places.count)
    for (index, place) in places.enumerated() {
      moved[place] = index
      let start = consumers.count
      consumers += reading.consumers[place].sorted
      consumerRuns.append(start..<consumers.count)
    }
    streams = places.map { streams[$0] }
    streamIndex = reading.streams.mapValues { moved[$0] }
    clusters = Dictionary(grouping: servers, by: \.server.cluster)
    metaGroups = MetaGroup.all(servers)
  }

  /// Streams by their accounts, their names, and where they are: there are few accounts, and many streams.
  private func sortedPlaces() -> [Int] {
    var accounts: [String: [(name: String, place: Int)]] = [:]
    for place in streams.indices { accounts[streams[place].key.account, default: []].append((streams[place].key.name, place)) }
    return accounts.sorted { $0.key < $1.key }.flatMap { _, streams in
      streams.sorted { one, other in
        one.name == other.name ? self.streams[one.place].key.group < self.streams[other.place].key.group : one.name < other.name
      }.map(\.place)
    }
  }

  /// The consumers of a stream: they stand together, in the order of their names.
  func consumers(of stream: StreamFacts.Key) -> ArraySlice<ConsumerFacts> {
    streamIndex[stream].map { consumers[consumerRuns[$0]] } ?? []
  }

  func consumer(_ key: ConsumerFacts.Key) -> ConsumerFacts? {
    let run = consumers(of: key.stream)
    var (low, high) = (run.startIndex, run.endIndex)
    while low < high {
      let middle = (low + high) / 2
      if consumers[middle].name < key.name { low = middle + 1 } else { high = middle }
    }
    return low < run.endIndex && consumers[low].name == key.name ? consumers[low] : nil
  }

  /// Where a group's streams are, by what outlives the processes of its servers.
  func place(_ group: String) -> String { alone[group] ?? group }

  private mutating func take(_ reply: DocumentReply, _ place: Int) {
    reply.document.bytes.withUnsafeBytes { bytes in
      let teller = Teller(server: reply.server, place: place)
      var reader = ServerReader(reply.server)
      var walk = DocumentWalk(bytes, reply.document.range)
      var isTaken = false
      reader.read(&walk) { server, walk in
        isTaken = true
        takeAccounts(&walk, teller, server)
      }
      guard !reader.isDisabled else { return }
      servers.append(reader.server)
      if reader.server.meta == nil {
        alone[reader.server.group] = "\(reader.server.domain)/\(reply.server.cluster)/\(reply.server.name)"
      }
      guard !isTaken, let accounts = reader.accounts else { return }
      walk.go(to: accounts)
      takeAccounts(&walk, teller, reader.server)
    }
  }

  /// A server that tells, and the place of its reply.
  private struct Teller {
    let server: ServerDescription
    let place: Int
  }

  private static let accountNames = MemberNames([
    "id", "name", "memory", "storage", "reserved_memory", "reserved_storage", "stream_detail",
  ])

  private mutating func takeAccounts(_ walk: inout DocumentWalk, _ teller: Teller, _ server: Server) {
    walk.elements { takeAccount(&$0, teller, server.group) }
  }

  private mutating func takeAccount(_ walk: inout DocumentWalk, _ teller: Teller, _ group: String) {
    var account = Account(id: "", name: "", memory: 0, storage: 0)
    var streams: Int?
    walk.members(JetStreamFacts.accountNames) { walk, place in
      switch place {
      case 0: account.id = walk.string() ?? ""
      case 1: account.name = walk.string() ?? ""
      case 2: account.memory = walk.amount() ?? 0
      case 3: account.storage = walk.amount() ?? 0
      // Without a bound it is -1 read as unsigned.
      case 4: account.mayUseMemory = walk.limit()
      case 5: account.mayUseStorage = walk.limit()
      default:
        // In the order of nats-server the account's id has been read.
        guard account.id.isEmpty else { return takeStreams(&walk, teller, group, account.id) }
        streams = walk.index
        walk.skip()
      }
    }
    if account.id.isEmpty { account.id = account.name }
    if reading.accounts[account.id] == nil {
      reading.accounts[account.id] = accounts.count
      accounts.append(account)
    }
    guard let streams else { return }
    var again = walk
    again.go(to: streams)
    takeStreams(&again, teller, group, account.id)
  }

  private mutating func takeStreams(_ walk: inout DocumentWalk, _ teller: Teller, _ group: String, _ account: String) {
    let reader = StreamReader(group: group, account: account)
    walk.elements { walk in
      var known: Int??
      let stream = reader.read(&walk) { stream, walk in
        let place = self.place(stream.key)
        known = .some(place)
        guard let place else { return walk.skip() }
        takeConsumers(&walk, of: place, teller, isLedHere: stream.raft.map { $0.leader == teller.server.name } ?? true)
      }
      guard let stream, let place = known ?? self.place(stream.key) else { return }
      take(stream, place, of: teller.server)
    }
  }

  /// - Returns: Where a stream of that name stands, or is going to; nil for one beyond what is judged.
  private mutating func place(_ key: StreamFacts.Key) -> Int? {
    if let place = reading.streams[key] { return place }
    guard streams.count + reading.count < bound else {
      leftOut += 1
      return nil
    }
    reading.streams[key] = streams.count
    reading.consumers.append(HeldConsumers())
    streams.append(StreamFacts(key))
    return streams.count - 1
  }

  private mutating func take(_ stream: StreamFacts, _ place: Int, of server: ServerDescription) {
    let isLeader = stream.raft.map { $0.leader == server.name } ?? true
    let isFirst = streams[place].copies.isEmpty
    if isFirst || (isLeader && !streams[place].isToldByLeader) {
      let copies = streams[place].copies
      streams[place] = stream
      streams[place].isToldByLeader = isLeader
      streams[place].copies = copies
      streams[place].cluster = stream.raft.map(\.cluster).flatMap { $0.isEmpty ? nil : $0 } ?? server.cluster
    }
    streams[place].copies.append((server.name, stream.state))
  }

  /// Whoever leads a consumer tells of it; where that one does not, the first that does.
  ///
  /// - Parameter isLedHere: The stream is; then its consumers often are.
  private mutating func takeConsumers(_ walk: inout DocumentWalk, of stream: Int, _ teller: Teller, isLedHere: Bool) {
    let (key, name) = (streams[stream].key, teller.server.name)
    let reader = ConsumerReader(teller: name)
    walk.elements { walk in
      let start = walk.index
      if !isLedHere {
        guard isTold(here: ConsumerReader.glance(&walk, name).leader, name) else {
          return reading.left.append((teller.place, stream, start))
        }
        walk.go(to: start)
      }
      guard let consumer = reader.read(&walk, of: key) else { return }
      guard isTold(here: consumer.raft?.leader ?? name, name) else { return reading.left.append((teller.place, stream, start)) }
      put(consumer, stream)
    }
  }

  /// A consumer with this leader is taken from what this server tells.
  private func isTold(here leader: String, _ teller: String) -> Bool { leader == teller || !reading.servers.contains(leader) }

  /// One that its leader has not told of, though it tells of others.
  private mutating func take(_ left: (reply: Int, stream: Int, start: Int), _ replies: [DocumentReply]) {
    let reply = replies[left.reply]
    reply.document.bytes.withUnsafeBytes { bytes in
      var walk = DocumentWalk(bytes, reply.document.range)
      walk.go(to: left.start)
      guard reading.consumers[left.stream].place(ConsumerReader.glance(&walk, reply.server.name).name) == nil else { return }
      walk.go(to: left.start)
      if let consumer = ConsumerReader(teller: reply.server.name).read(&walk, of: streams[left.stream].key) { put(consumer, left.stream) }
    }
  }

  private mutating func put(_ consumer: ConsumerFacts, _ stream: Int) {
    if let known = reading.consumers[stream].place(consumer.name) {
      if consumer.isToldByLeader, !reading.consumers[stream].all[known].isToldByLeader { reading.consumers[stream].all[known] = consumer }
      return
    }
    guard streams.count + reading.count < bound else { return leftOut += 1 }
    reading.count += 1
    reading.consumers[stream].append(consumer)
  }
}
