import Wire

/// What a check says of one thing.
public struct Fault: Sendable {
  public var severity: Severity
  /// One sentence for people, with the figures in it and without an age.
  public var sentence: String
  public var evidence: [(name: String, value: Evidence)]
  /// What tells it apart from other faults of the same thing: a peer, a listener.
  public var part: String
  /// Since when it is so, where that is known by itself.
  public var since: Timestamp?
  /// Who of the clients is behind it; empty where nobody knows.
  public var client = ""
  /// Names of the servers of the subject's cluster that hold what it is about, where none of them tells of it.
  public var holders: [String] = []

  init(
    _ severity: Severity, _ sentence: Sentence, part: String = "", since: Timestamp? = nil,
    _ evidence: [(name: String, value: Evidence)] = []
  ) {
    self.severity = severity
    self.sentence = sentence.text
    self.part = part
    self.since = since
    self.evidence = evidence
  }

  /// A sentence that was put together elsewhere. Generic, as literals would be taken for strings otherwise.
  @_disfavoredOverload
  init<Words: StringProtocol>(
    _ severity: Severity, _ sentence: Words, part: String = "", _ evidence: [(name: String, value: Evidence)] = []
  ) {
    self.init(severity, "\(String(sentence))", part: part, evidence)
  }
}
