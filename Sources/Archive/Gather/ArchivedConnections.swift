import Wire

extension ArchiveReader {
  /// A server's connections with the account of each. Servers name it only to who asks for logins, which an archive does not: it is taken from what
  /// each account's own list says. Without the server's list the accounts' lists together are one.
  ///
  /// - Returns: one reply for each server of this name in this cluster.
  /// - Throws: ``ArchiveError`` where an entry is no reply, or all are more than an answer may have; ``ZipError`` where one is damaged.
  public func connections(cluster: String, server: String) throws -> [ArchivedReply] {
    let ofServer = ArchiveTags(cluster: cluster, server: server, type: .connections)
    let ofAccounts = ArchiveTags(cluster: cluster, server: server, type: .accountConnections)
    var known: [String: ServerConnections] = [:]
    var ids: [String] = []
    for entry in try bounded(ofAccounts) {
      guard let account = entry.tags.account else { continue }
      let reply = try reply(entry)
      if known[reply.serverID] == nil { ids.append(reply.serverID) }
      known[reply.serverID, default: ServerConnections(first: reply.bytes)].add(reply.bytes, account)
    }
    let replies = try replies(ofServer)
    guard replies.isEmpty else { return replies.map { known[$0.serverID]?.named($0) ?? $0 } }
    return ids.compactMap { id in known[id].map { ArchivedReply(serverID: id, bytes: $0.together) } }
  }
}

/// What the accounts of one server say of its connections.
private struct ServerConnections {
  private let first: [UInt8]
  private var rows: [[UInt8]] = []
  private var accounts: [Int: String] = [:]

  init(first: [UInt8]) { self.first = first }

  mutating func add(_ page: [UInt8], _ account: String) {
    for row in ArchivePages.rows("connections", page) {
      guard let cid = row["cid"]?.int, accounts.updateValue(account, forKey: cid) == nil else { continue }
      rows.append(ArchivePages.row(row, account: account))
    }
  }

  func named(_ reply: ArchivedReply) -> ArchivedReply {
    let rows = ArchivePages.rows("connections", reply.bytes)
    guard !rows.isEmpty else { return reply }
    let named = rows.map { row in row["cid"]?.int.flatMap { accounts[$0] }.map { ArchivePages.row(row, account: $0) } ?? Array(row.raw) }
    return ArchivedReply(serverID: reply.serverID, bytes: ArchivePages.replaced("connections", in: reply.bytes, by: named))
  }

  /// The first account's reply with the rows of all, and their number.
  var together: [UInt8] {
    let count = Array(String(rows.count).utf8)
    return ["num_connections", "total"].reduce(ArchivePages.replaced("connections", in: first, by: rows)) {
      ArchivePages.replaced($1, in: $0, by: count)
    }
  }
}
