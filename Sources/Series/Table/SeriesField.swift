import Recorded

/// A figure that is kept over time: where it stands in a server's document, and what may be made of it.
public struct SeriesField: Sendable {
  public enum Measure: String, Sendable {
    /// It goes up and down.
    case gauge
    /// It grows until what counts is started anew, so that it has rates.
    case counter
  }

  /// How its value is read.
  enum Reading: Sendable {
    case number
    /// A duration as Go prints it, in milliseconds.
    case milliseconds
    /// How many connections there are.
    case connections
  }

  /// Several connections between the same two ends are one route or gateway.
  enum Joining: Sendable { case sum, largest }

  /// Which of a row's objects holds it.
  enum Side: Int, Sendable { case first, second }

  public let kind: SeriesKind
  public let name: String
  /// What stands for it in blocks: never given to another field of its kind.
  public let code: Int
  public let measure: Measure
  public let help: String
  let path: [String]
  let reading: Reading
  let joining: Joining
  let side: Side
  /// Servers leave it out where it is 0.
  let isOmittedAtZero: Bool

  init(
    _ kind: SeriesKind, _ code: Int, _ name: String, _ measure: Measure, _ path: String, _ help: String, _ reading: Reading = .number,
    joining: Joining = .sum, side: Side = .first, isOmittedAtZero: Bool = false
  ) {
    self.kind = kind
    self.code = code
    self.name = name
    self.measure = measure
    self.help = help
    self.path = path.split(separator: ".").map(String.init)
    self.reading = reading
    self.joining = joining
    self.side = side
    self.isOmittedAtZero = isOmittedAtZero
  }

  /// Where it stands, as documentation writes it: the document, then the members.
  public var origin: String { ([kind.document.rawValue] + path).joined(separator: ".") }

  static let byKind = Dictionary(grouping: table, by: \.kind)
}
