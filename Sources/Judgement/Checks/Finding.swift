import Wire

/// Something that is wrong or nearly so, in words, with what shows it.
public struct Finding: Sendable {
  /// What stays the same while it lasts, whatever becomes of its evidence.
  public struct Identity: Hashable, Sendable {
    public var code: String
    public var subject: Subject
    public var part: String
  }

  /// Of its check.
  public var code: String
  public var severity: Severity
  public var subject: Subject
  public var sentence: String
  public var evidence: [(name: String, value: Evidence)]
  public var part: String
  public var since: Timestamp?
  /// Who of the clients is behind it; empty where nobody knows.
  public var client: String
  /// Names of the servers of its cluster that hold what it is about, where none of them tells of it.
  public var holders: [String]

  public var identity: Identity { Identity(code: code, subject: subject, part: part) }

  init(_ code: String, _ subject: Subject, _ fault: Fault) {
    self.code = code
    self.subject = subject
    severity = fault.severity
    sentence = fault.sentence
    evidence = fault.evidence
    part = fault.part
    since = fault.since
    client = fault.client
    holders = fault.holders
  }
}
