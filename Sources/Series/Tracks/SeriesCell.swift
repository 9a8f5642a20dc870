/// What is known of a figure over some time: of one reading, or of several that became one.
public struct SeriesCell: Sendable, Equatable {
  /// Readings that it is made of.
  public var count: Int
  public var min: Double
  public var max: Double
  public var sum: Double
  public var first: Double
  public var last: Double
  /// How much a counter grew, over how many milliseconds: only where two readings follow each other and count from the same beginning.
  public var grown = 0.0
  public var covered: Int64 = 0
  /// The least and the greatest growth a second between two readings; of use where `covered` is not 0.
  public var slowest = 0.0
  public var fastest = 0.0

  public var mean: Double { sum / Double(Swift.max(1, count)) }
  /// Growth a second; nil where it is not known.
  public var rate: Double? { covered > 0 ? grown / Double(covered) * 1000 : nil }

  public init(_ value: Double) {
    count = 1
    min = value
    max = value
    sum = value
    first = value
    last = value
  }

  /// Takes up that a counter stood at `value` some milliseconds before its first reading here. Where it has fallen since, it counts from
  /// another beginning, and nothing is known of its growth.
  public mutating func follow(_ value: Double, after milliseconds: Int64) {
    guard first >= value, milliseconds > 0 else { return }
    take(grown: first - value, covered: milliseconds, at: (first - value) / Double(milliseconds) * 1000)
  }

  private mutating func take(grown more: Double, covered time: Int64, at rate: Double) {
    slowest = covered > 0 ? Swift.min(slowest, rate) : rate
    fastest = covered > 0 ? Swift.max(fastest, rate) : rate
    grown += more
    covered += time
  }

  /// Takes up what was known later.
  public mutating func add(_ later: SeriesCell) {
    count += later.count
    min = Swift.min(min, later.min)
    max = Swift.max(max, later.max)
    sum += later.sum
    last = later.last
    guard later.covered > 0 else { return }
    let (slow, fast) = (later.slowest, later.fastest)
    slowest = covered > 0 ? Swift.min(slowest, slow) : slow
    fastest = covered > 0 ? Swift.max(fastest, fast) : fast
    grown += later.grown
    covered += later.covered
  }
}
