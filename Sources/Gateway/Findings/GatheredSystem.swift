import Judgement
import SystemAPI
import SystemModel

/// What was gathered to be judged. It is read by workers: documents may be large.
struct GatheredSystem: Sendable {
  /// What is believed; no documents yet.
  var system: JudgedSystem
  /// What servers answered, and who did not.
  var replies: [(need: Need, replies: [DocumentReply], lacking: [String])] = []

  init(_ system: JudgedSystem) { self.system = system }

  mutating func take(_ question: FindingQuestion, _ outcome: Outcome) {
    // Nobody was asked, or could be: it is not known, which is something else than that nobody said anything.
    guard outcome.obstacle == nil, outcome.refusal == nil else { return }
    let missing = outcome.completeness.missing.map { $0.name.isEmpty ? $0.id.isEmpty ? "\($0.count) servers" : $0.id : $0.name }
    let unable = outcome.replies.filter { DocumentReply($0) == nil }.map(\.server.name)
    let lacking = Set(missing + unable + outcome.completeness.unsupported.map(\.name)).sorted()
    replies.append((question.need, outcome.replies.compactMap(DocumentReply.init), lacking))
  }

  /// For workers.
  ///
  /// - Parameter before: An earlier moment.
  func judged(before: JudgedSystem.Before?) -> JudgedSystem {
    var system = system
    for (need, replies, lacking) in replies { system.take(need, replies, lacking: lacking) }
    system.joinLinks()
    system.before = before
    return system
  }
}
