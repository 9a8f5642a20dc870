import SystemAPI
import SystemModel

extension Completeness {
  /// That of several questions for one answer: it is complete when all of them are, and misses whoever did not answer them all.
  ///
  /// - Parameter isMeant: leaves out servers that the answer is not about.
  static func combined(
    _ outcomes: [Outcome], where isMeant: (_ id: ServerID, _ name: String, _ cluster: String) -> Bool
  ) -> Completeness {
    var missing: [MissingServer] = []
    var counted: MissingServer?
    var seen: Set<String> = []
    for server in outcomes.flatMap(\.completeness.missing) {
      if server.id.isEmpty, server.name.isEmpty {
        // Servers that are only counted are the same ones whatever they are asked.
        if server.count > counted?.count ?? 0 { counted = server }
      } else if isMeant(server.id, server.name, server.cluster), seen.insert(server.id.isEmpty ? server.name : server.id).inserted {
        missing.append(server)
      }
    }
    if let counted { missing.append(counted) }
    var answers: [ServerID: Int] = [:]
    for server in outcomes.flatMap(\.replies).map(\.server) where isMeant(server.id, server.name, server.cluster) {
      answers[server.id, default: 0] += 1
    }
    let isKnown = !outcomes.isEmpty && !outcomes.contains { $0.completeness.complete == nil }
    // Not everybody has to answer all: an endpoint may be newer than a server, and of a JetStream domain only the leader answers.
    let responded = answers.count { (isKnown || $0.value == outcomes.count) && !seen.contains($0.key) }
    // A question that misses nobody and is not complete all the same (discovery is under way) stays so.
    let isWhole = outcomes.allSatisfy { !$0.hasFailed && ($0.completeness.complete == true || !$0.completeness.missing.isEmpty) }
    var lameDucks: [String] = []
    for name in outcomes.flatMap(\.completeness.lameDucks) where !lameDucks.contains(name) { lameDucks.append(name) }
    var unsupported: [UnsupportedServer] = []
    for server in outcomes.flatMap(\.completeness.unsupported) where !unsupported.contains(where: { $0.id == server.id }) {
      unsupported.append(server)
    }
    // One that was not asked leaves open how many should have answered.
    let isCounted = isKnown && !outcomes.contains { $0.completeness.expected == nil }
    return Completeness(
      complete: isKnown ? isWhole && missing.isEmpty : nil,
      expected: isCounted ? missing.reduce(responded) { $0 + $1.count } : nil, responded: responded, missing: missing,
      unsupported: unsupported, lameDucks: lameDucks,
      unexplained: outcomes.map(\.completeness.unexplained).max() ?? 0)
  }
}
