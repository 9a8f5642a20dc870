import Wire

/// What was read of things of one kind at one moment.
struct TrendReading<Figures: TrendFigures>: Sendable {
  let at: Timestamp
  /// By the places of their keys; nil for what was not there, or not told of.
  var rows: [Figures?]

  subscript(_ place: Int) -> Figures? { place < rows.count ? rows[place] : nil }
}

/// How far apart readings are kept.
enum TrendSpacing {
  /// Of the last minutes.
  static let fine = Span.seconds(150)
  /// Two looks that are nearer are no course.
  static let near = Span.seconds(75)
  static let recent = Span.seconds(1500)
  /// Of the time before. A little less than an hour: looks are not on the minute.
  static let coarse = Span.seconds(3300)
  static let memory = Span.seconds(30 * 3600)
}

/// The time that a check looks back over.
struct TrendWindow: Hashable {
  let now: Timestamp
  let span: Span

  /// What is known of one that ends now.
  struct Known {
    /// None where nothing is known of now.
    let readings: Int
    /// From the first to the last.
    let span: Span
    /// Things of which it is not known how they went: their figures were given up while they were away.
    let returned: Int
  }

  /// Looks are not where the window begins: the last one before counts as its beginning.
  func holds(_ time: Timestamp) -> Bool { time <= now && (now - time).seconds <= span.seconds * 1.2 }

  func isFilled(by span: Span) -> Bool { span.seconds >= self.span.seconds * 0.8 }
}
