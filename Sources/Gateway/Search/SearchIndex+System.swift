import Wire

/// Collects what has a name.
struct SearchCollector {
  private var connections: [String: SearchIndex.Entry] = [:]
  private(set) var entries: [SearchIndex.Entry] = []
  /// Names that are there, beyond the most that are read.
  private(set) var leftOut = 0
  private var seen: Set<String> = []

  /// A name that is there once, such as a server's.
  mutating func add(_ entry: SearchIndex.Entry) {
    if isNew(entry) { entries.append(entry) }
  }

  private mutating func isNew(_ entry: SearchIndex.Entry) -> Bool {
    // An account is found once, whoever named it.
    let owner = entry.kind == .account ? "" : entry.account
    return !entry.name.isEmpty && seen.insert("\(entry.kind) \(owner)\u{0}\(entry.stream)\u{0}\(entry.name)").inserted
  }

  /// Names of clients, users and addresses: one entry for all connections that bear it.
  mutating func add(_ reading: ConnectionReading) {
    for server in reading.servers { add(.init(kind: .server, name: server.name, server: server.name, serverID: server.id)) }
    for row in reading.rows {
      let server = reading.servers[row.server]
      count(.client, row.shownName, row, server)
      count(.user, row.user, row, server)
      count(.address, row.ip, row, server)
      add(.init(kind: .account, name: row.shownAccount, account: row.account))
    }
  }

  private mutating func count(_ kind: SearchIndex.Kind, _ name: String, _ row: LiveConnection, _ server: ReadingServer) {
    guard !name.isEmpty else { return }
    let key = "\(kind) \(name)"
    guard var known = connections[key] else {
      connections[key] = .init(
        kind: kind, name: name, account: row.shownAccount, server: server.name, serverID: server.id, cid: row.cid, connections: 1)
      return
    }
    known.connections += 1
    // What several have in common leads to none of them.
    (known.server, known.serverID, known.cid) = ("", "", 0)
    if known.account != row.shownAccount { known.account = "" }
    connections[key] = known
  }

  /// Streams with their subjects, and consumers.
  mutating func add(_ reading: JetStreamReading) {
    leftOut = Tally.sum(leftOut, reading.leftOut)
    for stream in reading.streams {
      add(.init(kind: .stream, name: stream.key.name, account: stream.accountName))
      for subject in stream.view["config"]?["subjects"]?.elements ?? [] {
        add(.init(kind: .subject, name: subject.string ?? "", account: stream.accountName, stream: stream.key.name))
      }
    }
    for consumer in reading.consumers {
      add(.init(kind: .consumer, name: consumer.key.name, account: consumer.accountName, stream: consumer.key.stream.name))
    }
  }

  /// Subjects that applications subscribe to, each once in an account, up to a bound.
  mutating func add(_ reading: SubscriptionReading, most: Int = mostSubjects) {
    // Of what servers have beyond the rows that they told only the number is known.
    leftOut = Tally.sum(leftOut, max(0, reading.total - reading.rows.count))
    var left = most
    for row in reading.rows where !row.isSystems {
      let entry = SearchIndex.Entry(kind: .subject, name: row.subject, account: row.shownAccount)
      guard isNew(entry) else { continue }
      if left > 0 { entries.append(entry) } else { leftOut = Tally.sum(leftOut, 1) }
      left -= 1
    }
  }

  /// Subjects of subscriptions.
  static let mostSubjects = 100_000

  func index(at: Timestamp) -> SearchIndex { SearchIndex(entries + connections.values, at: at, leftOut: leftOut) }
}
