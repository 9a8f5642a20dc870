import Wire

/// What a check says of one thing.
public struct Fault: Sendable {
  public var severity: Severity
  /// One sentence for people, with the figures in it.
  public var sentence: String
  public var evidence: [(name: String, value: Evidence)]
  /// What tells it apart from other faults of the same thing: a peer, a listener.
  public var part: String
  /// Since when it is so, where that is known by itself.
  public var since: Timestamp?
  /// Who of the clients is behind it; empty where nobody knows.
  public var client = ""

  init(_ severity: Severity, _ sentence: String, part: String = "", _ evidence: [(name: String, value: Evidence)] = []) {
    self.severity = severity
    self.sentence = sentence
    self.part = part
    self.evidence = evidence
  }
}
