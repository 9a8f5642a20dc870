import SystemAPI

/// The meta group of each domain, which decides where streams and consumers are.
struct MetaGroup {
  let domain: String
  let members: [JetStreamFacts.Server]

  static func all(_ servers: [JetStreamFacts.Server]) -> [MetaGroup] {
    Dictionary(grouping: servers.filter { $0.meta != nil }, by: \.domain).map { MetaGroup(domain: $0.key, members: $0.value) }
      .sorted { $0.domain < $1.domain }
  }

  /// Names of leaders that members tell of, each with those who do; of those who know of none stands the empty name.
  var leaders: [(name: String, members: [String])] {
    Dictionary(grouping: members) { $0.meta?.raft.leader ?? "" }.map { ($0.key, $0.value.map(\.server.name).sorted()) }
      .sorted { ($1.members.count, $0.name) < ($0.members.count, $1.name) }
  }

  /// The leader's own view: it alone tells of all peers.
  var leader: (server: JetStreamFacts.Server, meta: JetStreamFacts.Meta)? {
    members.first { $0.meta?.raft.leader == $0.server.name }.flatMap { server in server.meta.map { (server, $0) } }
  }

  var text: String { "The JetStream meta group\(domain.isEmpty ? "" : " of domain \(domain)")" }

  var subject: Subject {
    var subject = Subject(.metaGroup)
    subject.other = domain
    return subject
  }
}
