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
///
/// Each caller who waits holds one, so what it says lies behind a reference, with its hash: a copy costs one count.
public struct Question: Hashable, Sendable {
  private struct Content: Hashable, Sendable {
    var who: Who
    var filters: ServerFilters
    var since: [ServerVersion]
    var oneAnswer: Bool
    var waitsForDiscovery = true
    var form: QuestionForm
  }

  private final class Storage: Sendable {
    let content: Content
    let hash: Int
    let asksEverybody: Bool

    init(_ content: Content) {
      self.content = content
      // Service and payload tell nearly all questions apart; equality looks at the rest.
      var hasher = Hasher()
      hasher.combine(content.who)
      hasher.combine(content.form.payload)
      hasher.combine(content.form.service)
      hash = hasher.finalize()
      asksEverybody = content.who == .every && content.filters.isEmpty
    }
  }

  private var storage: Storage

  public init(
    _ who: Who, filters: ServerFilters = ServerFilters(), since: [ServerVersion] = [], oneAnswer: Bool = false, form: QuestionForm
  ) {
    storage = Storage(Content(who: who, filters: filters, since: since, oneAnswer: oneAnswer, form: form))
  }

  public var who: Who { storage.content.who }
  public var filters: ServerFilters { storage.content.filters }
  /// The releases that have the endpoint (`Endpoint.since`); older servers are unsupported instead of missing.
  public var since: [ServerVersion] { storage.content.since }
  /// One answer is all that is expected of each JetStream domain (`leader-only`).
  public var oneAnswer: Bool { storage.content.oneAnswer }
  /// What is asked; the model does not look inside.
  public var form: QuestionForm { storage.content.form }

  /// It waits for the end of the first discovery, so that nobody is left out; the gateway's own questions on the way there do not.
  public var waitsForDiscovery: Bool {
    get { storage.content.waitsForDiscovery }
    set {
      var content = storage.content
      content.waitsForDiscovery = newValue
      storage = Storage(content)
    }
  }

  public static func == (left: Question, right: Question) -> Bool {
    left.storage === right.storage || (left.storage.hash == right.storage.hash && left.storage.content == right.storage.content)
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(storage.hash) }

  /// The servers meant; of a single server the filters alone.
  public var scope: ServerScope {
    switch who {
    case .every: ServerScope(filters: filters)
    case .cluster(let name): ServerScope(cluster: name, filters: filters)
    case .server(_, let cluster), .connection(_, let cluster): ServerScope(cluster: cluster, filters: filters)
    }
  }

  /// Nobody is left out.
  var asksEverybody: Bool { storage.asksEverybody }

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
