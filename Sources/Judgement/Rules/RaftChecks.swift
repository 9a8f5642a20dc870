import SystemAPI
import Wire

/// Raft groups as raftz tells them, by the server that does.
extension Check {
  private static func raft(
    _ code: String, _ severities: Severity..., title: String, remedy: String, needs: [Need] = [], thresholds: [Threshold] = [],
    others: [OtherCode], _ judge: @escaping @Sendable (String, JSONView, DocumentReply, JudgedSystem) -> Fault?
  ) -> Check {
    Check(
      code: code, about: .raftGroup, severities: severities, title: title, remedy: remedy, needs: [.raftz] + needs, thresholds: thresholds,
      others: others
    ) { system, found in
      for reply in system[.raftz] {
        reply.document.forEachMember { account, groups in
          groups.forEachMember { name, group in
            guard let fault = judge(name, group, reply, system) else { return }
            var subject = reply.server.subject
            (subject.kind, subject.account, subject.other) = (.raftGroup, account, name)
            found.add(fault, subject)
          }
        }
      }
    }
  }

  static let ofRaftGroups: [Check] = [
    .raft(
      "raft_no_leader", .critical, .warning, title: "A Raft group that had a leader has none, at two moments.",
      remedy: "Quorum, or the network between its members.", needs: [.before], others: [.insights("OPT_SYS_009")]
    ) { name, group, reply, system in
      func isWithout(_ group: JSONView) -> Bool {
        (group["leader"]?.string ?? "").isEmpty && group["ever_had_leader"]?.bool == true && group["state"]?.string != "LEADER"
      }
      guard isWithout(group), let earlier = system.earlier(reply, .raftz).flatMap({ find(name, $0) }), isWithout(earlier) else {
        return nil
      }
      return system.eased(
        Fault(.critical, "Raft group \(name) has no leader, says \(reply.server.name).", [("term", .count(group["term"]?.amount ?? 0))]),
        [reply.server.name], in: reply.server.cluster)
    },
    .raft(
      "raft_behind", .warning, title: "A Raft group applies more slowly than it commits.", remedy: "Disk and CPU of the server.",
      thresholds: [.raftBehind], others: [.insights("OPT_SYS_007")]
    ) { name, group, reply, system in
      let behind = (group["committed"]?.amount ?? 0) - (group["applied"]?.amount ?? 0)
      guard behind > system.thresholds[.raftBehind] else { return nil }
      return Fault(
        .warning, "Raft group \(name) on \(reply.server.name) has \(behind) entries committed and not applied.",
        [("entries", .count(behind))])
    },
    .raft(
      "raft_queue_long", .warning, title: "A queue of a Raft group is long.",
      remedy: "The queue tells which stage is slow: proposals, entries, answers, applying.", thresholds: [.queueLength],
      others: [.insights("OPT_SYS_010")]
    ) { name, group, reply, system in
      for queue in ["ipq_proposal_len", "ipq_entry_len", "ipq_resp_len", "ipq_apply_len"] {
        guard let length = group.member(named: queue)?.amount, length > system.thresholds[.queueLength] else { continue }
        return Fault(
          .warning, "\(queue) of Raft group \(name) on \(reply.server.name) is \(length).", part: queue, [("length", .count(length))])
      }
      return nil
    },
    .raft(
      "raft_catching_up", .warning, title: "A member of a Raft group catches up, at two moments: it counts for nobody's safety.",
      remedy: "If it never ends: disk, network, or remove the peer and let it be built anew.", needs: [.before],
      others: [.insights("OPT_SYS_013")]
    ) { name, group, reply, system in
      guard group["catching_up"]?.bool == true, let earlier = system.earlier(reply, .raftz).flatMap({ find(name, $0) }),
        earlier["catching_up"]?.bool == true
      else { return nil }
      return Fault(.warning, "Raft group \(name) on \(reply.server.name) is still catching up.")
    },
    .raft(
      "raft_log_large", .warning, title: "The log of a Raft group is large.", remedy: "A stuck member keeps it: revive or replace that.",
      thresholds: [.largeStream], others: [.insights("OPT_SYS_023")]
    ) { name, group, reply, system in
      guard let bytes = group["wal"]?["bytes"]?.amount, bytes > system.thresholds[.largeStream] else { return nil }
      return Fault(.warning, "The log of Raft group \(name) on \(reply.server.name) takes \(bytes) bytes.", [("bytes", .count(bytes))])
    },
  ]

  private static func find(_ name: String, _ reply: DocumentReply) -> JSONView? {
    var found: JSONView?
    reply.document.forEachMember { _, groups in if found == nil { found = groups.member(named: name) } }
    return found
  }
}
