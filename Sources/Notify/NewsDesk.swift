import DequeModule
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

/// What waits to be delivered to one receiver, in order: the first is tried until it is delivered, or has become too old. A value.
public struct NewsQueue: Sendable {
  /// One delivery; its id is the same at every try, so that a receiver that had it can tell.
  public struct Delivery: Sendable, Equatable {
    public var id: String
    public var news: [News]
    public var made: Timestamp
  }

  /// Deliveries that wait, and news in one of them, at most.
  public static let most = 1000
  public static let mostNews = 100
  /// What could not be delivered for so long is given up.
  public static let oldest = Span.seconds(3600)
  /// Seconds between two tries: double each time, from the first to the last.
  static let waits = 1.0...60.0

  private let name: String
  private var waiting: Deque<Delivery> = []
  private var made = 0
  private var failures = 0
  /// Not before this is the first one tried again.
  private var notBefore: Timestamp?

  public private(set) var delivered = 0
  public private(set) var tries = 0
  /// News that were given up.
  public private(set) var givenUp = 0
  /// Why the last try failed, and since when they do; nil after one that did not.
  public private(set) var trouble: (sentence: String, since: Timestamp)?

  /// - Parameter name: Begins the ids of this queue's deliveries: no other's, nor those of an earlier process.
  public init(name: String) { self.name = name }

  public var count: Int { waiting.count }

  public mutating func add(_ news: [News], at now: Timestamp) {
    var rest = news[...]
    while !rest.isEmpty {
      made += 1
      waiting.append(Delivery(id: "\(name)-\(made)", news: Array(rest.prefix(NewsQueue.mostNews)), made: now))
      rest = rest.dropFirst(NewsQueue.mostNews)
    }
    while waiting.count > NewsQueue.most, let old = waiting.popFirst() { givenUp += old.news.count }
  }

  /// What is to be tried now; nil where nothing is, or it is too early.
  public mutating func next(at now: Timestamp) -> Delivery? {
    while let first = waiting.first, now - first.made > NewsQueue.oldest {
      waiting.removeFirst()
      givenUp += first.news.count
    }
    if let notBefore, now < notBefore { return nil }
    return waiting.first
  }

  /// The first one has been delivered.
  public mutating func succeeded(_ delivery: Delivery) {
    tries += 1
    failures = 0
    (notBefore, trouble) = (nil, nil)
    delivered += delivery.news.count
    if waiting.first?.id == delivery.id { waiting.removeFirst() }
  }

  /// It has not.
  ///
  /// - Parameter sentence: Why, as a clause.
  public mutating func failed(_ sentence: String, at now: Timestamp) {
    tries += 1
    let wait = min(NewsQueue.waits.upperBound, NewsQueue.waits.lowerBound * Double(1 << min(failures, 16)))
    failures += 1
    notBefore = now + .seconds(wait)
    trouble = (sentence, trouble?.since ?? now)
  }
}
