import BrokerCore
import SystemAPI
import Wire

/// What CONNZ is asked for.
struct ConnzRequest {
  var sort = "cid"
  /// Who they are too.
  var auth = false
  var subscriptions = false
  var subscriptionDetail = false
  var offset = 0
  var limit = 1024
  /// 0: any.
  var cid: UInt64 = 0
  /// 0 open, 1 closed, 2 both; others match nothing.
  var state = 0
  var user = ""
  var account = ""
  var mqttClient = ""
  var filterSubject = ""

  /// The Go type that errors about a request's members name.
  static let typeName = "ConnzEventOptions"

  init() {}

  init(_ request: RequestPayload) {
    if !request.string("sort").isEmpty { sort = request.string("sort") }
    auth = request.bool("auth")
    subscriptions = request.bool("subscriptions")
    subscriptionDetail = request.bool("subscriptions_detail")
    offset = max(0, request.int("offset"))
    let wanted = request.int("limit")
    limit = wanted <= 0 ? 1024 : wanted
    cid = request.uint64("cid")
    if cid > 0 { limit = 1 }
    state = request.int("state")
    user = request.string("user")
    account = request.string("acc")
    mqttClient = request.string("mqtt_client")
    filterSubject = request.string("filter_subject")
    if filterSubject == ">" { filterSubject = "" }
  }

  var wantsOpen: Bool { state == 0 || state == 2 }
  var wantsClosed: Bool { state == 1 || state == 2 }
  var wantsSubscriptions: Bool { subscriptions || subscriptionDetail }

  private static let orders: Set<String> = [
    "cid", "start", "subs", "pending", "msgs_to", "msgs_from", "bytes_to", "bytes_from", "last", "idle", "uptime", "stop", "reason", "rtt",
  ]

  func check() throws(EndpointError) {
    guard Self.orders.contains(sort) else { throw .refused("invalid sorting option: \(sort)") }
    if (sort == "stop" || sort == "reason"), state != 1 { throw .refused("sort by \(sort) only valid on closed connections") }
    if !filterSubject.isEmpty, account.isEmpty { throw .refused("filter by subject only valid with account filtering") }
  }

  /// The smallest first; of all other orders the largest.
  var sortsUpwards: Bool { sort == "uptime" || sort == "reason" }
}

extension ConnectionRecord {
  func uptime(at now: UInt64) -> UInt64 {
    let end = stop ?? now
    return end - min(end, start)
  }

  func idle(at now: UInt64) -> UInt64 {
    let end = stop ?? now
    return end - min(end, lastActivity)
  }
}
