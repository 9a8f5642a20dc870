/// The steps of an answer: equally long, and beginning at whole multiples of their length since 1970, so that two answers have the same ones.
public struct SeriesGrid: Sendable, Equatable {
  /// Steps of one answer.
  public static let most = 2_000
  /// As many as there are at most where nobody chooses how long they are.
  public static let usual = 500
  /// How long they may become by themselves, in seconds.
  static let lengths = [1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 604_800]

  /// Milliseconds since 1970; both ends are asked for.
  public let since: Int64
  public let until: Int64
  /// Milliseconds.
  public let step: Int64
  /// When the first step begins, milliseconds since 1970.
  public let begin: Int64
  public let count: Int

  /// - Parameters:
  ///   - step: Seconds; nil for what suits the span.
  ///   - least: Seconds: how far apart what is kept of the span is.
  public init(since: Int64, until: Int64, step: Int?, least: Int) {
    let span = max(0, until - since) / 1000
    let least = max(1, least)
    let wanted = step ?? SeriesGrid.lengths.first { $0 >= least && span / Int64($0) < Int64(SeriesGrid.usual) } ?? 604_800
    // A step holds whole points of what was thinned.
    let seconds = (max(wanted, least) + least - 1) / least * least
    self.since = since
    self.until = max(since, until)
    self.step = Int64(seconds) * 1000
    begin = since / self.step * self.step
    count = Int((self.until - begin) / self.step) + 1
  }

  /// The shortest step that a span can have, in seconds.
  public static func shortest(since: Int64, until: Int64) -> Int64 { max(1, (until - since) / 1000 / Int64(most - 1) + 1) }

  func place(of time: Int64) -> Int { Int((time - begin) / step) }
}
