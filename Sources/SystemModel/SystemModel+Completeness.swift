import SystemAPI
import Wire

/// How complete an answer is: the one definition.
extension SystemModel {
  /// Of a question under way; nil where it has ended.
  public func completeness(of id: QuestionID, at now: Instant) -> Completeness? {
    slot(id).flatMap { open[$0] }.map { completeness($0, at: now) }
  }

  /// Of what is known of a scope, where nobody is asked: it is whole when nobody is known to exist and has never spoken.
  public func completeness(ofRoster scope: ServerScope, at now: Instant) -> Completeness {
    guard hasRoster else { return Completeness(complete: nil, expected: nil, responded: 0) }
    let known = servers.servers.filter { $0.standing.isExpected && scope.mayInclude(name: $0.name, cluster: $0.cluster) }
    let unknown = unknown(in: scope, besides: known, at: now)
    let missing = missing(unknown)
    return Completeness(
      complete: missing.isEmpty && !isDiscovering, expected: known.count + missing.reduce(0) { $0 + $1.count }, responded: known.count,
      missing: missing, lameDucks: lameDucks(scope) { _ in false }, unexplained: unknown.unexplained)
  }

  func completeness(_ question: OpenQuestion, at now: Instant) -> Completeness {
    // One that left while the servers were not known expected nobody, also where they have been found out since.
    guard hasRoster, !question.endsOnSilence else { return Completeness(complete: nil, expected: nil, responded: question.answered) }
    if question.question.oneAnswer, question.target == nil { return leaders(question, at: now) }
    if let target = question.target { return single(question, target, at: now) }
    let scope = question.question.scope
    var missing: [MissingServer] = []
    var silent: [KnownServer] = []
    var heirs: Set<Int> = []
    var unsupported: [UnsupportedServer] = []
    for row in question.marks.indices where servers.isOccupied(row) {
      let mark = question.marks[row]
      guard mark.contains(.unsupported) || (mark.contains(.expected) && !mark.contains(.answered)) else { continue }
      let server = servers[row: row]
      if mark.contains(.unsupported), server.standing.isExpected {
        unsupported.append(
          UnsupportedServer(id: server.id, name: server.name, cluster: server.cluster, version: server.description.version))
      }
      guard mark.contains(.expected), !mark.contains(.answered) else { continue }
      if server.standing.isExpected || mark.contains(.leftOut) {
        missing.append(self.missing(server, question, at: now))
        silent.append(server)
      } else if let heir = heir(of: server, question, &heirs) {
        missing.append(heir)
      }
    }
    for row in 0..<servers.rowCount where servers.isOccupied(row) && servers[row: row].standing == .awaited {
      let server = servers[row: row]
      guard scope.mayInclude(name: server.name, cluster: server.cluster) else { continue }
      missing.append(self.missing(server, question, at: now))
      silent.append(server)
    }
    let unknown = unknown(in: scope, besides: silent, at: now)
    missing.sort(by: MissingServer.inOrder)
    missing += self.missing(unknown)
    return Completeness(
      complete: missing.isEmpty && !isDiscovering, expected: question.answered + missing.reduce(0) { $0 + $1.count },
      responded: question.answered, missing: missing, unsupported: unsupported.sorted { ($0.cluster, $0.name) < ($1.cluster, $1.name) },
      lameDucks: lameDucks(scope) { !question.marks[$0].isDisjoint(with: [.answered, .leftOut]) }, unexplained: unknown.unexplained)
  }

  /// One that was replaced while the question was on its way is stood for by its heir, once.
  private func heir(of server: KnownServer, _ question: OpenQuestion, _ heirs: inout Set<Int>) -> MissingServer? {
    var server = server
    // A chain is as long as a server was restarted often while one question was on its way.
    for _ in 0..<8 {
      guard case .gone(.replaced(let id)) = server.standing, let row = servers.index(id: id) else { return nil }
      server = servers[row: row]
      guard !server.standing.isGone else { continue }
      let mark = question.marks[row]
      // It counts by itself, or has left by its own word.
      guard !mark.contains(.answered), !mark.contains(.expected) || isPlanted(.heirTwice), server.standing.isExpected,
        heirs.insert(row).inserted
      else { return nil }
      return MissingServer(
        id: server.id, name: server.name, cluster: server.cluster, lastSeen: server.heard.wall, cause: .startedAnew)
    }
    return nil
  }

  private func single(_ question: OpenQuestion, _ target: ServerRef, at now: Instant) -> Completeness {
    guard question.answered == 0 else { return Completeness(complete: !isDiscovering, expected: 1, responded: 1) }
    guard let server = servers[target] else { return .notAsked }
    return Completeness(complete: false, expected: 1, responded: 0, missing: [missing(server, question, at: now)])
  }

  /// One answer is expected of each JetStream domain.
  private func leaders(_ question: OpenQuestion, at now: Instant) -> Completeness {
    var missing: [MissingServer] = []
    for group in question.groups where group.answeredBy == nil {
      missing.append(self.missing(leaderOf: group, question, at: now))
    }
    missing.sort(by: MissingServer.inOrder)
    return Completeness(
      complete: missing.isEmpty && !isDiscovering, expected: question.answered + missing.count, responded: question.answered,
      missing: missing)
  }

  /// Who should have answered for a domain: who leads it as far as is known, else the one of its members that is not well.
  private func missing(leaderOf group: LeaderGroup, _ question: OpenQuestion, at now: Instant) -> MissingServer {
    if let row = group.leftOut, servers.isOccupied(row) { return missing(servers[row: row], question, at: now) }
    let members = group.members.filter { servers.isOccupied($0) }.map { servers[row: $0] }
    let believed = members.filter { $0.metaLeader?.isEmpty == false }.max { $0.heard.monotonic < $1.heard.monotonic }?.metaLeader ?? ""
    if let leader = members.first(where: { !believed.isEmpty && $0.name == believed && $0.standing.isExpected }) {
      return missing(leader, question, at: now)
    }
    let unwell = members.filter { $0.standing.isSuspect || $0.standing == .slow }
    if unwell.count == 1 { return missing(unwell[0], question, at: now) }
    return MissingServer(id: "", name: "", cluster: members.first?.cluster ?? "", lastSeen: nil, cause: .noLeader(domain: group.domain))
  }

  /// Of an answer that there is not.
  func completeness(of obstacle: Obstacle, _ question: Question, at now: Instant) -> Completeness {
    guard hasRoster else { return Completeness(complete: nil, expected: nil, responded: 0) }
    switch obstacle {
    case .nobodyInScope: return Completeness(complete: !isDiscovering, expected: 0, responded: 0, lameDucks: [])
    case .lameDuck(let refs):
      let names = refs.compactMap { servers[$0]?.name }
      return Completeness(complete: false, expected: 0, responded: 0, lameDucks: names)
    case .gone(let ref, _), .awaited(let ref):
      guard let server = servers[ref] else { return .notAsked }
      let cause = server.standing == .awaited ? MissingCause.awaited(after: server.departed) : .left(server.standing)
      let missing = MissingServer(
        id: server.id, name: server.name, cluster: server.cluster, lastSeen: server.isIdentified ? server.heard.wall : nil, cause: cause)
      return Completeness(complete: false, expected: 1, responded: 0, missing: [missing])
    case .unsupported(let ref):
      let unsupported = servers[ref].map {
        [UnsupportedServer(id: $0.id, name: $0.name, cluster: $0.cluster, version: $0.description.version)]
      }
      return Completeness(complete: false, expected: 0, responded: 0, unsupported: unsupported ?? [])
    case .unknownServer, .unknownCluster, .unknownConnection, .ambiguous:
      return Completeness(complete: false, expected: 0, responded: 0)
    case .noResponders, .notLeader, .notConnected, .notInSystemAccount, .notAsked: return .notAsked
    }
  }

  // MARK: Parts

  private func missing(_ server: KnownServer, _ question: OpenQuestion, at now: Instant) -> MissingServer {
    let waited = now.monotonic - question.sentAt
    let silence = now.monotonic - server.heard.monotonic
    let isLeftOut = question.marks[Int(server.ref.row)].contains(.leftOut)
    let cause: MissingCause =
      switch server.standing {
      case _ where isLeftOut: .tooLarge
      case .live: .timeout(waited: waited)
      case .slow: .slow(waited: waited)
      case .suspect(.silent): .silent(silence)
      case .suspect(.noRoute): .noRoute(silence)
      case .awaited: .awaited(after: server.departed)
      case .lameDuck, .gone: .left(server.standing)
      }
    return MissingServer(
      id: server.id, name: server.name, cluster: server.cluster, lastSeen: server.isIdentified ? server.heard.wall : nil, cause: cause)
  }

  private func missing(_ unknown: Unknown) -> [MissingServer] {
    var missing = unknown.named.map {
      MissingServer(id: $0.id, name: $0.name, cluster: $0.cluster, lastSeen: nil, cause: .neverHeard)
    }
    missing.sort(by: MissingServer.inOrder)
    if unknown.counted > 0 {
      missing.append(MissingServer(id: "", name: "", cluster: "", lastSeen: nil, cause: .counted(unknown.counted)))
    }
    return missing
  }

  private func lameDucks(_ scope: ServerScope, _ hasAnswered: (Int) -> Bool) -> [String] {
    var names: [String] = []
    for row in 0..<servers.rowCount where servers.isOccupied(row) && servers[row: row].standing == .lameDuck {
      if scope.includes(servers[row: row].description), !hasAnswered(row) { names.append(servers[row: row].name) }
    }
    return names.sorted()
  }
}

extension MissingServer {
  static func inOrder(_ left: MissingServer, _ right: MissingServer) -> Bool {
    (left.cluster, left.name, left.id) < (right.cluster, right.name, right.id)
  }
}
