import Wire

/// Decides what is told: what lasts for less than the hold-off never is, and of what was told the end is told too. A value.
public struct NewsDesk: Sendable {
  /// A finding that nobody has been told of yet, or of whose end nobody has.
  private struct Case: Sendable {
    var news: News
    var isTold = false
    /// The last look that found it.
    var seen: Timestamp
    /// The worst that was told, as its place among the severities: 0 is the worst.
    var toldRank = Int.max
  }

  /// Findings that are watched at once; of more nobody is told.
  public static let most = 5000

  private var cases: [String: Case] = [:]
  /// How long a finding has to last.
  public var holdOff: Span

  public init(holdOff: Span) { self.holdOff = holdOff }

  private static let severities = ["critical", "warning", "info"]

  private static func rank(_ severity: String) -> Int { severities.firstIndex(of: severity) ?? severities.count }

  /// Findings that are told and last, by their beginning: what a receiver that wants the state gets.
  public var standing: [News] {
    cases.values.filter(\.isTold).map(\.news).sorted { ($0.opened, $0.identity) < ($1.opened, $1.identity) }
  }

  /// Takes up news.
  ///
  /// - Returns: What is to be told at once: the end of what was told, and that it became worse.
  public mutating func take(_ news: [News]) -> [News] { news.compactMap { take($0) } }

  private mutating func take(_ news: News) -> News? {
    switch news.kind {
    case .ended:
      guard let known = cases.removeValue(forKey: news.identity), known.isTold else { return nil }
      return news
    case .opened:
      guard cases[news.identity] != nil || cases.count < NewsDesk.most else { return nil }
      cases[news.identity] = Case(news: news, seen: news.opened)
      return nil
    case .worsened, .eased:
      guard var known = cases[news.identity] else { return nil }
      known.news = news
      let isWorse = NewsDesk.rank(news.severity) < known.toldRank
      if known.isTold, isWorse { known.toldRank = NewsDesk.rank(news.severity) }
      cases[news.identity] = known
      return known.isTold && isWorse ? news : nil
    }
  }

  /// Takes up that somebody has looked: what is not over was found again.
  public mutating func take(_ look: Look) {
    for (identity, known) in cases where !known.isTold && look.at > known.seen && !look.uncertain.contains(known.news.code) {
      cases[identity]?.seen = look.at
    }
  }

  /// What has been found for long enough, in the order in which it began. That it was found once does not say that it lasts.
  public mutating func due() -> [News] {
    let due = cases.values.filter { !$0.isTold && $0.seen - $0.news.opened >= holdOff }.map(\.news)
    for news in due {
      cases[news.identity]?.isTold = true
      cases[news.identity]?.toldRank = NewsDesk.rank(news.severity)
    }
    return due.map { news in
      var opened = news
      opened.kind = .opened
      return opened
    }.sorted { ($0.opened, $0.identity) < ($1.opened, $1.identity) }
  }
}
