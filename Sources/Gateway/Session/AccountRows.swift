import SystemAPI
import Wire

/// Keeps connections of other accounts out of an answer about one account.
enum AccountRows {
  /// The reply if all its connections are of the account; else the same reply with an empty list of them.
  ///
  /// The request has to ask for `auth`, so that rows name their account. Those that name none are of the global one.
  ///
  /// - Parameter now: The time that an empty list is of.
  static func checked(_ reply: Reply, account: String, now: Timestamp) -> Reply {
    guard let data = reply.data else { return reply }
    let isOwn = reply.payload.withUnsafeBufferPointer { bytes -> Bool in
      guard let list = JSONBytes.member("connections", bytes, data) else { return true }
      var rows = JSONElements(bytes, list)
      while let row = rows.next() {
        let named = JSONBytes.member("account", bytes, row).flatMap { JSONBytes.string(bytes, $0) }
        if (named ?? "$G") != account { return false }
      }
      return true
    }
    return isOwn ? reply : emptied(reply, now: now)
  }

  private static func emptied(_ reply: Reply, now: Timestamp) -> Reply {
    var json = JSONWriter()
    json.object { json in
      json.member("server_id", reply.server.id)
      json.member("now", now.rfc3339)
      json.member("num_connections", 0)
      json.member("total", 0)
      json.member("offset", 0)
      json.member("limit", 1)
      json.key("connections")
      json.raw(Array("[]".utf8))
    }
    var payload: [UInt8] = []
    var serverRange: Range<Int>?
    if let range = reply.serverRange {
      payload += reply.payload[range]
      serverRange = 0..<payload.count
    }
    let start = payload.count
    payload += json.bytes
    return reply.with(payload: payload, serverRange: serverRange, data: start..<payload.count)
  }
}
