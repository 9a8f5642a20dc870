import Wire

/// A look at everything: what was found before and is not over was there.
public struct Look: Sendable, Equatable {
  public var at: Timestamp
  /// Codes of checks of which it says nothing.
  public var uncertain: Set<String>

  public init(at: Timestamp, uncertain: Set<String> = []) { (self.at, self.uncertain) = (at, uncertain) }
}
