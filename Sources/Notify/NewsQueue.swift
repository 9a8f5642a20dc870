import DequeModule
import Wire

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
