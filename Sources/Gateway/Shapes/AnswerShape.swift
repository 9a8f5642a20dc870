import HTTPServer
import SystemAPI
import Wire

/// From what a gather brought to an HTTP answer.
enum AnswerShape {
  /// The whole answer, completeness headers included. Pure, so that large ones are made off the shard.
  ///
  /// - Parameter rates: What `rate=` of statsz looks back into.
  static func reply(_ outcome: GatherOutcome, _ plan: RequestPlan, rates: RateWindow? = nil) -> GatewayReply {
    var excluded: [String] = []
    var reply = shape(outcome, plan, rates, &excluded)
    reply.headers += outcome.completenessHeaders(ignored: plan.options.ignored, excluded: excluded)
    return reply
  }

  private static func shape(
    _ outcome: GatherOutcome, _ plan: RequestPlan, _ rates: RateWindow?, _ excluded: inout [String]
  ) -> GatewayReply {
    if let failure = outcome.failure { return self.failure(failure, outcome, plan).response }
    if let refusal = unsupported(outcome) ?? nobody(outcome, plan) ?? allRefused(outcome, plan) { return refusal }
    var reply: GatewayReply
    switch plan.shape {
    case .plain:
      guard let first = outcome.replies.first else { return silent(outcome, plan) }
      reply = PlainShape.reply(first, plan, rates: rates)
    case .merged: reply = MergedShape.reply(outcome, plan, rates: rates, &excluded)
    case .gathered:
      reply = .json(GatheredShape.body(outcome, plan, rates: rates))
      if plan.endpoint.name == "healthz" { reply.status = gatheredHealth(outcome, plan) }
    }
    if plan.options.requiresComplete, outcome.complete != true || !excluded.isEmpty { reply.status = 504 }
    return reply
  }

  /// The error that stands in for a stream where nobody has answered.
  static func refusal(_ outcome: GatherOutcome, _ plan: RequestPlan) -> GatewayReply? {
    guard outcome.replies.isEmpty else { return nil }
    guard var reply = outcome.failure.map({ failure($0, outcome, plan).response }) ?? unsupported(outcome) ?? nobody(outcome, plan) else {
      return nil
    }
    reply.headers += outcome.completenessHeaders(ignored: plan.options.ignored)
    return reply
  }

  static func failure(_ failure: GatherFailure, _ outcome: GatherOutcome, _ plan: RequestPlan) -> Refusal {
    switch failure {
    case .notConnected(let loss):
      return Refusal(.notConnected, "no connection to the NATS system" + (loss.map { ": \($0)" } ?? ""))
    case .connectionStalled:
      return Refusal(
        .connectionStalled, "the server that the gateway is connected to does not answer; the gateway goes to another one"
      )
    case .serverGone:
      return Refusal(.serverGone, "no server answers under the id of \"\(plan.path.scope.name)\" any more")
    case .noResponders:
      if let first = outcome.unsupported.first {
        return Refusal(.unsupportedByServer, "\(first.name) runs \(first.version); \(first.reason)")
      }
      if (outcome.expectedCount ?? 0) > 0 {
        return Refusal(.unsupportedByServer, "no server answers \(outcome.request.subject)")
      }
      return Refusal.notInSystemAccount(outcome.request.subject)
    }
  }

  /// Nobody in scope has the endpoint.
  private static func unsupported(_ outcome: GatherOutcome) -> GatewayReply? {
    guard outcome.replies.isEmpty, outcome.missing.isEmpty, let first = outcome.unsupported.first else { return nil }
    return Refusal(.unsupportedByServer, "\(first.name) runs \(first.version); \(first.reason)").response
  }

  private static func nobody(_ outcome: GatherOutcome, _ plan: RequestPlan) -> GatewayReply? {
    guard outcome.replies.isEmpty, plan.shape != .plain else { return nil }
    // A filter that fits no known server is an answer of its own: there are none.
    if outcome.complete == true, outcome.expectedCount == 0, !plan.options.filters.isEmpty { return nil }
    if plan.endpoint.name == "healthz", plan.shape == .gathered { return nil }
    return timedOut(outcome, plan)
  }

  private static func silent(_ outcome: GatherOutcome, _ plan: RequestPlan) -> GatewayReply {
    if plan.gather.firstAnswerEnds { return Refusal(.refusedByServer, "filtered response: not leader").response }
    return timedOut(outcome, plan)
  }

  private static func timedOut(_ outcome: GatherOutcome, _ plan: RequestPlan) -> GatewayReply {
    let names = outcome.missing.prefix(5).map { "\($0.name.isEmpty ? $0.code : $0.name) (\($0.reason))" }.joined(separator: ", ")
    let codes = Set(outcome.missing.map(\.code))
    let problem: GatewayProblem = codes == ["suspect"] ? .suspect : codes == ["unreachable"] ? .unreachable : .timeout
    let text = names.isEmpty ? "nobody answered" : "nobody answered: \(names)"
    return Refusal(problem, "\(text), after \(DurationText.go(Int64(outcome.elapsed)))").response
  }

  /// Every server refused in the same words.
  private static func allRefused(_ outcome: GatherOutcome, _ plan: RequestPlan) -> GatewayReply? {
    guard plan.shape != .plain, let first = outcome.replies.first?.error,
      outcome.replies.allSatisfy({ $0.error?.description == first.description })
    else { return nil }
    return refusal(by: first).response
  }

  /// A server's own refusal: what its port refuses with 400 its system service refuses with 500.
  static func refusal(by error: ReplyError) -> Refusal {
    Refusal(error.code == 502 ? .unreadableReply : .refusedByServer, error.description)
  }

  /// 200 only if every expected server is well, or as many as the quorum asks for.
  private static func gatheredHealth(_ outcome: GatherOutcome, _ plan: RequestPlan) -> Int {
    let well = outcome.replies.count { reply in
      guard reply.error == nil, let data = reply.data else { return false }
      return reply.payload.withUnsafeBufferPointer { HealthStatus($0, data).code == 200 }
    }
    if let quorum = plan.options.quorum { return well >= quorum ? 200 : 503 }
    return outcome.complete == true && well == outcome.replies.count && well > 0 ? 200 : 503
  }
}
