import Wire

/// One moment that was recorded, without its documents.
public struct EpochHeader: Sendable, Equatable {
  /// The interval's number since 1970: several gateways mean the same moment by it.
  public var number: Int
  /// When its first question left.
  public var began: Timestamp
  /// When it was whole: the moment that answers made of it speak of.
  public var at: Timestamp
  /// Servers expected to answer, and those that did; nil where nobody knew who is there.
  public var expected: Int?
  public var responded: Int
  public var missing: Int
  /// Findings of each severity; nil where they were not judged.
  public var findings: FindingCounts?
  /// The documents that servers were asked for, by name. What is not among them was not recorded, as opposed to: was not answered.
  public var documents: [String]
  /// What its documents take in the store, and what they are unpacked.
  public var bytes = 0
  public var documentBytes = 0

  public init(
    number: Int, began: Timestamp, at: Timestamp, expected: Int?, responded: Int, missing: Int, findings: FindingCounts? = nil,
    documents: [String]
  ) {
    self.number = number
    self.began = began
    self.at = at
    self.expected = expected
    self.responded = responded
    self.missing = missing
    self.findings = findings
    self.documents = documents
  }
}

/// How many findings of each severity there were.
public struct FindingCounts: Sendable, Equatable {
  public var critical: Int
  public var warning: Int
  public var info: Int

  public init(critical: Int = 0, warning: Int = 0, info: Int = 0) {
    self.critical = critical
    self.warning = warning
    self.info = info
  }
}
