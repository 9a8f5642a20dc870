import Wire

/// How streams, and who leads them, go over time.
extension Check {
  static let ofStreamsOverTime: [Check] = [
    .streamParts(
      "stream_filling", .warning, title: "A stream that refuses messages when it is full will be full soon.",
      remedy: "Find out what is published, and whether its consumers keep up; raise the limit before it is reached.",
      thresholds: [.fillingHours], lookBack: LookBack(.streams, over: .trendMinutes)
    ) { stream, system, tell in
      guard let settings = stream.settings, settings.refusesWhenFull, settings.maxBytes != nil || settings.maxMessages != nil,
        let track = system.track(stream, .trendMinutes)
      else { return }
      let kinds: [(name: String, limit: Int?, figure: (StreamTrend) -> Int)] = [
        ("bytes", settings.maxBytes, \.bytes), ("messages", settings.maxMessages, \.messages),
      ]
      for kind in kinds {
        guard let limit = kind.limit, let filling = Filling(track, limit, system, kind.figure) else { continue }
        tell(
          Fault(
            .warning,
            """
            Stream \(stream) has grown by \(filling.rate) \(kind.name) a minute over \(track.text): it is full in \(filling.left), \
            at \(filling.at.rfc3339), and then refuses messages.
            """, part: kind.name, filling.evidence))
      }
    },
    .streams(
      "stream_idle", .info, title: "Nothing is published to a stream.",
      remedy: "Delete it, or let it have fewer replicas; seal it if it is an archive.", others: [.insights("OPT_IDLE_002")],
      lookBack: LookBack(.streams, over: .idleHours, least: 5)
    ) { stream, system in
      // What is deleted, or refused, shows elsewhere; a mirror has what its origin has.
      guard stream.state.messages > 0, stream.settings?.isSealed != true, stream.mirror == nil, stream.isToldByLeader,
        let track = system.track(stream, .idleHours), track.stands(\.lastSequence), track.stands(\.messages)
      else { return nil }
      let replicas = stream.settings?.replicas ?? 1
      return Fault(
        .info,
        "Nothing was published to stream \(stream) for \(track.text); it holds \(stream.state.bytes) bytes\(replicas > 1 ? ", \(replicas) times" : "").",
        [("bytes", .count(stream.state.bytes)), ("replicas", .count(replicas))])
    },
    .streams(
      "stream_leader_flaps", .warning, title: "A stream changes its leader again and again.",
      remedy: "Network, CPU and disk of its servers: the one that leads is not heard in time.", thresholds: [.leaderChanges],
      lookBack: LookBack(.streams, over: .trendMinutes)
    ) { stream, system in
      guard stream.raft != nil, let track = system.track(stream, .trendMinutes) else { return nil }
      let changes = track.grown(\.changes)
      guard changes >= system.thresholds[.leaderChanges] else { return nil }
      return Fault(
        .warning,
        "Stream \(stream) was seen with another leader \(changes) times over \(track.text); \(stream.raft?.leader ?? "") leads it now.",
        [("changes", .count(changes))])
    },
    Check(
      code: "meta_leader_flaps", about: .metaGroup, severities: [.warning], title: "The meta group changes its leader again and again.",
      remedy: "Network, CPU and disk of its servers: the one that leads is not heard in time.", needs: [.streams],
      thresholds: [.leaderChanges], others: [.insights("META_003")], lookBack: LookBack(.metaGroups, over: .trendMinutes)
    ) { system, found in
      for group in system.jetStream.metaGroups {
        guard let track = system.trends.metaGroups.track(group.domain, system.trendWindow(.trendMinutes)) else { continue }
        let changes = track.grown(\.changes)
        guard changes >= system.thresholds[.leaderChanges] else { continue }
        found.add(
          Fault(
            .warning, "\(group.text) was seen with another leader \(changes) times over \(track.text).", [("changes", .count(changes))]),
          group.subject)
      }
    },
  ]
}

/// Something that grows towards a limit.
struct Filling {
  /// A minute.
  let rate: Int
  let left: Span
  let at: Timestamp
  let evidence: [(name: String, value: Evidence)]

  /// nil where it does not grow, has shrunk meanwhile, is full, or will not be for long.
  init?<Figures: TrendFigures>(_ track: Track<Figures>, _ limit: Int, _ system: JudgedSystem, _ figure: (Figures) -> Int) {
    guard track.most(figure) == figure(track.last), let left = track.left(figure, until: limit),
      left < .wholeSeconds(Int64(system.thresholds[.fillingHours]) * 3600)
    else { return nil }
    rate = track.growth(figure)
    self.left = left
    at = system.now + left
    evidence = [
      ("used", .count(figure(track.last))), ("limit", .count(limit)), ("per_minute", .number(track.perMinute(figure).rounded())),
      ("seconds_left", .number(Double(left.wholeSeconds))), ("window_seconds", .number(Double(track.span.wholeSeconds))),
    ]
  }
}
