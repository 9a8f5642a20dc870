import SystemModel
import Wire

/// What clocks the servers go by. Times of different machines stand beside each other in many answers, and logs are joined by them.
enum Clocks {
  /// Clocks that are nearer to each other than this are right.
  static let tolerance = Span.seconds(5)

  /// Of servers that answer, by how much their clocks are ahead of the gateway's.
  static func known(_ system: JudgedSystem) -> [(server: JudgedServer, difference: Span)] {
    system.servers.filter(\.standing.isWaitedFor).compactMap { server in server.facts.clockDifference.map { (server, $0) } }
  }

  /// What most clocks say; of two equally good answers the one that is nearer to the gateway's.
  static func middle(_ differences: [Span]) -> Span? {
    let sorted = differences.sorted()
    guard let upper = sorted.isEmpty ? nil : sorted[sorted.count / 2] else { return nil }
    guard sorted.count.isMultiple(of: 2) else { return upper }
    let lower = sorted[sorted.count / 2 - 1]
    return length(lower) < length(upper) ? lower : upper
  }

  static func length(_ difference: Span) -> Span { difference < .zero ? -difference : difference }
  static func isRight(_ difference: Span) -> Bool { length(difference) <= tolerance }

  /// `1h ahead of`, `7 s behind`
  static func text(_ difference: Span) -> String {
    "\(PlainText.span(length(difference))) \(difference < .zero ? "behind" : "ahead of")"
  }

  /// Whole ones: the rest is the way of a message.
  static func evidence(_ difference: Span) -> [(name: String, value: Evidence)] { [("seconds", .number(Double(difference.wholeSeconds)))] }
}

extension Check {
  static let ofClocks: [Check] = [
    Check(
      code: "gateway_clock_differs", about: .gateway, severities: [.warning], title: "The gateway's clock is not that of the servers.",
      remedy: "Keep the machine's clock by NTP.", needs: [.heard], thresholds: [], others: []
    ) { system, found in
      let known = Clocks.known(system)
      guard let usual = Clocks.middle(known.map(\.difference)), !Clocks.isRight(usual) else { return }
      let others = known.count == 1 ? "that of \(known[0].server.name)" : "those of the servers"
      found.add(
        Fault(.warning, "The gateway's clock is \(Clocks.text(-usual)) \(others).", Clocks.evidence(-usual)), Subject(.gateway))
    },
    Check(
      code: "clock_differs", about: .server, severities: [.warning], title: "A server's clock is not that of the others.",
      remedy: "Keep the machine's clock by NTP.", needs: [.heard], thresholds: [], others: []
    ) { system, found in
      let known = Clocks.known(system)
      guard let usual = Clocks.middle(known.map(\.difference)) else { return }
      for (server, difference) in known where !Clocks.isRight(difference - usual) {
        found.add(
          Fault(
            .warning, "The clock of \(server.name) is \(Clocks.text(difference - usual)) those of the others.",
            Clocks.evidence(difference - usual)),
          server.subject)
      }
    },
  ]
}
