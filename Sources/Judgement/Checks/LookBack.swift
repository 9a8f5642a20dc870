import Wire

/// What of the time before a check cannot do without.
public struct LookBack: Sendable {
  public let kind: Trends.Kind
  /// How far back: minutes or hours.
  public let over: Threshold
  /// So many readings, the one of now among them.
  public let least: Int

  init(_ kind: Trends.Kind, over: Threshold, least: Int = 2) { (self.kind, self.over, self.least) = (kind, over, least) }
}

extension JudgedSystem {
  func trendWindow(_ over: Threshold) -> TrendWindow {
    let unit: Int64 = over.row.unit == .hours ? 3600 : 60
    return TrendWindow(now: now, span: .wholeSeconds(Int64(thresholds[over]) * unit))
  }

  /// Finds what checks look back at, once for all that they look at.
  mutating func prepare(_ checks: [Check]) {
    for lookBack in checks.compactMap(\.lookBack) { trends.prepare(lookBack.kind, trendWindow(lookBack.over)) }
  }

  /// What is missing of a window; nil where it is known.
  func lacks(_ lookBack: LookBack) -> Unknown.Reason? {
    let window = trendWindow(lookBack.over)
    let known = trends.known(lookBack.kind, window)
    guard known.readings < lookBack.least || !window.isFilled(by: known.span) else {
      return known.returned > 0 ? .givenUp(lookBack.kind, known.returned) : nil
    }
    // In whole minutes: it changes from look to look.
    return .tooShort(lookBack.kind, known: .wholeSeconds(known.span.wholeSeconds / 60 * 60), wanted: window.span)
  }

  /// How a stream went; nil where it was not there for all of the window.
  func track(_ stream: StreamFacts, _ over: Threshold) -> Track<StreamTrend>? {
    trends.streams.track(Trends.AssetKey(stream.key, jetStream), trendWindow(over))
  }

  func track(_ consumer: ConsumerFacts, _ over: Threshold) -> Track<ConsumerTrend>? {
    trends.consumers.track(Trends.AssetKey(consumer, jetStream), trendWindow(over))
  }

  func track(_ reply: DocumentReply, _ over: Threshold) -> Track<ServerTrend>? {
    trends.servers.track(key(reply.server), trendWindow(over))
  }
}
