import Judgement

/// Several findings that are one thing, in one sentence with the names of who is behind it.
struct FindingCause: Sendable, Equatable {
  /// What stays the same while it lasts: `server_suspect a2`.
  var key: String
  var severity: Severity
  var sentence: String
  /// Servers or clients, the first ones.
  var names: [String]
  /// How many findings it makes.
  var count: Int
}

extension FindingCause {
  /// Findings of the roster that explain what others say of the same server.
  private static let ofServers: Set<String> = ["server_suspect", "server_awaited", "server_gone", "server_lame_duck"]
  /// Names in one sentence.
  private static let mostNames = 10
  /// From how many things on that have the same fault it is told in one sentence.
  private static let several = 3

  /// What one client does to several servers.
  private static let ofClients: [String: @Sendable (_ client: String, _ servers: String) -> String] = [
    "logins_refused": { "\($0) is refused by \($1)." }, "slow_consumers": { "\($0) reads too slowly, and was cut off by \($1)." },
  ]

  /// Groups findings.
  ///
  /// - Returns: The causes, the worst first, and the key of each finding's own by the finding's place; none for one that stands alone.
  static func all(_ findings: [Finding]) -> (causes: [FindingCause], keys: [Int: String]) {
    var causes: [FindingCause] = []
    var keys: [Int: String] = [:]
    takeServers(findings, &causes, &keys)
    takeSame(findings, &causes, &keys)
    return (causes.sorted { ($0.severity.rank, $0.key) < ($1.severity.rank, $1.key) }, keys)
  }

  /// What a server that is away brings with it.
  private static func takeServers(_ findings: [Finding], _ causes: inout [FindingCause], _ keys: inout [Int: String]) {
    var involved: [String: [Int]] = [:]
    for (place, finding) in findings.enumerated() where !ofServers.contains(finding.code) {
      for name in Set(finding.involved) { involved[name, default: []].append(place) }
    }
    for (place, lead) in findings.enumerated() where ofServers.contains(lead.code) {
      let members = (involved[lead.serverKey] ?? []).filter { keys[$0] == nil }
      guard !lead.server.isEmpty, !members.isEmpty else { continue }
      let key = "\(lead.code) \(lead.serverKey)"
      for member in members + [place] { keys[member] = key }
      let severity = members.map { findings[$0].severity }.reduce(lead.severity, max)
      let more = members.count == 1 ? "One more finding is about it" : "\(members.count) more findings are about it"
      causes.append(
        FindingCause(key: key, severity: severity, sentence: "\(lead.sentence) \(more).", names: [lead.server], count: members.count + 1))
    }
  }

  /// The same fault in several places, or of one client.
  private static func takeSame(_ findings: [Finding], _ causes: inout [FindingCause], _ keys: inout [Int: String]) {
    var same: [[String]: [Int]] = [:]
    for (place, finding) in findings.enumerated() where keys[place] == nil && !ofServers.contains(finding.code) {
      same[[finding.code, finding.client], default: []].append(place)
    }
    for (of, members) in same.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      let subjects = Set(members.map { findings[$0].subject }).sorted()
      guard subjects.count >= (of[1].isEmpty ? several : 2) else { continue }
      let key = of.filter { !$0.isEmpty }.joined(separator: " ")
      for member in members { keys[member] = key }
      let names = listed(subjects)
      let title = CheckTable.check(of[0])?.title ?? "\(of[0])."
      let sentence = of[1].isEmpty ? nil : ofClients[of[0]]?(of[1], names)
      causes.append(
        FindingCause(
          key: key, severity: members.map { findings[$0].severity }.max() ?? .info,
          sentence: sentence ?? "\(title.dropLast()): \(names).", names: of[1].isEmpty ? Array(subjects.prefix(mostNames)) : [of[1]],
          count: members.count))
    }
  }

  private static func listed(_ names: [String]) -> String {
    let more = names.count - mostNames
    return names.prefix(mostNames).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
  }
}
