import HTTPServer
import Judgement
import Reactor
import SystemAPI
import SystemModel
import Wire

/// What `natsight check` wants to know of a system that it connects to by itself.
public struct CheckQuestion: Sendable {
  /// The whole system, a cluster or a server.
  public var scope: PathScope
  public var thresholds = Thresholds()
  /// Also what is large is asked for: consumers, connections, Raft groups.
  public var isDeep = true
  /// How long after a first look a second one is taken, in seconds: what has changed meanwhile can be told then. nil = one look.
  public var over: Double?

  public init(scope: PathScope) { self.scope = scope }
}

extension Gateway {
  /// Judges the system as it is now, once its servers are found. Call it from anywhere, after ``start()``.
  ///
  /// - Parameter completion: Gets the document that `/findings` answers with, or why there is none. Called on any thread.
  public func check(_ question: CheckQuestion, completion: @escaping @Sendable (Result<[UInt8], Refusal>) -> Void) {
    shard.run { [self] in
      let request = GatewayRequest(path: "/findings")
      // The first question waits for the connection, and for the servers to be found.
      answerer.ask([PageQuestion(endpoint: .varz, scope: .system, query: "")], request) { [self] _ in
        if let refusal = session.unknownScope(question.scope, request) { return completion(.failure(refusal)) }
        look(question, request, completion)
      }
    }
  }

  private func look(
    _ question: CheckQuestion, _ request: GatewayRequest, _ completion: @escaping @Sendable (Result<[UInt8], Refusal>) -> Void
  ) {
    judge.gather(question.scope, question.thresholds, request, isDeep: question.isDeep) { [self] first, whole, refusal in
      if let refusal { return completion(.failure(refusal)) }
      guard let over = question.over, whole != nil else { return conclude(question, first, whole, after: nil, completion) }
      _ = shard.after(over) { [self] in
        judge.gather(question.scope, question.thresholds, request, isDeep: question.isDeep, maxAge: .zero) { [self] in
          let (second, whole, refusal) = ($0, $1, $2)
          if let refusal { return completion(.failure(refusal)) }
          conclude(question, second, whole, after: first, completion)
        }
      }
    }
  }

  private func conclude(
    _ question: CheckQuestion, _ gathered: GatheredSystem, _ whole: Completeness?, after first: GatheredSystem?,
    _ completion: @escaping @Sendable (Result<[UInt8], Refusal>) -> Void
  ) {
    let chooser = FindingChooser(whole == nil ? .system : question.scope, session)
    let judge = { @Sendable in
      let past = first.map { FirstLook($0.whole()) }
      completion(.success(VerdictDocument.body(SystemJudge.judged(gathered, past, whole, chooser))))
    }
    if !WorkerQueue.shared.run(judge) { judge() }
  }
}
