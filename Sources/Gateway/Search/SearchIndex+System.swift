import Wire

/// Collects what has a name.
struct SearchCollector {
  private var connections: [String: SearchIndex.Entry] = [:]
  private(set) var entries: [SearchIndex.Entry] = []
  private var seen: Set<String> = []

  /// A name that is there once, such as a server's.
  mutating func add(_ entry: SearchIndex.Entry) {
    // An account is found once, whoever named it.
    let owner = entry.kind == .account ? "" : entry.account
    guard !entry.name.isEmpty, seen.insert("\(entry.kind) \(owner)\u{0}\(entry.stream)\u{0}\(entry.name)").inserted else { return }
    entries.append(entry)
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

  private mutating func count(_ kind: SearchIndex.Kind, _ name: String, _ row: LiveConnection, _ server: ConnectionReading.Server) {
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

  /// Streams with their subjects, and consumers, of a server's or an account's jsz.
  mutating func add(jetStream document: JSONView) {
    if let accounts = document["account_details"]?.elements {
      for account in accounts { add(account: account) }
    } else {
      add(account: document)
    }
  }

  private mutating func add(account document: JSONView) {
    let account = document["name"]?.string ?? ""
    for stream in document["stream_detail"]?.elements ?? [] {
      let name = stream["name"]?.string ?? ""
      add(.init(kind: .stream, name: name, account: account))
      for subject in stream["config"]?["subjects"]?.elements ?? [] {
        add(.init(kind: .subject, name: subject.string ?? "", account: account, stream: name))
      }
      for consumer in stream["consumer_detail"]?.elements ?? [] {
        add(.init(kind: .consumer, name: consumer["name"]?.string ?? "", account: account, stream: name))
      }
    }
  }

  func index(at: Timestamp) -> SearchIndex { SearchIndex(entries + connections.values, at: at) }
}
