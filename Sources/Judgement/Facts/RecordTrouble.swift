import Wire

/// Why the gateway records nothing, and since when.
public struct RecordTrouble: Sendable, Equatable {
  /// One clause, for people.
  public var sentence: String
  public var since: Timestamp?

  public init(sentence: String, since: Timestamp? = nil) {
    self.sentence = sentence
    self.since = since
  }
}
