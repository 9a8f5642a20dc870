import SystemAPI
import Wire

/// What holds after every input, whatever it was. The simulation asks for it; nothing else does.
extension SystemModel {
  /// What does not hold, as sentences; empty where all is well.
  ///
  /// - Parameter rowsChanged: Rows came, went or were described anew since it was last asked (`ServerTable.epoch`).
  package func violations(rowsChanged: Bool = true) -> [String] {
    var found: [String] = []
    if rowsChanged { servers.check(&found) }
    checkServers(&found)
    checkQuestions(&found)
    checkLanes(&found)
    checkProbes(&found)
    checkExpectations(&found)
    return found
  }

  /// Nobody waits, and nothing is kept for anybody.
  package var isAtRest: Bool {
    asks.isEmpty && openCount == 0 && laneOf.isEmpty && perServer.isEmpty && queue.isEmpty && lanes.allSatisfy { $0 == nil }
  }

  package var probesUnderWay: Int { openProbes }

  /// A question for leaders is on its way to this server alone.
  package func isAskedAsLeader(_ ref: ServerRef) -> Bool {
    open.contains { $0?.target == ref && $0?.question.oneAnswer == true }
  }

  private func checkServers(_ found: inout [String]) {
    if servers.count > limits.servers + limits.declared { found.append("\(servers.count) servers") }
    if hints.sighted.count > limits.sightings { found.append("\(hints.sighted.count) sightings") }
    if declared.count > limits.declared || retired.count > limits.declared { found.append("\(declared.count) declared") }
    if ordinals.count > max(1, limits.rememberedOrdinals) { found.append("\(ordinals.count) ordinals") }
    if departed.count > 2 * limits.servers { found.append("\(departed.count) departed") }
    var hearsay = 0
    var largest = 0
    for row in 0..<servers.rowCount where servers.isOccupied(row) {
      let server = servers[row: row]
      if server.isIdentified, !server.hasAnswered { hearsay += 1 }
      if server.standing.isWaitedFor { largest = max(largest, server.countedServers) }
      if server.countedServers < 0 || server.countedServers > limits.countedServers { found.append("\(server.name) counts too many") }
      if server.isIdentified == (server.standing == .awaited) { found.append("\(server.name) is \(server.standing) without an id") }
      if let ordinal = server.ordinal, ordinal < 1 || ordinal > limits.largestOrdinal {
        found.append("\(server.name) has ordinal \(ordinal)")
      }
      if server.standing == .gone(.shutDown), !server.saidGoodbye { found.append("\(server.name) is shut down without its word") }
      if server.standing == .lameDuck, !server.saidGoodbye { found.append("\(server.name) is a lame duck without its word") }
      if let probe = server.probe, probes.indices.contains(Int(probe.slot)) == false || probes[Int(probe.slot)]?.server != server.ref {
        found.append("\(server.name) is probed by nobody")
      }
      if server.probe != nil, !server.standing.isWaitedFor { found.append("\(server.name) is probed and nobody waits for it") }
      if server.standing.isSuspect, isStoodForTwice(server) { found.append("\(server.name) is suspect beside a younger life of its own") }
    }
    if hearsay != hearsayCount { found.append("\(hearsay) of hearsay, counted \(hearsayCount)") }
    if let known = hints.largest?.count, known != largest { found.append("the largest count is \(largest), remembered as \(known)") }
  }

  /// A server and one that came up later under its name and cluster are one: they must not both be expected once the older is suspect,
  /// be the younger suspect too.
  private func isStoodForTwice(_ old: KnownServer) -> Bool {
    guard !old.name.isEmpty, !old.isPartial else { return false }
    return servers.indices(name: old.name).contains {
      let other = servers[row: $0]
      return (other.standing.isWaitedFor || other.standing.isSuspect) && other.ref != old.ref && !other.isPartial
        && other.cluster == old.cluster
        && other.appeared.monotonic > old.appeared.monotonic
    }
  }

  private func checkQuestions(_ found: inout [String]) {
    var count = 0
    for (slot, question) in open.enumerated() {
      guard let question else { continue }
      count += 1
      var (waiting, expected, answered) = (0, 0, 0)
      for row in question.marks.indices {
        let mark = question.marks[row]
        if mark.contains(.waitedFor) { waiting += 1 }
        if mark.contains(.expected) { expected += 1 }
        if mark.contains(.answered) { answered += 1 }
        if mark.contains(.waitedFor), !servers.isOccupied(row) || !servers[row: row].standing.isWaitedFor {
          found.append("a question waits for one that is not waited for")
        }
      }
      if waiting != question.waiting { found.append("a question waits for \(waiting), counted \(question.waiting)") }
      if expected > question.expected { found.append("a question expects \(expected), counted \(question.expected)") }
      if answered > question.answered { found.append("a question has \(answered) answers, counted \(question.answered)") }
      if question.id.slot != Int32(slot) { found.append("a question lies in another's place") }
      if question.asks.isEmpty { found.append("a question that nobody asks") }
      if !question.asks.allSatisfy({ asks[$0]?.question == question.id }) { found.append("a question has callers that know nothing of it") }
      if !question.streams.allSatisfy({ question.asks.contains($0) }) { found.append("a question streams to nobody") }
      if lanes[question.lane]?.question != question.question { found.append("a question in the wrong lane") }
    }
    if count != openCount { found.append("\(count) questions, counted \(openCount)") }
    if count + freeSlots.count != open.count { found.append("\(freeSlots.count) free places of \(open.count), \(count) taken") }
    if limits.coalesces, openCount > limits.questions { found.append("\(openCount) questions") }
    if asks.count > limits.asks { found.append("\(asks.count) callers") }
  }

  private func checkLanes(_ found: inout [String]) {
    var count = 0
    var callers = 0
    for (index, lane) in lanes.enumerated() {
      guard let lane else { continue }
      count += 1
      callers += lane.waiting.count
      if laneOf[lane.question] != index { found.append("a lane that is not found") }
      if lane.open == 0, lane.waiting.isEmpty { found.append("a lane for nothing") }
      if lane.isQueued != queue.contains(index) { found.append("a lane is queued, or not") }
      if !lane.waiting.allSatisfy({ asks[$0]?.lane == index && asks[$0]?.question == nil }) {
        found.append("a lane has callers that are not its own")
      }
    }
    for case .some(let question) in open { callers += question.asks.count }
    if callers != asks.count { found.append("\(asks.count) callers, of whom \(callers) wait") }
    if count != laneOf.count || count + freeLanes.count != lanes.count { found.append("\(count) lanes, \(laneOf.count) known") }
  }

  private func checkProbes(_ found: inout [String]) {
    let count = probes.count { $0 != nil }
    if count != openProbes { found.append("\(count) probes, counted \(openProbes)") }
    if count > limits.probes { found.append("\(count) probes") }
    for case .some(let probe) in probes where servers[probe.server]?.probe != probe.id { found.append("a probe of nobody") }
    if (count > 0 || check != nil), !connection.isUp { found.append("a probe without a connection") }
  }

  /// What is remembered of who is expected is what would be found out now.
  private func checkExpectations(_ found: inout [String]) {
    if expectations.known.count > max(1, limits.expectations) { found.append("\(expectations.known.count) expectations") }
    guard expectations.epoch == servers.epoch else { return }
    for known in expectations.known {
      let form = QuestionForm(.server(""), endpoint: "")
      var now = whoIsExpected(
        by: Question(
          known.scope.cluster.map(Who.cluster) ?? .every, filters: known.scope.filters, since: known.since, oneAnswer: known.oneAnswer,
          form: form))
      now.uses = known.uses
      if now != known { found.append("\(known.expected) are expected to answer, \(now.expected) would be now") }
    }
  }
}
