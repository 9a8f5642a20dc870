import Wire

/// What may be wrong with a consumer and its replicas.
extension Check {
  static let ofConsumers: [Check] = [
    .consumers(
      "consumer_no_leader", .critical, .warning, title: "A consumer has no leader: it delivers nothing.",
      remedy: "See which of its servers are gone, and bring them back.", others: [.insights("OPT_SYS_009")]
    ) { consumer, system in
      guard let raft = consumer.raft, !raft.cluster.isEmpty, raft.leader.isEmpty, !consumer.isToldByLeader else { return nil }
      let fault = Fault(.critical, "Consumer \(consumer) has no leader.", [("cluster", .text(raft.cluster))])
      return system.earlier(consumer.key)?.raft?.leader.isEmpty == true ? fault : system.eased(fault, cluster: raft.cluster)
    },
    .consumers(
      "consumer_no_quorum", .critical, title: "Too few of a consumer's replicas are there.", remedy: "Bring its servers back.",
      others: [.insights("CONSUMER_003")]
    ) { consumer, _ in
      guard consumer.isToldByLeader, let raft = consumer.raft, raft.lacksQuorum else { return nil }
      return Fault(
        .critical, "Consumer \(consumer) has \(raft.present) of \(raft.size) replicas: too few to agree.",
        [("present", .count(raft.present)), ("replicas", .count(raft.size))])
    },
    .consumers(
      "consumer_replica_offline", .critical, .warning, title: "A consumer's replica is offline.", remedy: "Bring its server back.",
      others: [.insights("CONSUMER_001")]
    ) { consumer, system in
      // Of a server that was taken out in order its streams tell.
      guard consumer.isToldByLeader,
        let peer = consumer.raft?.peers.first(where: { $0.isOffline && system.leaving.value($0.name, consumer.raft?.cluster ?? "") == nil })
      else {
        return nil
      }
      return system.eased(
        Fault(.critical, "The replica of consumer \(consumer) on \(peer.name) is offline.", [("peer", .text(peer.name))]), [peer.name],
        in: consumer.raft?.cluster ?? "")
    },
    .consumers(
      "consumer_replica_behind", .warning, title: "A consumer's replica is behind its leader: after a failover messages come twice.",
      remedy: "Look at the disk and the network of its server.", thresholds: [.consumerLag], others: [.insights("CONSUMER_002")]
    ) { consumer, system in
      guard consumer.isToldByLeader, let peer = consumer.raft?.peers.filter({ !$0.isOffline }).max(by: { $0.lag < $1.lag }),
        peer.lag > system.thresholds[.consumerLag]
      else { return nil }
      return Fault(
        .warning, "The replica of consumer \(consumer) on \(peer.name) is \(peer.lag) entries behind.",
        [("peer", .text(peer.name)), ("lag", .count(peer.lag))])
    },
    .consumers(
      "consumer_before_stream", .warning, title: "A consumer stands before the beginning of its stream and does not move.",
      remedy: "The messages that it waits for were deleted: make the consumer anew.", needs: [.before], others: [.insights("CONSUMER_004")]
    ) { consumer, system in
      guard !consumer.isPaused, consumer.pending > 0, consumer.delivered.stream > 0, let stream = system.stream(consumer.stream),
        stream.state.messages > 0, consumer.delivered.stream < stream.state.firstSequence - 1, let earlier = system.earlier(consumer.key),
        earlier.delivered.stream == consumer.delivered.stream
      else { return nil }
      return Fault(
        .warning,
        "Consumer \(consumer) stands at \(consumer.delivered.stream), before its stream's first message \(stream.state.firstSequence), and does not move.",
        [
          ("delivered", .count(consumer.delivered.stream)),
          ("first_seq", .count(stream.state.firstSequence)),
        ])
    },
    .consumers(
      "consumer_beyond_stream", .critical, title: "A consumer stands beyond the end of its stream: it will pass over messages.",
      remedy: "The stream was built anew: make the consumer anew too.", needs: [.before], others: [.insights("CONSUMER_005")]
    ) { consumer, system in
      // Both were told by one server at one time only where it leads both; else the consumer may be told of later. Twice the same is no race.
      guard let stream = system.stream(consumer.stream), consumer.delivered.stream > stream.state.lastSequence,
        let earlier = system.earlier(consumer.key), let then = system.earlier(consumer.stream),
        earlier.delivered.stream == consumer.delivered.stream, then.state.lastSequence < earlier.delivered.stream
      else { return nil }
      return Fault(
        .critical,
        "Consumer \(consumer) stands at \(consumer.delivered.stream), beyond its stream's last message \(stream.state.lastSequence).",
        [("delivered", .count(consumer.delivered.stream)), ("last_seq", .count(stream.state.lastSequence))])
    },
    .consumers(
      "consumer_redeliveries", .warning, title: "Many of a consumer's deliveries wait to be delivered again.",
      remedy: "A longer ack_wait, faster handlers, or a message that nobody can handle: find and terminate it.", thresholds: [.redelivered],
      others: [.insights("OPT_SYS_002")]
    ) { consumer, system in
      guard consumer.delivered.consumer >= 100 else { return nil }
      let percent = Double(consumer.redelivered) / Double(consumer.delivered.consumer) * 100
      guard percent > Double(system.thresholds[.redelivered]) else { return nil }
      return Fault(
        .warning, "\(Amount.of(percent)) % of what consumer \(consumer) has delivered is being delivered again.",
        [("redelivered", .count(consumer.redelivered)), ("delivered", .count(consumer.delivered.consumer))])
    },
    .consumers(
      "consumer_near_ack_limit", .critical, .warning,
      title: "A consumer has nearly as many unacknowledged messages as it may: at the limit it delivers nothing more.",
      remedy: "Faster acknowledgements, more workers, or a larger max_ack_pending.", thresholds: [.unacknowledged],
      others: [.insights("OPT_SYS_003")]
    ) { consumer, system in
      guard let settings = consumer.settings, settings.isAcknowledged, let limit = settings.maxAckPending else { return nil }
      let percent = Double(consumer.unacknowledged) / Double(limit) * 100
      guard percent >= Double(system.thresholds[.unacknowledged]) else { return nil }
      // At the limit with nothing that waits: it is what the workers are meant to hold.
      guard consumer.pending > 0 else { return nil }
      let isFull = consumer.unacknowledged >= limit
      return Fault(
        isFull ? .critical : .warning,
        "Consumer \(consumer) has \(consumer.unacknowledged) of \(limit) messages that may be unacknowledged\(isFull ? ": it delivers nothing more" : "").",
        [("unacknowledged", .count(consumer.unacknowledged)), ("limit", .count(limit)), ("pending", .count(consumer.pending))])
    },
    .consumers(
      "consumer_ack_floor_stuck", .warning, title: "One message that nobody acknowledges holds a consumer's floor while others go on.",
      remedy: "Find the message at the floor and what becomes of it; terminate it if nobody can handle it.", needs: [.before],
      others: [.insights("OPT_SYS_015")]
    ) { consumer, system in
      guard consumer.settings?.isAcknowledged == true, consumer.unacknowledged > 0, let earlier = system.earlier(consumer.key),
        consumer.ackFloor.stream == earlier.ackFloor.stream, earlier.unacknowledged > 0,
        consumer.delivered.stream >= earlier.delivered.stream + 100
      else { return nil }
      let gap = consumer.delivered.stream - consumer.ackFloor.stream
      return Fault(
        .warning,
        "Consumer \(consumer) has delivered up to \(consumer.delivered.stream), and its acknowledgements stand at \(consumer.ackFloor.stream).",
        [("gap", .count(gap)), ("unacknowledged", .count(consumer.unacknowledged))])
    },
    .consumers(
      "consumer_no_reader", .warning, title: "Messages wait for a consumer whose subscriber is gone.",
      remedy: "Start its subscriber again, or use a consumer that is pulled.", others: [.insights("OPT_?")]
    ) { consumer, _ in
      guard consumer.isToldByLeader, let settings = consumer.settings, !settings.deliverSubject.isEmpty, !consumer.isBound,
        consumer.pending > 0, !consumer.isPaused
      else { return nil }
      return Fault(
        .warning, "\(consumer.pending) messages wait for consumer \(consumer), and nobody listens on \(settings.deliverSubject).",
        [("pending", .count(consumer.pending))])
    },
    .consumers(
      "work_queue_may_lose", .info, title: "A work queue that refuses messages when full has a consumer that gives messages up.",
      remedy: "A larger max_deliver and ack_wait, and something that looks after messages that nobody could handle.",
      others: [.insights("OPT_?")]
    ) { consumer, system in
      guard let most = consumer.settings?.maxDeliver, most < 5, let stream = system.stream(consumer.stream)?.settings,
        stream.retention == .workqueue, stream.refusesWhenFull
      else { return nil }
      return Fault(
        .info,
        "Consumer \(consumer) gives a message up after \(most) \(most == 1 ? "delivery" : "deliveries"), and it then fills the work queue.",
        [("max_deliver", .count(most))])
    },
  ]

  static let ofMonitoredConsumers: [Check] = [
    monitored(
      "monitored_unacknowledged", "outstanding-ack-critical", "CONSUMER_006", "unacknowledged", "More workers, or faster ones.",
      \.unacknowledged),
    monitored(
      "monitored_waiting", "waiting-critical", "CONSUMER_007", "waiting pulls", "Fewer workers, or there is nothing to do.", \.waiting),
    monitored("monitored_pending", "unprocessed-critical", "CONSUMER_008", "messages waiting", "More workers.", \.pending),
    monitored(
      "monitored_redelivered", "redelivery-critical", "CONSUMER_011", "messages redelivered",
      "A longer ack_wait, or a message that nobody can handle.", \.redelivered),
    lastActive(
      "monitored_last_delivery", "last-delivery-critical", "CONSUMER_009", ("delivered nothing", "delivered anything"),
      "Nobody pulls, it is paused, or there are no messages.",
      \.delivered),
    lastActive(
      "monitored_last_acknowledgement", "last-ack-critical", "CONSUMER_010", ("had nothing acknowledged", "had anything acknowledged"),
      "What its workers depend on is down.", \.ackFloor),
    .consumers(
      "monitored_pinned", .critical, title: "A consumer whose owner wants each group pinned to a client has one that is not.",
      remedy: "No client of that group pulls.", others: [.audit("JETSTREAM_005"), .insights("CONSUMER_012")]
    ) { consumer, _ in
      guard let monitored = Monitored(consumer), monitored.flag("pinned"), consumer.isToldByLeader else { return nil }
      guard consumer.settings?.isPinned == true else {
        return Fault(.critical, "Consumer \(consumer) is not of the policy pinned_client, as its owner says.")
      }
      guard consumer.pinnedGroups < consumer.groups else { return nil }
      return Fault(.critical, "\(consumer.groups - consumer.pinnedGroups) groups of consumer \(consumer) have no pinned client.")
    },
    .consumers(
      "monitor_unreadable_of_consumer", .warning, title: "A threshold that an owner wrote beside a consumer cannot be read.",
      remedy: "Write a number, or a duration such as 30s, 5m, 1d."
    ) { consumer, _ in
      guard let bad = Monitored(consumer)?.unreadable(Monitored.consumerKeys) else { return nil }
      return Fault(.warning, "Consumer \(consumer) has \(Metadata.prefix)\(bad.key) \"\(bad.value)\", which cannot be read.", part: bad.key)
    },
  ]

  private static func monitored(
    _ code: String, _ key: String, _ insights: String, _ what: String, _ remedy: String,
    _ figure: @escaping @Sendable (ConsumerFacts) -> Int
  ) -> Check {
    .consumers(
      code, .critical, title: "A consumer has more \(what) than its owner allows.", remedy: remedy,
      others: [.audit("JETSTREAM_005"), .check("consumer"), .insights(insights)]
    ) { consumer, _ in
      guard consumer.isToldByLeader, let most = Monitored(consumer)?.count(key), figure(consumer) >= most else { return nil }
      return Fault(
        .critical, "Consumer \(consumer) has \(figure(consumer)) \(what); its owner allows \(most).",
        [("found", .count(figure(consumer))), ("allowed", .count(most))])
    }
  }

  private static func lastActive(
    _ code: String, _ key: String, _ insights: String, _ what: (nothing: String, anything: String), _ remedy: String,
    _ progress: @escaping @Sendable (ConsumerFacts) -> ConsumerFacts.Progress
  ) -> Check {
    .consumers(
      code, .critical, title: "A consumer has \(what.nothing) for longer than its owner allows.", remedy: remedy,
      others: [.audit("JETSTREAM_005"), .check("consumer"), .insights(insights)]
    ) { consumer, system in
      guard consumer.isToldByLeader, let most = Monitored(consumer)?.span(key) else { return nil }
      guard let last = progress(consumer).lastActive else {
        return Fault(.critical, "Consumer \(consumer) has never \(what.anything).")
      }
      let silence = system.now - last
      guard silence >= most else { return nil }
      return Fault(
        .critical, "Consumer \(consumer) has \(what.nothing) for longer than the \(most) that its owner allows.", since: last,
        [("seconds", .number(Double(silence.wholeSeconds)))])
    }
  }
}
