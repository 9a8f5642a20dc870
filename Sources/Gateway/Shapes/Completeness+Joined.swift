import SystemModel

extension Completeness {
  /// That of this answer together with another of the same servers: one who is missing in either is missing.
  ///
  /// - Parameter isMeant: leaves out servers that have nothing to say to the other question.
  func joined(with other: Completeness, where isMeant: (MissingServer) -> Bool) -> Completeness {
    var whole = self
    let known = Set(missing.map(Completeness.identity))
    let more = other.missing.filter { !known.contains(Completeness.identity($0)) && isMeant($0) }
    for server in more {
      // It answered here, or it was not expected then.
      let answered = min(whole.responded, server.count)
      whole.responded -= answered
      whole.expected = whole.expected.map { $0 + server.count - answered }
    }
    whole.missing += more
    // Whoever is left out does not make it less; a question that misses nobody and is not complete all the same does.
    let isWhole = other.complete == true || (other.complete == false && !other.missing.isEmpty)
    if complete == true, !isWhole || !more.isEmpty { whole.complete = false }
    return whole
  }

  /// Servers that are only counted are the same ones whatever they are asked.
  private static func identity(_ server: MissingServer) -> String { server.id.isEmpty ? server.name : server.id }
}
