import SystemAPI
import Wire

/// Clients, one by one, and what they subscribe to.
extension Check {
  private static func connections(
    _ code: String, _ severity: Severity, title: String, remedy: String, thresholds: [Threshold], others: [OtherCode],
    _ judge: @escaping @Sendable (JSONView, DocumentReply, JudgedSystem) -> Fault?
  ) -> Check {
    Check(
      code: code, about: .connection, severities: [severity], title: title, remedy: remedy, needs: [.connz], thresholds: thresholds,
      others: others
    ) { system, found in
      for reply in system[.connz] {
        for row in reply.document["connections"]?.elements ?? [] {
          guard let fault = judge(row, reply, system) else { continue }
          found.add(fault, subject(row, reply.server))
        }
      }
    }
  }

  private static func subject(_ row: JSONView, _ server: ServerDescription) -> Subject {
    var subject = server.subject
    subject.kind = .connection
    subject.other = "\(row["cid"]?.amount ?? 0)"
    subject.account = row["account"]?.string ?? ""
    return subject
  }

  /// `billing-7 (cid 12 of a1)`
  private static func name(_ row: JSONView, _ reply: DocumentReply) -> String {
    let cid = "cid \(row["cid"]?.amount ?? 0) of \(reply.server.name)"
    guard let name = row["name"]?.string, !name.isEmpty else { return "The client with \(cid)" }
    return "\(name) (\(cid))"
  }

  static let ofConnections: [Check] = [
    .connections(
      "client_slow", .info, title: "The round trip of a client is long.", remedy: "Let it connect to a server that is nearer.",
      thresholds: [.roundTrip], others: [.insights("CONN_001")]
    ) { row, reply, system in
      guard let rtt = row["rtt"]?.duration, rtt > .milliseconds(Int64(system.thresholds[.roundTrip])) else { return nil }
      return Fault(
        .info, "The round trip of \(name(row, reply)) is \(rtt.nanoseconds / 1_000_000) ms.",
        [("milliseconds", .number(rtt.seconds * 1000))])
    },
    .connections(
      "client_behind", .warning, title: "Much waits for a client to be read: it will be cut off.",
      remedy: "Faster handlers, smaller batches, more members of its queue group.", thresholds: [.pendingBytes],
      others: [.insights("CONN_002")]
    ) { row, reply, system in
      guard let pending = row["pending_bytes"]?.amount, pending > system.thresholds[.pendingBytes] else { return nil }
      return Fault(.warning, "\(pending) bytes wait for \(name(row, reply)).", [("pending_bytes", .count(pending))])
    },
    .connections(
      "connection_unused", .info, title: "A connection has never sent nor got a message.", remedy: "Close it.",
      thresholds: [.idleMinutes], others: [.insights("OPT_IDLE_004")]
    ) { row, reply, system in
      guard row["in_msgs"]?.amount ?? 0 == 0, row["out_msgs"]?.amount ?? 0 == 0, row["subscriptions"]?.amount ?? 0 == 0,
        ["", "Client"].contains(row["kind"]?.string ?? ""), let start = row["start"]?.time,
        system.now - start > .wholeSeconds(Int64(system.thresholds[.idleMinutes]) * 60)
      else { return nil }
      return Fault(
        .info, "\(name(row, reply)) has sent and got nothing since it connected.", since: start,
        [("seconds", .number(Double((system.now - start).wholeSeconds)))])
    },
    Check(
      code: "user_many_connections", about: .user, severities: [.info], title: "One user has very many connections.",
      remedy: "A connection for each request? One is enough for a process.", needs: [.connz], thresholds: [.userConnections],
      others: [.insights("OPT_?")]
    ) { system, found in
      var counts: [[String]: Int] = [:]
      for reply in system[.connz] {
        for row in reply.document["connections"]?.elements ?? [] {
          guard let user = row["authorized_user"]?.string, !user.isEmpty else { continue }
          counts[[row["account"]?.string ?? "", user], default: 0] += 1
        }
      }
      for (names, count) in counts.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) })
      where count > system.thresholds[.userConnections] {
        var subject = Subject.account(names[0])
        (subject.kind, subject.other) = (.user, names[1])
        found.add(
          Fault(.info, "User \(names[1]) of account \(names[0]) has \(count) connections.", [("connections", .count(count))]), subject)
      }
    },
    .servers(
      "fanout_hot_spot", .info, of: .subsz, title: "One subject goes to far more subscribers than others.",
      remedy: "Split the subject, or use queue groups.",
      thresholds: [.fanout], others: [.insights("OPT_SYS_011")]
    ) { reply, system, tell in
      guard let most = reply.document["max_fanout"]?.amount, let mean = reply.document["avg_fanout"]?.double, mean > 1,
        most >= 100, Double(most) > mean * Double(system.thresholds[.fanout])
      else { return }
      tell(
        Fault(
          .info, "One subject at \(reply.server.name) goes to \(most) subscribers, others to \((mean * 10).rounded() / 10) on average.",
          [("max_fanout", .count(most)), ("avg_fanout", .number(mean))]))
    },
    .servers(
      "subscription_churn", .info, of: .subsz, title: "Subscriptions come and go all the time.",
      remedy: "One inbox for a client, not one for each request.", needs: [.before], others: [.insights("OPT_SYS_012")]
    ) { reply, system, tell in
      guard let before = system.before, let earlier = system.earlier(reply, .subsz) else { return }
      func changes(_ reply: DocumentReply) -> Int {
        (reply.document["num_inserts"]?.amount ?? 0) + (reply.document["num_removes"]?.amount ?? 0)
      }
      let seconds = max(1, (system.now - before.at).seconds)
      let rate = Double(changes(reply) - changes(earlier)) / seconds
      guard rate > 160 else { return }
      tell(
        Fault(
          .info, "\(Amount.of(rate)) subscriptions a second come and go at \(reply.server.name).", [("per_second", .number(rate.rounded()))]
        ))
    },
  ]
}
