import SystemModel

/// Which findings are about a scope.
struct FindingChooser: Sendable {
  private let scope: PathScope
  /// A server is asked about by its name or its id; findings bear names, and a cluster.
  private let servers: Set<[String]>
  /// Of names that are not a server's own.
  private let ids: Set<String>

  /// The whole system is asked about.
  var isWhole: Bool { if case .system = scope { true } else { false } }

  /// All findings are chosen.
  static let everything = FindingChooser()

  private init() { (scope, servers, ids) = (.system, [], []) }

  init(_ scope: PathScope, _ reader: any BeliefsReader) {
    self.scope = scope
    var found: [KnownServer] = []
    if case .server = scope { found = reader.servers(in: scope) }
    (servers, ids) = (Set(found.map { [$0.cluster, $0.name] }), Set(found.map(\.id)))
  }

  func chosen(_ findings: [Finding]) -> [Finding] { findings.filter(isChosen) }

  func isChosen(_ entry: FindingLedger.Entry) -> Bool { isChosen(entry.finding) }

  private func isChosen(_ finding: Finding) -> Bool {
    switch scope {
    case .cluster(let name): finding.cluster == name
    case .server where !finding.serverID.isEmpty: ids.contains(finding.serverID)
    case .server: ([finding.server] + finding.holders).contains { servers.contains([finding.cluster, $0]) }
    case .system, .account: true
    }
  }
}
