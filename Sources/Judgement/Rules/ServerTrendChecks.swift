import SystemAPI
import Wire

/// How servers go over time.
extension Check {
  private static func overTime(
    _ code: String, _ severity: Severity, title: String, remedy: String, thresholds: [Threshold] = [], others: [OtherCode] = [],
    over: Threshold = .trendMinutes, least: Int = 2,
    _ judge: @escaping @Sendable (DocumentReply, Track<ServerTrend>, JudgedSystem) -> Fault?
  ) -> Check {
    .servers(
      code, severity, of: .varz, title: title, remedy: remedy, thresholds: thresholds, others: others,
      lookBack: LookBack(.servers, over: over, least: least)
    ) { reply, system, tell in
      guard let track = system.track(reply, over), let fault = judge(reply, track, system) else { return }
      tell(fault)
    }
  }

  /// What only rises, at every reading of hours, is not given back.
  private static func leak(
    _ code: String, _ what: String, title: String, remedy: String, others: [OtherCode] = [], from least: Int,
    unless other: (@Sendable (ServerTrend) -> Int)?, _ text: @escaping @Sendable (Int) -> String,
    _ figure: @escaping @Sendable (ServerTrend) -> Int
  ) -> Check {
    .overTime(
      code, .warning, title: title, remedy: remedy, thresholds: [.leakGrowth], others: others, over: .leakHours, least: 5
    ) { reply, track, system in
      guard track.rises(figure), Leak.isOne(track, figure, from: least, system) else { return nil }
      // More clients need more: that is load.
      if let other, Double(track.grown(other)) * 2 * Double(figure(track.first)) > Double(track.grown(figure)) * Double(other(track.first))
      {
        return nil
      }
      return Fault(
        .warning,
        """
        \(what) of \(reply.server.name) \(what.hasSuffix("s") ? "have" : "has") only risen over \(track.text), \
        from \(text(figure(track.first))) to \(text(figure(track.last))).
        """, Leak.evidence(track, figure))
    }
  }

  private static func mebibytes(_ bytes: Int) -> String { "\(bytes >> 20) MiB" }

  static let ofServersOverTime: [Check] = [
    .leak(
      "memory_rises", "The memory", title: "A server's memory only rises, and its clients do not.",
      remedy: "Look at what it keeps: streams in memory, subscriptions, slow clients; its profile tells (--prof_port).", from: 64 << 20,
      unless: \.connections, { mebibytes($0) }, \.memory),
    .leak(
      "connections_rise", "The connections", title: "A server's connections only rise.",
      remedy: "A client that connects anew and does not close: /connections?sort=start tells who.", from: 100, unless: nil, { "\($0)" },
      \.connections),
    .leak(
      "subscriptions_rise", "The subscriptions", title: "A server's subscriptions only rise, and its clients do not.",
      remedy: "A client that subscribes for each request and does not unsubscribe: /connz?sort=subs.", others: [.insights("OPT_SYS_022")],
      from: 1000, unless: \.connections, { "\($0)" }, \.subscriptions),
    .overTime(
      "server_idle", .info, title: "A server has nothing to do.", remedy: "A smaller cluster would do.",
      others: [.insights("OPT_IDLE_001")], over: .idleHours, least: 5
    ) { reply, track, _ in
      guard track.figures.allSatisfy({ $0.cpu < 5 && $0.connections < 10 }) else { return nil }
      return Fault(
        .info, "\(reply.server.name) had fewer than 10 connections and used less than 5 % of a core over \(track.text).",
        [("connections", .count(track.most(\.connections))), ("cpu", .number(track.figures.map(\.cpu).max() ?? 0))])
    },
    .overTime(
      "load_skewed", .info, title: "A server moves far more messages than others of its cluster.",
      remedy: "Let clients shuffle their server lists; look for one client that does most (/connections).", thresholds: [.skew],
      others: [.insights("OPT_BALANCE_?")]
    ) { reply, track, system in
      let own = track.perMinute(\.messages)
      guard own >= 60_000 else { return nil }
      let all = system.peers(of: reply).compactMap { system.track($0, .trendMinutes)?.perMinute(\.messages) }
      guard all.count >= 3 else { return nil }
      let mean = all.reduce(0, +) / Double(all.count)
      guard own * 100 > mean * Double(system.thresholds[.skew]) else { return nil }
      return Fault(
        .info,
        """
        \(reply.server.name) has moved \(Amount.of(own)) messages a minute over \(track.text), the servers of cluster \
        \(reply.server.cluster) \(Amount.of(mean)) on average.
        """,
        [("per_minute", .number(own.rounded())), ("mean", .number(mean.rounded()))])
    },
    .overTime(
      "connections_lost", .warning, title: "A server has lost half of its connections or more.",
      remedy: "Its network, a proxy before it, or what closed them: /closed tells why, /incidents when."
    ) { reply, track, system in
      let (most, now) = (track.most(\.connections), track.last.connections)
      guard most >= 10, now * 2 <= most, system.leaving.value(reply.server.name, reply.server.cluster) == nil else { return nil }
      return Fault(
        .warning, "\(reply.server.name) has \(now) connections, and had \(most) within \(track.text).",
        [("connections", .count(now)), ("most", .count(most))])
    },
    .servers(
      "server_restarts_often", .warning, of: .varz, title: "A server is started again and again.",
      remedy: "Its log tells why it ends: out of memory, a panic, a probe that is too strict.", thresholds: [.restarts],
      lookBack: LookBack(.servers, over: .leakHours), followsNames: true
    ) { reply, system, tell in
      guard let track = system.trends.servers.whole(system.key(reply.server), system.trendWindow(.leakHours)) else { return }
      let starts = track.grown(\.starts)
      guard starts >= system.thresholds[.restarts] else { return }
      tell(
        Fault(.warning, "\(reply.server.name) was started \(starts) times over \(track.text).", [("starts", .count(starts))]))
    },
    .overTime(
      "jetstream_filling", .warning, title: "JetStream's disk on a server will be full soon.",
      remedy: "Find the stream that grows (/history?kind=stream&field=bytes), bound it, or give JetStream more.",
      thresholds: [.fillingHours]
    ) { reply, track, system in
      guard let limit = reply.document["jetstream"]?["config"]?["max_storage"]?.limit,
        let filling = Filling(track, limit, system, \.storage)
      else { return nil }
      return Fault(
        .warning,
        """
        JetStream on \(reply.server.name) has grown by \(filling.rate) bytes a minute over \(track.text): its disk is full in \
        \(filling.left), at \(filling.at.rfc3339).
        """, filling.evidence)
    },
    .overTime(
      "jetstream_api_load", .info, title: "Very many requests go to the JetStream API of a server.",
      remedy: "Clients that ask for information in a loop, or make a consumer for each request.", thresholds: [.apiRequests],
      others: [.insights("JETSTREAM_?")]
    ) { reply, track, system in
      let rate = track.perMinute(\.requests)
      guard rate > Double(system.thresholds[.apiRequests]) else { return nil }
      return Fault(
        .info, "\(Amount.of(rate)) requests a minute went to the JetStream API of \(reply.server.name) over \(track.text).",
        [("per_minute", .number(rate.rounded()))])
    },
  ]
}

/// What is said of leaks alike.
enum Leak {
  static func isOne<Figures: TrendFigures>(
    _ track: Track<Figures>, _ figure: (Figures) -> Int, from least: Int, _ system: JudgedSystem
  ) -> Bool {
    let (first, last) = (figure(track.first), figure(track.last))
    return last >= least && Double(last - first) * 100 >= Double(max(1, first)) * Double(system.thresholds[.leakGrowth])
  }

  static func evidence<Figures: TrendFigures>(_ track: Track<Figures>, _ figure: (Figures) -> Int) -> [(name: String, value: Evidence)] {
    [
      ("first", .count(figure(track.first))), ("last", .count(figure(track.last))), ("readings", .count(track.count)),
      ("per_hour", .number((track.perMinute(figure) * 60).rounded())),
    ]
  }
}
