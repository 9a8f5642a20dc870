import HTTPServer
import Judgement
import SystemAPI
import SystemModel
import Wire

/// Asks for the details of each account, as far as that is kind to the servers: each account is a question of its own to all of them.
/// Used on the gateway's shard.
struct AccountDetails {
  /// Accounts that are asked about: as many as an epoch has of each server.
  static let mostAccounts = 32
  /// What servers may be asked for altogether: one answer of each about each account. What was recorded is asked of nobody.
  static let mostAnswers = 1000
  /// Answers this young will do: what they tell changes seldom.
  static let age = Span.seconds(60)

  let answerer: Answerer
  let request: GatewayRequest
  let isRecorded: Bool

  /// Adds to a system what servers tell of the accounts that they list.
  func gather(_ gathered: GatheredSystem, _ completion: @escaping (GatheredSystem) -> Void) {
    let list = PageQuestion(endpoint: .accountz, scope: .system, query: "")
    answerer.ask([list], request, maxAge: AccountDetails.age) { told in
      var gathered = gathered
      guard let result = told.results.first, case .success(let outcome) = result, !outcome.replies.isEmpty else {
        // The reason is that of any question.
        if let result = told.results.first { AccountDetails.miss(result, &gathered) }
        return completion(gathered)
      }
      ask(AccountDetails.names(outcome), servers: outcome.replies.count, missing: outcome.completeness, gathered, completion)
    }
  }

  private static func miss(_ result: Result<Outcome, Refusal>, _ gathered: inout GatheredSystem) {
    switch result {
    case .success(let outcome): gathered.take(.accounts, outcome)
    case .failure(let refusal): gathered.miss(.accounts, refusal)
    }
  }

  /// Names in one sentence.
  private static let mostNames = 10

  /// Accounts that were not asked about, or about which nobody could be asked.
  private static func listed(_ names: Set<String>) -> [String] {
    let more = names.count - mostNames
    return names.sorted().prefix(mostNames).map { "account \($0)" } + (more > 0 ? ["\(PlainText.count(more)) more accounts"] : [])
  }

  private static func names(_ outcome: Outcome) -> [String] {
    var names: Set<String> = []
    for reply in outcome.replies.compactMap(DocumentReply.init) {
      for name in reply.document["accounts"]?.elements ?? [] { if let name = name.string { names.insert(name) } }
    }
    return names.sorted()
  }

  private func ask(
    _ names: [String], servers: Int, missing: Completeness, _ gathered: GatheredSystem, _ completion: @escaping (GatheredSystem) -> Void
  ) {
    let most = isRecorded ? AccountDetails.mostAccounts : min(AccountDetails.mostAccounts, AccountDetails.mostAnswers / max(1, servers))
    let asked = names.prefix(max(1, most))
    let questions = asked.map { PageQuestion(endpoint: .accountz, scope: .system, query: "acc=\(PathScope.encoded($0))") }
    answerer.ask(questions, request, maxAge: AccountDetails.age) { told in
      var gathered = gathered
      var lacking = Set(missing.missing.map(\.told))
      var overlooked = Set(names.dropFirst(asked.count))
      var replies: [DocumentReply] = []
      for (name, result) in zip(asked, told.results) {
        // Of a moment nothing may have been kept of an account: that is no silence of the servers.
        guard case .success(let outcome) = result, outcome.refusal == nil, outcome.obstacle == nil,
          !isRecorded || !outcome.replies.isEmpty
        else {
          overlooked.insert(name)
          continue
        }
        // A server that does not know the account refuses: others know it.
        replies += outcome.replies.compactMap(DocumentReply.init)
        lacking.formUnion(outcome.completeness.missing.map(\.told))
      }
      if lacking.isEmpty { gathered.overlooked = overlooked }
      gathered.replies.append((.accounts, replies, lacking.sorted() + AccountDetails.listed(overlooked)))
      completion(gathered)
    }
  }
}
