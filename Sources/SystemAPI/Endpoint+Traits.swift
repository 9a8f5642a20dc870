import Wire

extension Endpoint {
  /// What decides the HTTP status of an answer.
  public enum StatusRule: Sendable, Equatable {
    /// 200.
    case ok
    /// The health that the document tells: 200 only where everybody who is expected is well, or as many as this parameter says.
    case health(quorum: String)
  }

  /// How large replies may be.
  public enum Size: Sendable, Equatable {
    case small
    /// Megabytes, so that compressing them pays.
    case large
  }

  /// One way in which a server's monitoring port differs from its system service.
  public enum PortDifference: Sendable, Equatable {
    /// Before this version the port gives the statistics alone where no row is listed: without the list's members.
    case noListBefore(ServerVersion)
    /// The document's `status_code` is the HTTP status there, and not in the document.
    case noStatusCode
    /// One variable a line, by name, as Go's expvar package prints them.
    case goVariables
    /// An empty document is 404 with this sentence.
    case emptyIsNotFound(String)
    /// From these releases on an account with nothing but leafnode connections counts as used.
    case leafnodesAreUse(since: [ServerVersion])
  }

  /// How one account is asked for where its name holds a dot and cannot be a token of the subject: every server is asked, with an
  /// option that filters.
  public struct AccountFallback: Sendable, Equatable {
    public enum Target: Sendable, Equatable {
      /// `…SERVER.PING.<service>`
      case everyServer(service: String)
      /// `…ACCOUNT.PING.STATZ`
      case accountStatistics
    }

    /// What of the reply is the answer.
    public enum Part: Sendable, Equatable {
      case whole
      /// The member `account_detail`.
      case accountDetail
      /// The row of `account_details` with the account's name as its id.
      case jetStreamAccount
    }

    public let target: Target
    /// The option that filters.
    public let option: String
    /// The option takes a list of names.
    public let isList: Bool
    public let part: Part
    /// A server that is asked for a row by this parameter hands it out whatever account it was asked about: rows have to be checked.
    public let rowsCheckedWith: String?

    init(
      _ target: Target, option: String = "account", isList: Bool = false, part: Part = .whole, rowsCheckedWith: String? = nil
    ) {
      self.target = target
      self.option = option
      self.isList = isList
      self.part = part
      self.rowsCheckedWith = rowsCheckedWith
    }
  }

  /// The parameter that says how many healthy servers suffice; nil where the document is not about health.
  public var quorum: String? {
    if case .health(let quorum) = status { return quorum }
    return nil
  }

  /// The status follows from the document.
  public var isHealth: Bool { quorum != nil }

  /// Every name that a path may end with: its own and its other ones.
  public var names: [String] { [name] + aliases }
}
