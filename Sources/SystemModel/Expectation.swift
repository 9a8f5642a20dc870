import SystemAPI
import Wire

/// Whom a question waits for that goes to all in a scope. It is the same for all such questions while the roster stays as it is, so it is
/// found out once for them.
struct Expectation: Sendable, Equatable {
  let scope: ServerScope
  let since: [ServerVersion]
  let oneAnswer: Bool
  var marks: Marks
  /// How many marks say `waitedFor`, and how many `expected`.
  var waiting = 0
  var expected = 0
  /// Some in scope are not likely to answer.
  var hasLaggards = false
  var groups: [LeaderGroup] = []
  /// Questions that went out by it and are in no row's count yet.
  var uses = 0

  func isOf(_ question: Question) -> Bool {
    oneAnswer == question.oneAnswer && since == question.since && scope == question.scope
  }
}

/// The expectations of one state of the roster.
struct Expectations: Sendable, Equatable {
  /// The state (`ServerTable.epoch`) that they are of.
  var epoch = 0
  /// The scopes asked for since, the oldest first.
  var known: [Expectation] = []
}

extension SystemModel {
  /// How many questions went to a server, alone or with others.
  public func questions(to server: KnownServer) -> Int {
    let row = Int(server.ref.row)
    return expectations.known.reduce(server.questions) { $0 + ($1.marks[row].contains(.expected) ? $1.uses : 0) }
  }

  /// The place of a question's expectation among those that are known.
  mutating func expectation(of question: Question) -> Int {
    if expectations.epoch != servers.epoch { settleExpectations() }
    if let known = expectations.known.firstIndex(where: { $0.isOf(question) }) {
      expectations.known[known].uses += 1
      return known
    }
    if expectations.known.count >= limits.expectations { settleExpectations() }
    var expectation = whoIsExpected(by: question)
    expectation.uses = 1
    expectations.known.append(expectation)
    return expectations.known.count - 1
  }

  /// Tells the rows what was asked of them, and begins anew. Before a row is freed, so that nothing is put down to another server.
  mutating func settleExpectations() {
    for expectation in expectations.known where expectation.uses > 0 {
      for row in expectation.marks.indices where expectation.marks[row].contains(.expected) && servers.isOccupied(row) {
        servers[row: row].questions += expectation.uses
      }
    }
    expectations.known.removeAll(keepingCapacity: true)
    expectations.epoch = servers.epoch
  }

  func whoIsExpected(by question: Question) -> Expectation {
    let (scope, since) = (question.scope, question.since)
    let isEverybody = question.asksEverybody
    var found = Expectation(scope: scope, since: since, oneAnswer: question.oneAnswer, marks: Marks(first: 0, count: servers.rowCount))
    for row in 0..<servers.rowCount where servers.isOccupied(row) && servers[row: row].standing.isExpected {
      let isAwaited = servers[row: row].standing == .awaited
      if !isEverybody {
        let isInScope =
          isAwaited || !servers[row: row].isWhole
          ? scope.mayInclude(name: servers[row: row].name, cluster: servers[row: row].cluster)
          : scope.includes(servers[row: row].description)
        guard isInScope else { continue }
      }
      if isAwaited {
        found.hasLaggards = true
        continue
      }
      if found.oneAnswer, !servers[row: row].description.jetstream { continue }
      guard since.isEmpty || Endpoint.isSupported(since, by: servers[row: row].description.version) else {
        found.marks[row] = .unsupported
        continue
      }
      let isWaitedFor = servers[row: row].standing.isWaitedFor
      found.marks[row] = isWaitedFor ? [.expected, .waitedFor] : .expected
      found.expected += 1
      if isWaitedFor { found.waiting += 1 } else { found.hasLaggards = true }
      if found.oneAnswer { found.groups.take(row, servers[row: row]) }
    }
    return found
  }
}

extension [LeaderGroup] {
  /// One leader is expected of each JetStream domain; a server outside a cluster leads itself.
  mutating func take(_ row: Int, _ server: KnownServer) {
    let domain = server.description.domain
    if !server.cluster.isEmpty, let known = firstIndex(where: { $0.domain == domain && $0.isClustered }) {
      self[known].members.append(row)
    } else {
      append(LeaderGroup(domain: domain, isClustered: !server.cluster.isEmpty, members: [row]))
    }
  }
}
