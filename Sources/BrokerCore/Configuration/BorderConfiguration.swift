/// What crosses an account's border: messages one way, or requests with their answers.
public enum BorderKind: String, Sendable { case stream, service }

/// How many answers one request may get through a service import.
public enum ServiceResponseType: String, Sendable {
  case singleton = "Singleton"
  case streamed = "Streamed"
  case chunked = "Chunked"
}

/// Which requests of a service are measured, and where the measurements go.
public struct ServiceLatencyConfiguration: Sendable, Equatable {
  public enum Sampling: Sendable, Equatable {
    case percent(Int)
    case headers
  }
  public var sampling: Sampling
  public var subject: String
  public init(sampling: Sampling = .percent(100), subject: String) {
    self.sampling = sampling
    self.subject = subject
  }
}

/// What an account offers to others.
public struct ExportConfiguration: Sendable, Equatable {
  public var kind: BorderKind
  public var subject: String
  /// The accounts that may import; nil: every account.
  public var accounts: [String]?
  public var responseType = ServiceResponseType.singleton
  /// Seconds after which an unanswered request is forgotten.
  public var responseThreshold: Double?
  public var latency: ServiceLatencyConfiguration?
  /// 1-based token that must equal the importing account's name; 0: none.
  public var accountTokenPosition = 0
  /// For monitoring only; the default is that nobody asked.
  public var allowTrace = false
  public init(_ kind: BorderKind, subject: String, accounts: [String]? = nil) {
    self.kind = kind
    self.subject = subject
    self.accounts = accounts
  }
}

/// What an account takes from another.
public struct ImportConfiguration: Sendable, Equatable {
  public var kind: BorderKind
  public var account: String
  public var subject: String
  public var to: String?
  public var prefix: String?
  public var share = false
  public var allowTrace = false
  public init(_ kind: BorderKind, account: String, subject: String, to: String? = nil) {
    self.kind = kind
    self.account = account
    self.subject = subject
    self.to = to
  }
}
