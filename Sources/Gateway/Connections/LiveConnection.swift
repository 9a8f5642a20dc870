import SystemAPI
import Wire

/// A connection as its server told of it, as far as a list of connections goes.
struct LiveConnection: Sendable, Equatable {
  /// Its server's place among those of the reading.
  var server = 0
  var cid: UInt64 = 0
  var kind = ""
  var type = ""
  var name = ""
  var mqttClient = ""
  /// The account's id, and the name that its JWT gives it.
  var account = ""
  var accountName = ""
  var user = ""
  var ip = ""
  var port = 0
  var language = ""
  var version = ""
  var tls = ""
  var start = ""
  var lastActivity = ""
  /// Durations as the server printed them.
  var rtt = ""
  var uptime = ""
  var idle = ""
  var pending = 0
  var subscriptions = 0
  var stalls = 0
  var counters = ConnectionCounters()

  init() {}

  /// - Parameter row: One of connz' `connections`.
  init(_ row: JSONView, server: Int) {
    self.server = server
    row.forEachMember { take($0, $1) }
  }

  private mutating func take(_ member: String, _ value: JSONView) {
    func number() -> Int { Tally.of(value) }
    func text() -> String { value.string ?? "" }
    switch member {
    case "cid": cid = value.uint64 ?? 0
    case "kind": kind = text()
    case "type": type = text()
    case "name": name = text()
    case "mqtt_client": mqttClient = text()
    case "account": account = text()
    case "name_tag": accountName = text()
    case "authorized_user": user = text()
    case "ip": ip = text()
    case "port": port = number()
    case "lang": language = text()
    case "version": version = text()
    case "tls_version": tls = text()
    case "start": start = text()
    case "last_activity": lastActivity = text()
    case "rtt": rtt = text()
    case "uptime": uptime = text()
    case "idle": idle = text()
    case "pending_bytes": pending = number()
    case "subscriptions": subscriptions = number()
    case "stalls": stalls = number()
    case "in_msgs": counters.inMessages = number()
    case "out_msgs": counters.outMessages = number()
    case "in_bytes": counters.inBytes = number()
    case "out_bytes": counters.outBytes = number()
    default: break
    }
  }

  /// What people call it: its name, or what MQTT calls it.
  var shownName: String { name.isEmpty ? mqttClient : name }
  var shownAccount: String { accountName.isEmpty ? account.isEmpty ? "$G" : account : accountName }
  var address: String { "\(ip):\(port)" }
  var library: String { [language, version].filter { !$0.isEmpty }.joined(separator: " ") }

  /// Its members, under the names that connz has for them.
  func write(to json: inout JSONWriter) {
    json.member("cid", cid)
    json.member("kind", unlessEmpty: kind)
    json.member("type", unlessEmpty: type)
    json.member("ip", ip)
    json.member("port", port)
    json.member("start", unlessEmpty: start)
    json.member("last_activity", unlessEmpty: lastActivity)
    json.member("rtt", unlessEmpty: rtt)
    json.member("uptime", unlessEmpty: uptime)
    json.member("idle", unlessEmpty: idle)
    json.member("pending_bytes", pending)
    json.member("in_msgs", counters.inMessages)
    json.member("out_msgs", counters.outMessages)
    json.member("in_bytes", counters.inBytes)
    json.member("out_bytes", counters.outBytes)
    json.member("stalls", unlessZero: stalls)
    json.member("subscriptions", subscriptions)
    json.member("name", unlessEmpty: name)
    json.member("mqtt_client", unlessEmpty: mqttClient)
    json.member("lang", unlessEmpty: language)
    json.member("version", unlessEmpty: version)
    json.member("tls_version", unlessEmpty: tls)
    json.member("authorized_user", unlessEmpty: user)
    json.member("account", unlessEmpty: account)
    json.member("name_tag", unlessEmpty: accountName)
  }
}

/// What has gone through a connection since it began.
struct ConnectionCounters: Sendable, Equatable {
  var inMessages = 0
  var outMessages = 0
  var inBytes = 0
  var outBytes = 0
}

/// What goes through a connection, or through several, a second.
struct ConnectionRates: Sendable, Equatable {
  var inMessages = 0.0
  var outMessages = 0.0
  var inBytes = 0.0
  var outBytes = 0.0

  init() {}

  /// nil where a counter has begun anew: nothing is known then.
  init?(_ now: ConnectionCounters, since before: ConnectionCounters, seconds: Double) {
    guard seconds > 0, now.inMessages >= before.inMessages, now.outMessages >= before.outMessages, now.inBytes >= before.inBytes,
      now.outBytes >= before.outBytes
    else { return nil }
    func rate(_ now: Int, _ before: Int) -> Double { (Double(now - before) / seconds * 100).rounded() / 100 }
    inMessages = rate(now.inMessages, before.inMessages)
    outMessages = rate(now.outMessages, before.outMessages)
    inBytes = rate(now.inBytes, before.inBytes)
    outBytes = rate(now.outBytes, before.outBytes)
  }

  /// To two decimals, without what adding up leaves behind.
  var rounded: ConnectionRates {
    func round(_ rate: Double) -> Double { (rate * 100).rounded() / 100 }
    var rounded = self
    rounded.inMessages = round(inMessages)
    rounded.outMessages = round(outMessages)
    rounded.inBytes = round(inBytes)
    rounded.outBytes = round(outBytes)
    return rounded
  }

  static func += (sum: inout ConnectionRates, more: ConnectionRates) {
    sum.inMessages += more.inMessages
    sum.outMessages += more.outMessages
    sum.inBytes += more.inBytes
    sum.outBytes += more.outBytes
  }

  func write(to json: inout JSONWriter) {
    json.member("in_msgs", inMessages)
    json.member("out_msgs", outMessages)
    json.member("in_bytes", inBytes)
    json.member("out_bytes", outBytes)
  }
}
