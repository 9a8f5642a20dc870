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

  static let shape = RequestShape(
    "ConnzEventOptions",
    [
      "sort": .string, "auth": .bool, "subscriptions": .bool, "subscriptions_detail": .bool, "offset": .int, "limit": .int,
      "cid": .uint64, "mqtt_client": .string, "state": .state, "user": .string, "acc": .string, "filter_subject": .string,
    ])

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

  /// The order of two connections; equal ones stay in the order of their ids.
  func precedes(_ left: ConnectionRecord, _ right: ConnectionRecord, at now: UInt64) -> Bool {
    func most<Value: Comparable>(_ key: (ConnectionRecord) -> Value) -> Bool {
      let (first, second) = (key(left), key(right))
      return first == second ? left.cid < right.cid : first > second
    }
    switch sort {
    case "subs": return most(\.subscriptionCount)
    case "pending": return most(\.pendingBytes)
    case "msgs_to": return most(\.outMessages)
    case "msgs_from": return most(\.inMessages)
    case "bytes_to": return most(\.outBytes)
    case "bytes_from": return most(\.inBytes)
    case "last": return most(\.lastActivity)
    case "rtt": return most(\.rtt)
    case "idle": return most { $0.idle(at: now) }
    case "uptime":
      let (first, second) = (left.uptime(at: now), right.uptime(at: now))
      return first == second ? left.cid < right.cid : first < second
    case "stop": return most { $0.stop ?? 0 }
    case "reason":
      let (first, second) = (left.reason?.rawValue ?? "", right.reason?.rawValue ?? "")
      return first == second ? left.cid < right.cid : first < second
    default: return left.cid < right.cid
    }
  }
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
