import SystemAPI
import Wire

/// What CONNZ was asked for, by the rules of the server's version.
struct ConnzRequest {
  /// In what order rows come.
  enum Order {
    /// Rows of one key come by `cid`; servers give them in no order.
    case number(StaticString, descending: Bool)
    case time(StaticString, descending: Bool)
    case duration(StaticString, descending: Bool)
    /// From the start to the last activity, the longest first: before 2.12.3 `idle` meant that.
    case active
    case cid
  }

  let order: Order
  let auth: Bool
  let subscriptions: SubscriptionsShown
  let offset: Int
  let limit: Int
  /// 0: any.
  let cid: UInt64
  let state: Int
  let user: String
  let account: String
  let mqttClient: String
  let filterSubject: String

  static let open = 0
  private static let closed = 1
  private static let any = 2
  private static let defaultLimit = Endpoint.connz.rows?.defaultLimit ?? 1024

  /// - Parameter account: From the subject; it overrides the option.
  init(_ request: RequestPayload, account: String?, _ documents: RecordedDocuments) throws(Obstacle) {
    auth = request.bool("auth")
    offset = max(0, request.int("offset"))
    cid = request.uint64("cid")
    limit = cid > 0 ? 1 : request.int("limit") > 0 ? request.int("limit") : Self.defaultLimit
    state = request.int("state")
    user = request.string("user")
    self.account = account ?? request.string("acc")
    mqttClient = request.string("mqtt_client")
    let filter = request.string("filter_subject")
    filterSubject = filter == ">" ? "" : filter
    order = try Self.order(request.string("sort"), state: state, documents)
    if !filterSubject.isEmpty, self.account.isEmpty {
      throw .refused("filter by subject only valid with account filtering")
    }
    subscriptions = try SubscriptionsShown(request, .connz, documents)
    switch state {
    case Self.closed: throw .lacking(.connz, "state", value: "closed")
    case Self.any: throw .lacking(.connz, "state", value: "any")
    default: break
    }
    if auth { try documents.need(.connz, "auth", for: "auth") }
    if !self.account.isEmpty, !documents.holds(.connz, "account") { try documents.need(.connz, "auth", for: "acc", self.account) }
    if !user.isEmpty { try documents.need(.connz, "auth", for: "user", user) }
  }

  private static func order(_ name: String, state: Int, _ documents: RecordedDocuments) throws(Obstacle) -> Order {
    if name.isEmpty { return .cid }
    guard let key = Endpoint.connz.rows?.sorts.first(where: { $0.name == name }) else {
      throw .refused("invalid sorting option: \(name)")
    }
    switch name {
    case "cid", "start": return .cid
    case "subs": return .number("subscriptions", descending: true)
    case "pending": return .number("pending_bytes", descending: true)
    case "msgs_to": return .number("out_msgs", descending: true)
    case "msgs_from": return .number("in_msgs", descending: true)
    case "bytes_to": return .number("out_bytes", descending: true)
    case "bytes_from": return .number("in_bytes", descending: true)
    case "last": return .time("last_activity", descending: true)
    // Whole seconds would not tell them apart: who was active last has been idle for the shortest time.
    case "idle": return documents.isSince(key.since) ? .time("last_activity", descending: false) : .active
    case "uptime": return .time("start", descending: true)
    case "rtt":
      guard documents.isSince(key.since) else { throw .refused("invalid sorting option: \(name)") }
      return .duration("rtt", descending: true)
    default:
      guard state == closed else { throw .refused("sort by \(name) only valid on closed connections") }
      throw .lacking(.connz, "state", value: "closed")
    }
  }

  /// Members of rows that are not shown.
  var hidden: MemberNames {
    MemberNames((auth ? [] : Self.shownWithAuth) + subscriptions.hidden)
  }

  /// The same in all versions.
  private static let shownWithAuth: [StaticString] = [
    "authorized_user", "account", "jwt", "issuer_key", "name_tag", "tags", "tls_peer_certs",
  ]
}
