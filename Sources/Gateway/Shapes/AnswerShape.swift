import HTTPServer
import SystemAPI
import SystemModel
import Wire

/// From what a question brought to an HTTP answer.
enum AnswerShape {
  /// The whole answer, completeness headers included. Pure, so that large ones are made off the shard.
  ///
  /// - Parameters:
  ///   - rates: What `rate=` of statsz looks back into.
  ///   - namesServers: The caller may know what servers exist.
  static func reply(_ outcome: Outcome, _ plan: RequestPlan, rates: RateWindow? = nil, namesServers: Bool = true) -> GatewayReply {
    var excluded: [String] = []
    var reply = shape(outcome, plan, rates, namesServers, &excluded)
    reply.headers += outcome.completeness.headers(excluded: excluded)
    return reply
  }

  private static func shape(
    _ outcome: Outcome, _ plan: RequestPlan, _ rates: RateWindow?, _ namesServers: Bool, _ excluded: inout [String]
  ) -> GatewayReply {
    if let refusal = refusal(outcome, plan, namesServers: namesServers) { return refusal.response }
    if let error = allRefused(outcome, plan) {
      if error.code == 502 { excluded = outcome.replies.map(\.server.name) }
      return refusal(by: error).response
    }
    var reply: GatewayReply
    switch plan.shape {
    case .plain:
      guard let first = outcome.replies.first else { return timedOut(outcome).response }
      reply = PlainShape.reply(first, plan, rates: rates)
      if reply.status == 502 { excluded.append(first.server.name) }
    case .merged: reply = MergedShape.reply(outcome, plan, rates: rates, &excluded)
    case .gathered:
      reply = .json(GatheredShape.body(outcome, plan, rates: rates))
      if plan.endpoint.isHealth { reply.status = gatheredHealth(outcome, plan) }
    }
    if plan.options.requiresComplete, outcome.completeness.complete != true || !excluded.isEmpty { reply.status = 504 }
    return reply
  }

  /// The error that stands where nobody has answered; nil where there is an answer, be it an empty one.
  static func refusal(_ outcome: Outcome, _ plan: RequestPlan, namesServers: Bool) -> Refusal? {
    if let refusal = outcome.refusal { return refusal }
    if let obstacle = outcome.obstacle {
      // A filter that fits no server is an answer of its own where servers are listed: there are none.
      if obstacle == .nobodyInScope, plan.shape == .gathered { return nil }
      return ObstacleShape.refusal(obstacle, outcome, plan, namesServers: namesServers)
    }
    guard outcome.replies.isEmpty, plan.shape != .plain else { return nil }
    if outcome.completeness.missing.isEmpty, let first = outcome.completeness.unsupported.first {
      return ObstacleShape.unsupported(first.name, first.version, plan)
    }
    if plan.endpoint.isHealth, plan.shape == .gathered { return nil }
    return timedOut(outcome)
  }

  private static func timedOut(_ outcome: Outcome) -> Refusal {
    let missing = outcome.completeness.missing
    let names = missing.prefix(5).map { "\($0.label) (\($0.cause.reason))" }.joined(separator: ", ")
    let codes = Set(missing.map(\.cause.code))
    if codes == ["too_large"] { return Refusal(.answerTooLarge, names) }
    let problem: GatewayProblem = codes == ["suspect"] ? .suspect : codes == ["unreachable"] ? .unreachable : .timeout
    let text = names.isEmpty ? "nobody answered" : "nobody answered: \(names)"
    return Refusal(problem, "\(text), after \(DurationText.go(outcome.elapsed.nanoseconds))")
  }

  /// Every server refused in the same words.
  private static func allRefused(_ outcome: Outcome, _ plan: RequestPlan) -> ReplyError? {
    guard plan.shape != .plain, let first = outcome.replies.first?.error,
      outcome.replies.allSatisfy({ $0.error?.description == first.description })
    else { return nil }
    return first
  }

  /// A server's own refusal: what its port refuses with 400 its system service refuses with 500.
  static func refusal(by error: ReplyError) -> Refusal {
    Refusal(error.code == 502 ? .unreadableReply : .refusedByServer, error.description)
  }

  /// 200 only if every expected server is well, or as many as the quorum asks for.
  private static func gatheredHealth(_ outcome: Outcome, _ plan: RequestPlan) -> Int {
    let well = outcome.replies.count { reply in
      guard reply.error == nil, let data = reply.data else { return false }
      return reply.payload.withUnsafeBufferPointer { HealthStatus($0, data).code == 200 }
    }
    if let quorum = plan.options.quorum { return well >= quorum ? 200 : 503 }
    return outcome.completeness.complete == true && well == outcome.replies.count && well > 0 ? 200 : 503
  }
}
