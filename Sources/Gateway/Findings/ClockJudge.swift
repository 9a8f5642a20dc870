import SystemModel
import Wire

/// Judges what clocks the servers go by. Times of different machines stand beside each other in many answers, and logs are joined by them.
enum ClockJudge {
  /// Clocks that are nearer to each other than this are right.
  static let tolerance = Span.seconds(5)

  static func findings(_ system: JudgedSystem) -> [Finding] {
    let known = system.servers.filter { $0.standing.isWaitedFor && $0.facts.clockDifference != nil }
    guard let usual = middle(known.compactMap(\.facts.clockDifference)) else { return [] }
    var found: [Finding] = []
    if !isRight(usual) {
      let others = known.count == 1 ? "that of \(known[0].name)" : "those of the servers"
      var finding = Finding(
        "gateway_clock_differs", .warning, "natsight", "The gateway's clock is \(text(-usual)) \(others).", link: "/servers")
      finding.evidence = [("seconds", .number(seconds(-usual)))]
      found.append(finding)
    }
    for server in known {
      guard let difference = server.facts.clockDifference, !isRight(difference - usual) else { continue }
      found.append(
        Judge.finding(
          "clock_differs", .warning, server, "The clock of \(server.name) is \(text(difference - usual)) those of the others.",
          link: server.link("varz"), [("seconds", .number(seconds(difference - usual)))]))
    }
    return found
  }

  /// What most clocks say; of two equally good answers the one that is nearer to the gateway's.
  private static func middle(_ differences: [Span]) -> Span? {
    let sorted = differences.sorted()
    guard let upper = sorted.isEmpty ? nil : sorted[sorted.count / 2] else { return nil }
    guard sorted.count.isMultiple(of: 2) else { return upper }
    let lower = sorted[sorted.count / 2 - 1]
    return length(lower) < length(upper) ? lower : upper
  }

  private static func length(_ difference: Span) -> Span { difference < .zero ? -difference : difference }

  private static func isRight(_ difference: Span) -> Bool { length(difference) <= tolerance }

  /// `1h0m0s ahead of`, `7s behind`
  private static func text(_ difference: Span) -> String {
    "\(DurationText.uptime(length(difference).nanoseconds)) \(difference < .zero ? "behind" : "ahead of")"
  }

  /// Whole ones: the rest is the way of a message.
  private static func seconds(_ difference: Span) -> Double { Double(difference.wholeSeconds) }
}
