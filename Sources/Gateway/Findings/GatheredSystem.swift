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
    let lacking = outcome.completeness.missing.map { $0.name.isEmpty ? $0.id.isEmpty ? "\($0.count) servers" : $0.id : $0.name }
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
