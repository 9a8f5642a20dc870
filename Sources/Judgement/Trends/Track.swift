import Wire

/// How one thing went over a window: its readings, the oldest first, the last one of now. Nothing is copied for it: there are many.
struct Track<Figures: TrendFigures>: Sendable {
  private let readings: [TrendReading<Figures>]
  private let place: Int
  /// The first of the readings that counts.
  private var start: Int
  let last: Figures
  private let end: Timestamp
  /// Of the first one.
  private(set) var begin: Timestamp
  private(set) var first: Figures

  /// nil for what is not there now, and for a single reading. What is not there now is over, whatever it was.
  init?(_ readings: [TrendReading<Figures>], _ place: Int) {
    guard let now = readings.last, let last = now[place], let start = readings.firstIndex(where: { $0[place] != nil }),
      start < readings.count - 1, let first = readings[start][place]
    else { return nil }
    (self.readings, self.place, self.start, self.last, end) = (readings, place, start, last, now.at)
    (begin, self.first) = (readings[start].at, first)
  }

  /// Since it began to count anew; nil where that was only now.
  var sinceAnew: Track? {
    var track = self
    var earlier = first
    for index in readings.indices.dropFirst(start + 1) {
      guard let figures = readings[index][place] else { continue }
      if figures.isAnew(after: earlier) { (track.start, track.begin, track.first) = (index, readings[index].at, figures) }
      earlier = figures
    }
    return track.start < readings.count - 1 ? track : nil
  }

  var span: Span { end - begin }
  /// `15m`
  var text: String { PlainText.span(span) }

  /// The figures of each reading that has them.
  var figures: some Sequence<Figures> { readings[start...].lazy.compactMap { [place] in $0[place] } }
  var count: Int { figures.reduce(0) { count, _ in count + 1 } }

  /// It was more at each reading than at the one before.
  func rises(_ figure: (Figures) -> Int) -> Bool {
    var earlier: Int?
    for figures in figures {
      let now = figure(figures)
      if let earlier, earlier >= now { return false }
      earlier = now
    }
    return true
  }

  /// It was the same at each reading.
  func stands(_ figure: (Figures) -> Int) -> Bool { figures.allSatisfy { figure($0) == figure(first) } }

  func most(_ figure: (Figures) -> Int) -> Int { figures.reduce(figure(last)) { max($0, figure($1)) } }

  /// Below zero where it has fallen.
  func grown(_ figure: (Figures) -> Int) -> Int { figure(last) - figure(first) }

  func perMinute(_ figure: (Figures) -> Int) -> Double { Double(grown(figure)) / max(1, span.seconds) * 60 }

  /// Of what grows, in whole numbers: at least one.
  func growth(_ figure: (Figures) -> Int) -> Int { max(1, Amount.of(perMinute(figure).rounded())) }

  /// When what grows as it did over the window reaches a limit; nil where it does not grow, or is there.
  func left(_ figure: (Figures) -> Int, until limit: Int) -> Span? {
    let (now, rate) = (figure(last), perMinute(figure))
    guard rate > 0, now < limit else { return nil }
    return .seconds(min(Double(limit - now) / rate * 60, 1e9))
  }
}

extension Span {
  /// For people: `2h10m`.
  var text: String { PlainText.span(self) }
}
