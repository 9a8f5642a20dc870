import HTTPServer
import SystemAPI
import SystemModel
import Wire

/// The scope as if it were one server.
enum MergedShape {
  /// - Parameter excluded: Gets the names of servers whose answers could not take part.
  static func reply(
    _ outcome: Outcome, _ plan: RequestPlan, rates: RateWindow? = nil, _ excluded: inout [String]
  ) -> GatewayReply {
    guard let merge = plan.merge else { return Refusal(.unknownPath, "this path is not merged").response }
    var replies: [MergeReply] = []
    replies.reserveCapacity(outcome.replies.count)
    var absence: ReplyError?
    for reply in outcome.replies {
      guard reply.error == nil, let data = reply.data else {
        if saysNothingIsThere(reply, plan) { absence = absence ?? reply.error } else { excluded.append(reply.server.name) }
        continue
      }
      guard let ordinal = reply.ordinal else {
        // Without an ordinal its rows could not be told from others'.
        excluded.append(reply.server.name)
        continue
      }
      replies.append(
        MergeReply(
          serverID: reply.server.id, serverName: reply.server.name, cluster: reply.server.cluster, domain: reply.server.domain,
          version: reply.server.version, ordinal: ordinal, bytes: reply.payload, data: data))
    }
    if replies.isEmpty, excluded.isEmpty, let absence { return Refusal(.refusedByServer, absence.description).response }
    do {
      let document = try merge.merge(replies, now: outcome.now, missing: outcome.completeness.missing.map(\.label) + excluded)
      excluded += document.failures.map(\.serverName)
      guard let rates, let sum = StatszRates.sum(outcome, rates) else { return .json(document.body, status: document.status) }
      var body: [UInt8] = []
      sum.added(to: document.body).withUnsafeBytes { PlainShape.lay(out: $0, plan.endpoint.layout, into: &body) }
      return .json(body, status: document.status)
    } catch {
      excluded = outcome.replies.map(\.server.name)
      return error.response
    }
  }

  /// A server without JetStream, or one that does not know the account, refuses the account's services: that is its answer.
  private static func saysNothingIsThere(_ reply: Reply, _ plan: RequestPlan) -> Bool {
    plan.endpoint.refusalIsAnswer && reply.error?.code == 500
  }
}
