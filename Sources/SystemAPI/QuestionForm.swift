/// The part of a reply's document that answers for one account, where the account's name cannot stand in a subject and the
/// question went to every account's service with a filter.
public enum ReplyPart: Hashable, Sendable {
  /// `account_detail` of accountz.
  case accountDetail
  /// The row of jsz's `account_details` with this id.
  case jetStreamAccount(String)
}

/// What is asked: the service, its options, and how the reply is to be read.
public struct QuestionForm: Hashable, Sendable {
  /// Where the question goes.
  public enum Service: Hashable, Sendable {
    /// `…SERVER.PING.<service>` to all, `…SERVER.<id>.<service>` to one.
    case server(String)
    /// `…ACCOUNT.PING.STATZ`, which has no form for one server: its name goes along as a filter.
    case accountStatistics
    /// A subject that is whole, such as `$SYS.REQ.ACCOUNT.<id>.CONNZ`; every server answers.
    case subject(String)
  }

  public var service: Service
  /// The options, as JSON; empty for none.
  public var payload: String
  /// `varz`, `account/connz`: under which its cost is counted, and for errors.
  public var endpoint: String
  /// Where the reply keeps its document.
  public var envelope: Endpoint.Envelope
  /// Replies may be large; ask for them compressed.
  public var compress: Bool
  /// What of the reply's document is the answer; nil = all of it.
  public var part: ReplyPart?
  /// The account that every connection in a reply has to be of; empty where that is not to be checked. A server that is asked for a
  /// connection by its `cid` hands it out whatever account it was asked about.
  public var rowsOf: String

  public init(
    _ service: Service, payload: String = "", endpoint: String, envelope: Endpoint.Envelope = .data, compress: Bool = false,
    part: ReplyPart? = nil, rowsOf: String = ""
  ) {
    self.service = service
    self.payload = payload
    self.endpoint = endpoint
    self.envelope = envelope
    self.compress = compress
    self.part = part
    self.rowsOf = rowsOf
  }
}
