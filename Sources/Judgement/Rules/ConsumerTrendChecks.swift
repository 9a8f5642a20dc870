import Wire

/// How consumers go over time.
extension Check {
  private static func overTime(
    _ code: String, _ severity: Severity, title: String, remedy: String, thresholds: [Threshold] = [], others: [OtherCode] = [],
    over: Threshold = .trendMinutes, least: Int = 3, worth: @escaping @Sendable (ConsumerFacts, JudgedSystem) -> Bool,
    _ judge: @escaping @Sendable (ConsumerFacts, Track<ConsumerTrend>, JudgedSystem) -> Fault?
  ) -> Check {
    .consumers(
      code, severity, title: title, remedy: remedy, thresholds: thresholds, others: others,
      lookBack: LookBack(.consumers, over: over, least: least)
    ) { consumer, system in
      // Few are worth it to look at how they went.
      guard consumer.isToldByLeader, !consumer.isPaused, worth(consumer, system), let track = system.track(consumer, over) else {
        return nil
      }
      return judge(consumer, track, system)
    }
  }

  static let ofConsumersOverTime: [Check] = [
    .overTime(
      "consumer_falls_behind", .warning, title: "A consumer's backlog grows, and is beyond its limit.",
      remedy: "More workers, faster handlers, or less that is published.", thresholds: [.backlog], least: 2,
      worth: { $0.pending > $1.backlog(of: $0) }
    ) { consumer, track, system in
      guard track.rises(\.pending) else { return nil }
      return Fault(
        .warning,
        """
        \(consumer.pending) messages wait for consumer \(consumer): \(track.growth(\.pending)) a minute more \
        over \(track.text), \(Amount.of(track.perMinute(\.delivered))) a minute were delivered.
        """,
        Backlog.evidence(track, limit: system.backlog(of: consumer)))
    },
    .overTime(
      "consumer_lag_grows", .warning, title: "A consumer's backlog grows, and will be beyond its limit soon.",
      remedy: "More workers, faster handlers, or less that is published, before it is.", thresholds: [.backlog, .lagMinutes],
      worth: { $0.pending > 0 && $0.pending <= $1.backlog(of: $0) }
    ) { consumer, track, system in
      let limit = system.backlog(of: consumer)
      guard track.rises(\.pending), let left = track.left(\.pending, until: limit),
        left < .wholeSeconds(Int64(system.thresholds[.lagMinutes]) * 60)
      else { return nil }
      return Fault(
        .warning,
        """
        \(consumer.pending) messages wait for consumer \(consumer), \(track.growth(\.pending)) a minute more \
        over \(track.text): it has \(limit) in \(left), at \((system.now + left).rfc3339).
        """,
        Backlog.evidence(track, limit: limit) + [("seconds_left", .number(Double(left.wholeSeconds)))])
    },
    .overTime(
      "consumer_redelivers_in_vain", .warning, title: "A consumer delivers again and again, and nothing is acknowledged.",
      remedy: "Its handlers fail: see to what they depend on.", least: 2,
      worth: { consumer, _ in consumer.settings?.isAcknowledged == true && consumer.redelivered > 0 }
    ) { consumer, track, _ in
      let deliveries = track.grown(\.deliveries)
      guard deliveries > 0, track.stands(\.delivered), track.stands(\.acknowledged) else { return nil }
      return Fault(
        .warning,
        "Consumer \(consumer) has delivered the same messages \(deliveries) times more over \(track.text), and none was acknowledged.",
        [("deliveries", .count(deliveries)), ("redelivered", .count(consumer.redelivered)), Backlog.window(track)])
    },
    .overTime(
      "consumer_stalled", .warning, title: "Messages wait and so do those who want them, and nothing is delivered.",
      remedy: "See who leads it and what its log says; let another server lead it.",
      // One that holds all that it may waits for acknowledgements.
      worth: { consumer, _ in
        consumer.pending > 0 && consumer.unacknowledged == 0 && consumer.settings?.holdsBack != true
          && (consumer.settings?.deliverSubject.isEmpty == false ? consumer.isBound : consumer.waiting > 0)
      }
    ) { consumer, track, _ in
      guard track.stands(\.deliveries), track.figures.allSatisfy({ $0.pending > 0 }) else { return nil }
      return Fault(
        .warning,
        "\(consumer.pending) messages wait for consumer \(consumer), which has delivered none over \(track.text) though it is asked to.",
        [("pending", .count(consumer.pending)), ("waiting", .count(consumer.waiting)), Backlog.window(track)])
    },
    .overTime(
      "consumer_idle", .info, title: "Nobody reads by a consumer.",
      remedy: "Delete it: of a stream that keeps what somebody wants it may keep all.", others: [.insights("OPT_IDLE_003")],
      over: .idleHours, least: 5, worth: { consumer, _ in consumer.pending > 0 && consumer.waiting == 0 }
    ) { consumer, track, _ in
      guard track.stands(\.deliveries), track.stands(\.acknowledged) else { return nil }
      return Fault(
        .info, "Consumer \(consumer) has delivered nothing for \(track.text), and \(consumer.pending) messages wait for it.",
        [("pending", .count(consumer.pending)), Backlog.window(track)])
    },
  ]
}

extension JudgedSystem {
  /// How many messages may wait for a consumer: what its owner says, else the threshold.
  fileprivate func backlog(of consumer: ConsumerFacts) -> Int {
    Monitored(consumer)?.count("unprocessed-critical") ?? thresholds[.backlog]
  }
}

private enum Backlog {
  static func window(_ track: Track<ConsumerTrend>) -> (name: String, value: Evidence) {
    ("window_seconds", .number(Double(track.span.wholeSeconds)))
  }

  static func evidence(_ track: Track<ConsumerTrend>, limit: Int) -> [(name: String, value: Evidence)] {
    [
      ("pending", .count(track.last.pending)), ("limit", .count(limit)), ("per_minute", .number(track.perMinute(\.pending).rounded())),
      window(track),
    ]
  }
}
