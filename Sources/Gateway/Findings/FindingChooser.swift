import SystemModel

/// Which findings are about a scope.
struct FindingChooser: Sendable {
  private let scope: PathScope
  /// A server is asked about by its name or its id; findings bear names, and a cluster.
  private let servers: Set<[String]>

  /// The whole system is asked about.
  var isWhole: Bool { if case .system = scope { true } else { false } }

  /// All findings are chosen.
  static let everything = FindingChooser()

  private init() { (scope, servers) = (.system, []) }

  init(_ scope: PathScope, _ reader: any BeliefsReader) {
    self.scope = scope
    if case .server = scope { servers = Set(reader.servers(in: scope).map { [$0.cluster, $0.name] }) } else { servers = [] }
  }

  func chosen(_ findings: [Finding]) -> [Finding] { findings.filter(isChosen) }

  func isChosen(_ entry: FindingLedger.Entry) -> Bool { isChosen(entry.finding) }

  private func isChosen(_ finding: Finding) -> Bool {
    switch scope {
    case .cluster(let name): finding.cluster == name
    case .server: servers.contains([finding.cluster, finding.server])
    case .system, .account: true
    }
  }
}
