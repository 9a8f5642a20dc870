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

/// Why a receiver of news of findings gets none, and since when.
public struct NotifyTrouble: Sendable, Equatable {
  /// Without secrets.
  public var target: String
  /// One clause, for people.
  public var sentence: String
  public var since: Timestamp?

  public init(target: String, sentence: String, since: Timestamp? = nil) {
    (self.target, self.sentence, self.since) = (target, sentence, since)
  }
}
