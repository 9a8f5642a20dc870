import SystemAPI
import Wire

/// Connections between servers.
extension Check {
  private static func link(
    _ code: String, _ severities: Severity..., about kind: Subject.Kind, of need: Need, title: String, remedy: String,
    thresholds: [Threshold], others: [OtherCode],
    _ judge: @escaping @Sendable (ServerLink, JudgedSystem) -> Fault?
  ) -> Check {
    Check(
      code: code, about: kind, severities: severities, title: title, remedy: remedy, needs: [need], thresholds: thresholds, others: others
    ) { system, found in
      for (reply, links) in zip(system[need], system.links[need] ?? []) {
        for link in links {
          guard let fault = judge(link, system) else { continue }
          found.add(fault, link.subject(kind, reply.server))
        }
      }
    }
  }

  private static func slow(_ code: String, _ kind: Subject.Kind, _ need: Need, _ what: String, _ others: [OtherCode]) -> Check {
    .link(
      code, .warning, about: kind, of: need, title: "The round trip of a \(what) is long.",
      remedy: "Look at the network between the two, and at the CPU of both.", thresholds: [.roundTrip], others: others
    ) { link, system in
      guard let rtt = link.roundTrip, rtt > .milliseconds(Int64(system.thresholds[.roundTrip])) else { return nil }
      return Fault(
        .warning, "The round trip of the \(what) from \(link.server) to \(link.other) is \(rtt.nanoseconds / 1_000_000) ms.",
        [("milliseconds", .number(rtt.seconds * 1000))])
    }
  }

  private static func pending(_ code: String, _ kind: Subject.Kind, _ need: Need, _ what: String, _ others: [OtherCode]) -> Check {
    .link(
      code, .warning, about: kind, of: need, title: "Much waits to be sent over a \(what).",
      remedy: "Bandwidth between the two, CPU of the receiver.", thresholds: [.pendingBytes], others: others
    ) { link, system in
      guard link.pending > system.thresholds[.pendingBytes] else { return nil }
      return Fault(
        .warning, "\(link.pending) bytes wait to be sent over the \(what) from \(link.server) to \(link.other).",
        [("pending_bytes", .count(link.pending))])
    }
  }

  static let ofLinks: [Check] = [
    .slow("route_slow", .route, .routez, "route", [.insights("SERVER_010")]),
    .pending("route_backs_up", .route, .routez, "route", [.insights("OPT_SYS_005")]),
    .slow("gateway_slow", .superclusterLink, .gatewayz, "gateway", [.insights("SERVER_018")]),
    .pending("gateway_backs_up", .superclusterLink, .gatewayz, "gateway", [.insights("OPT_SYS_014")]),
    .slow("leafnode_slow", .leafnode, .leafz, "leaf node connection", [.insights("LEAF_002")]),
    .link(
      "leafnode_name_blank", .warning, about: .leafnode, of: .leafz, title: "The name of a leaf node holds a blank.", remedy: "Rename it.",
      thresholds: [], others: [.audit("LEAF_001"), .insights("LEAF_001")]
    ) { link, _ in
      guard link.other.holdsBlank else { return nil }
      return Fault(.warning, "The name of leaf node \"\(link.other)\" at \(link.server) holds a blank.")
    },
    .link(
      "leafnode_many_subscriptions", .warning, about: .leafnode, of: .leafz,
      title: "A leaf node has so many subscriptions that handing them over takes longer than it is waited for.",
      remedy: "Narrow what the leaf node imports.", thresholds: [.leafSubscriptions], others: [.insights("LEAF_003")]
    ) { link, system in
      guard link.subscriptions > system.thresholds[.leafSubscriptions] else { return nil }
      return Fault(
        .warning, "Leaf node \(link.other) at \(link.server) has \(link.subscriptions) subscriptions.",
        [("subscriptions", .count(link.subscriptions))])
    },
  ]
}

extension ServerLink {
  fileprivate func subject(_ kind: Subject.Kind, _ server: ServerDescription) -> Subject {
    var subject = server.subject
    (subject.kind, subject.other) = (kind, other)
    return subject
  }
}
