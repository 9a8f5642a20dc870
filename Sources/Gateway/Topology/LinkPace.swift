import Wire

/// How fast a link carries, from what one of its ends counts at two looks at it: for leafnodes, of which no heartbeat tells.
struct LinkPace: Sendable {
  private struct Reading {
    let node: String
    let figures: Topology.Figures
    let at: Timestamp
  }

  /// Looks nearer to each other than this say little: what was found before stays in force.
  private static let shortest = Span.seconds(1)
  /// Looks further from each other say nothing about now.
  private static let longest = Span.seconds(30)

  private var before: Reading?
  /// From the link's first end to its second, and back; nil where nothing is known.
  private(set) var rates: LinkRates?

  mutating func take(_ link: Topology.Link, at now: Timestamp) {
    let end = link.from.figures == nil ? link.to : link.from
    guard let figures = end.figures else {
      (before, rates) = (nil, nil)
      return
    }
    let reading = Reading(node: end.node, figures: figures, at: now)
    guard let earlier = before, earlier.node == reading.node, now >= earlier.at, now - earlier.at <= LinkPace.longest else {
      // Also where the clock was set back.
      (before, rates) = (reading, nil)
      return
    }
    guard now - earlier.at >= LinkPace.shortest else { return }
    let counted = LinkPace.rates(figures, since: earlier.figures, seconds: (now - earlier.at).seconds)
    (before, rates) = (reading, end.node == link.from.node ? counted : counted?.reversed)
  }

  /// nil where the counters began anew, or another number of connections is counted.
  private static func rates(_ now: Topology.Figures, since before: Topology.Figures, seconds: Double) -> LinkRates? {
    func rate(_ counter: KeyPath<Topology.Figures, UInt64>) -> Double? {
      now[keyPath: counter] >= before[keyPath: counter]
        ? (Double(now[keyPath: counter] - before[keyPath: counter]) / seconds * 100).rounded() / 100 : nil
    }
    guard now.connections == before.connections, now.start == before.start, let sentMessages = rate(\.sentMessages),
      let sentBytes = rate(\.sentBytes), let receivedMessages = rate(\.receivedMessages), let receivedBytes = rate(\.receivedBytes)
    else { return nil }
    return LinkRates(
      seconds: (seconds * 1000).rounded() / 1000, sentMessages: sentMessages, sentBytes: sentBytes, receivedMessages: receivedMessages,
      receivedBytes: receivedBytes)
  }
}
