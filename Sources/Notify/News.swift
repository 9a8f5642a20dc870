import Wire

/// Something that became of a finding, for whoever is told.
public struct News: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable { case opened, worsened, eased, ended }

  public var kind: Kind
  /// The finding's identity, the same while it lasts.
  public var identity: String
  public var code: String
  /// As it is now; of one that is over, as it was at the end.
  public var severity: String
  public var subject: String
  public var server = ""
  public var cluster = ""
  public var account = ""
  public var stream = ""
  /// Tells findings of one code about one subject apart; empty where there is one.
  public var aspect = ""
  public var sentence: String
  public var remedy = ""
  public var opened: Timestamp
  public var ended: Timestamp?
  /// A path of the gateway that shows it.
  public var link = ""

  public init(
    _ kind: Kind, identity: String, code: String, severity: String, subject: String, sentence: String, opened: Timestamp,
    ended: Timestamp? = nil
  ) {
    (self.kind, self.identity, self.code, self.severity, self.subject) = (kind, identity, code, severity, subject)
    (self.sentence, self.opened, self.ended) = (sentence, opened, ended)
  }
}
