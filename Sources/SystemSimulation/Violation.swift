/// A rule that did not hold.
public struct Violation: Error, Sendable, Hashable, CustomStringConvertible {
  /// Which, by the names of the rules in `Watch`.
  public enum Rule: String, Sendable, CaseIterable {
    /// Never complete without everybody who was expected, or before the first discovery has settled.
    case completeness
    /// `expected = responded + Σ missing`; complete exactly where nobody is missing.
    case identity
    /// Nobody is in two places.
    case onePlace
    /// No answer was made before it was asked for.
    case freshness
    /// Every ask ends once, and in time.
    case ending
    /// The end of a caller's time moves no standing and causes no probe.
    case callersOwn
    /// A question that was not sent blames nobody.
    case blame
    /// Nobody is suspect where nothing at all was heard.
    case suspicion
    /// What is well again is found well again.
    case healing
    /// A goodbye is final.
    case goodbye
    /// Ordinals are never shared.
    case ordinals
    /// Tables keep their bounds, and effects are bounded.
    case bounds
    /// Standings move by the table alone.
    case standings
    /// The same inputs give the same state.
    case replay
    /// Counters agree with what they count.
    case structure
    /// An effect that its owner cannot carry out.
    case effects
  }

  public let rule: Rule
  public let detail: String
  /// Milliseconds since the beginning.
  public let at: UInt64

  public var description: String { "\(rule.rawValue) after \(at) ms: \(detail)" }
}
