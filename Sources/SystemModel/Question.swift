import SystemAPI
import Wire

/// Whom a question is for, by name; the model knows who bears it.
public enum Who: Hashable, Sendable {
  case every
  case cluster(String)
  /// The one server of this id or name.
  case server(String, cluster: String?)
  /// The server of this ordinal, for a `cid` of a merged document.
  case connection(Ordinal, cluster: String?)
}

/// What is asked of whom. Callers with equal questions share one.
public struct Question: Hashable, Sendable {
  public var who: Who
  public var filters: ServerFilters
  /// The releases that have the endpoint (`Endpoint.since`); older servers are unsupported instead of missing.
  public var since: [ServerVersion]
  /// One answer is all that is expected of each JetStream domain (`leader-only`).
  public var oneAnswer: Bool
  /// It waits for the end of the first discovery, so that nobody is left out; the gateway's own questions on the way there do not.
  public var waitsForDiscovery = true
  /// What is asked; the model does not look inside.
  public var form: QuestionForm

  public init(
    _ who: Who, filters: ServerFilters = ServerFilters(), since: [ServerVersion] = [], oneAnswer: Bool = false, form: QuestionForm
  ) {
    self.who = who
    self.filters = filters
    self.since = since
    self.oneAnswer = oneAnswer
    self.form = form
  }

  /// Service and payload tell nearly all questions apart; equality looks at the rest.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(who)
    hasher.combine(form.payload)
    hasher.combine(form.service)
  }

  /// The servers meant; of a single server the filters alone.
  public var scope: ServerScope {
    switch who {
    case .every: ServerScope(filters: filters)
    case .cluster(let name): ServerScope(cluster: name, filters: filters)
    case .server(_, let cluster), .connection(_, let cluster): ServerScope(cluster: cluster, filters: filters)
    }
  }

  /// Nobody is left out.
  var asksEverybody: Bool { who == .every && filters.isEmpty }

  /// It is about one server alone, or about some.
  public var asksOne: Bool {
    switch who {
    case .every, .cluster: false
    case .server, .connection: true
    }
  }
}

/// Where a question goes.
public enum Target: Hashable, Sendable {
  /// To every server, which leave out themselves by the filters of the payload.
  case every
  case server(ServerRef, ServerID)
}
