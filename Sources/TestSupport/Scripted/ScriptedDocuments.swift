import Foundation

/// Answers for scripted servers.
public enum ScriptedDocuments {
  /// A few members for every endpoint, named after the server.
  @Sendable public static func small(_ request: ScriptedRequest) -> String? {
    let server = request.server
    return #"{"server_id":"\#(server.id)","server_name":"\#(server.name)","now":"2026-11-20T21:35:44.16018372Z","connections":2}"#
  }

  /// A document of about so many bytes, for measuring.
  public static func padded(to bytes: Int) -> ScriptedServers.Documents {
    let padding = String(repeating: "x", count: max(0, bytes - 400))
    return { request in
      #"{"server_id":"\#(request.server.id)","server_name":"\#(request.server.name)","version":"\#(request.server.version)","#
        + #""now":"2026-11-20T21:35:44.16018372Z","connections":2,"tags":["\#(padding)"]}"#
    }
  }

  /// CONNZ with so many connections a server: asked for a page, it gives the first rows by the key asked for, as a server does.
  ///
  /// Connection `n` has `cid` n, and its counters fall with n, so that every descending sort gives the same order.
  public static func connections(_ count: Int) -> ScriptedServers.Documents {
    { request in
      guard request.endpoint == "CONNZ" else { return small(request) }
      let options = (try? JSONSerialization.jsonObject(with: Data(request.payload)) as? [String: Any]) ?? [:]
      let offset = options["offset"] as? Int ?? 0
      let limit = max(1, options["limit"] as? Int ?? 1024)
      let rows = (offset..<max(offset, min(count, offset + limit))).map { row($0 + 1, of: count, on: request.server) }
      return #"{"server_id":"\#(request.server.id)","now":"2026-11-20T21:35:44.16018372Z","num_connections":\#(rows.count),"#
        + #""total":\#(count),"offset":\#(offset),"limit":\#(limit),"connections":[\#(rows.joined(separator: ","))]}"#
    }
  }

  private static func row(_ cid: Int, of count: Int, on server: ScriptedServer) -> String {
    let weight = (count - cid) * 1000 + Int(server.id.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0x3FF })
    return #"{"cid":\#(cid),"kind":"Client","type":"nats","ip":"127.0.0.1","port":\#(20_000 + cid % 40_000),"#
      + #""start":"2026-11-20T21:35:42.441439792Z","last_activity":"2026-11-20T21:35:43.441439792Z","rtt":"664µs","uptime":"2s","idle":"1s","#
      + #""pending_bytes":0,"in_msgs":\#(weight),"out_msgs":\#(weight),"in_bytes":\#(weight * 10),"out_bytes":\#(weight * 10),"#
      + #""subscriptions":\#(weight % 100),"name":"client-\#(cid)","lang":"go","version":"1.30.0"}"#
  }
}
