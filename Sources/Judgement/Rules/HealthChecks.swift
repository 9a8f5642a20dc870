import SystemAPI
import Wire

/// What servers say of their own health.
extension Check {
  private static func health(_ code: String, _ type: String, _ insights: String, title: String, remedy: String) -> Check {
    .servers(
      code, .critical, .warning, of: .healthz, title: title, remedy: remedy, others: [.audit("SERVER_001"), .insights(insights)]
    ) { reply, system, tell in
      let errors = reply.document["errors"]?.elements.filter { $0["type"]?.string == type } ?? []
      guard let first = errors.first?["error"]?.string else { return }
      let more = errors.count > 1 ? ", and \(errors.count - 1) more" : ""
      tell(
        lasting(
          Fault(
            .critical, "\(reply.server.name) says that it is not well: \(first)\(more).",
            [("errors", .count(errors.count)), ("first", .text(first))]), reply, system))
    }
  }

  /// Replicas catch up, and servers start: what has just begun is a warning.
  private static func lasting(_ fault: Fault, _ reply: DocumentReply, _ system: JudgedSystem) -> Fault {
    let eased = system.eased(fault, [reply.server.name], in: reply.server.cluster)
    // An epoch of long ago says nothing about how long it has lasted.
    guard eased.severity == .critical, let before = system.before, system.now - before.at <= JudgedSystem.settling,
      before.reply(.healthz, id: reply.server.id)?.isWell == true
    else { return eased }
    return fault.eased("it was well a moment ago")
  }

  private static let typed = ["CONNECTION", "JETSTREAM", "STREAM", "CONSUMER", "ACCOUNT"]

  static let ofHealth: [Check] = [
    .health(
      "server_not_ready", "CONNECTION", "SERVER_001", title: "A server takes no clients.",
      remedy: "A port that is taken, a certificate, rights of files: its log tells. Start it anew last."),
    .health(
      "jetstream_unhealthy", "JETSTREAM", "SERVER_014", title: "JetStream on a server is not well.",
      remedy: "Wait while it recovers; see whether the meta group has a leader and the server reaches it."),
    .health(
      "stream_unhealthy", "STREAM", "SERVER_015", title: "A stream on a server is not recovered, or not current.",
      remedy: "Wait while it catches up; a damaged replica is removed and built anew from the others."),
    .health(
      "consumer_unhealthy", "CONSUMER", "SERVER_015", title: "A consumer on a server is not recovered, or not current.",
      remedy: "Wait while it catches up; a damaged replica is removed and built anew from the others."),
    .health(
      "account_unhealthy", "ACCOUNT", "SERVER_016", title: "A server misses an account that has streams.",
      remedy: "See to the resolver, and to tokens that have expired."),
    .servers(
      "unhealthy", .critical, .warning, of: .healthz, title: "A server says that it is not well.", remedy: "The error says why.",
      others: [.audit("SERVER_001")]
    ) { reply, system, tell in
      let status = reply.document["status"]?.string ?? ""
      let errors = reply.document["errors"]?.elements ?? []
      // Those with a type have checks of their own.
      guard !status.isEmpty, status != "ok", !errors.contains(where: { typed.contains($0["type"]?.string ?? "") }) else { return }
      let error = reply.document["error"]?.string ?? errors.first?["error"]?.string ?? status
      tell(
        lasting(
          Fault(
            .critical, "\(reply.server.name) says that it is not well: \(error).", [("status", .text(status)), ("error", .text(error))]),
          reply, system))
    },
  ]
}

extension DocumentReply {
  /// Of healthz: the server says so.
  fileprivate var isWell: Bool { document["status"]?.string == "ok" }
}
