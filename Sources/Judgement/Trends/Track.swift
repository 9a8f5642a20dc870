import Wire

/// How one thing went over a window: its readings, the oldest first, the last one of now.
struct Track<Figures: TrendFigures>: Sendable {
  let points: [(at: Timestamp, figures: Figures)]

  init?(_ points: [(at: Timestamp, figures: Figures)]) {
    guard points.count > 1 else { return nil }
    self.points = points
  }

  var first: Figures { points[0].figures }
  var last: Figures { points[points.count - 1].figures }
  var span: Span { points[points.count - 1].at - points[0].at }
  /// `15m`
  var text: String { PlainText.span(span) }

  /// It was more at each reading than at the one before.
  func rises(_ figure: (Figures) -> Int) -> Bool { zip(points, points.dropFirst()).allSatisfy { figure($0.figures) < figure($1.figures) } }

  /// It was the same at each reading.
  func stands(_ figure: (Figures) -> Int) -> Bool { points.allSatisfy { figure($0.figures) == figure(first) } }

  func most(_ figure: (Figures) -> Int) -> Int { points.map { figure($0.figures) }.max() ?? 0 }

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
