import HTTPServer
import Judgement
import SystemAPI
import SystemModel

/// What was gathered to be judged. It is read by workers: documents may be large.
struct GatheredSystem: Sendable {
  /// What is believed; no documents yet.
  var system: JudgedSystem
  /// What servers answered, and who did not.
  var replies: [(need: Need, replies: [DocumentReply], lacking: [String])] = []
  /// Accounts that were not asked about: ``/Judgement/JudgedSystem/overlooked``.
  var overlooked: Set<String> = []
  /// What was asked for in vain, and why.
  var unanswered: [(need: Need, why: String)] = []

  init(_ system: JudgedSystem) { self.system = system }

  mutating func take(_ need: Need, _ outcome: Outcome) {
    if let refusal = outcome.refusal { return miss(need, refusal) }
    // Nobody was asked, or could be: it is not known, which is something else than that nobody said anything.
    if let obstacle = outcome.obstacle {
      // Servers that are too old for a question are not asked it.
      guard obstacle != .noResponders || outcome.completeness.unsupported.isEmpty else { return }
      return unanswered.append((need, obstacle.reason))
    }
    let missing = outcome.completeness.missing.map(\.told)
    let unable = outcome.replies.filter { DocumentReply($0) == nil }.map(\.server.name)
    var lacking = Set(missing + unable + outcome.completeness.unsupported.map(\.name)).sorted()
    // The sum of those that were found so far is not that of all.
    if outcome.completeness.complete != true, lacking.isEmpty, !outcome.replies.isEmpty {
      lacking = ["servers that are still being discovered"]
    }
    guard !outcome.replies.isEmpty || !lacking.isEmpty else { return unanswered.append((need, "nobody answered")) }
    replies.append((need, outcome.replies.compactMap(DocumentReply.init), lacking))
  }

  /// What an earlier moment was not recorded of was not asked for; all else was.
  mutating func miss(_ need: Need, _ refusal: Refusal) {
    if !refusal.isOfTheRecord { unanswered.append((need, refusal.description)) }
  }

  /// The system with its documents; for workers.
  func whole() -> JudgedSystem {
    var system = system
    system.overlooked = overlooked
    for (need, replies, lacking) in replies { system.take(need, replies, lacking: lacking) }
    for (need, why) in unanswered { system.miss(need, why) }
    system.joinLinks()
    return system
  }
}

extension MissingServer {
  /// As people are told of it.
  var told: String { name.isEmpty ? id.isEmpty ? "\(count) servers" : id : name }
}

extension Obstacle {
  static let ordinaryAccount = "the user is not in the system account"

  /// Why what all servers are asked for could not be had, for people.
  fileprivate var reason: String {
    switch self {
    case .notInSystemAccount: Obstacle.ordinaryAccount
    case .noResponders: "nobody listens for it"
    case .nobodyInScope: "no known server is in scope"
    case .notAsked(let why): why.sentence
    case .notConnected(let loss): ObstacleShape.notConnected(loss).description
    case .lameDuck: "all servers are in lame duck mode"
    default: "nobody answered"
    }
  }
}
