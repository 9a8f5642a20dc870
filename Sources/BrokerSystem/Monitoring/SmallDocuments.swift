import BrokerCore
import Reactor
import SystemAPI
import Wire

/// The documents of what a single server without JetStream has little or nothing of.
extension Monitor {
  func writeRoutez(_ json: inout JSONWriter) {
    json.object { json in
      json.member("server_id", server.serverID)
      json.member("server_name", server.serverName)
      json.member("now", WallClock.now())
      json.member("num_routes", 0)
      json.member("routes", array: { _ in })
    }
  }

  func writeGatewayz(_ json: inout JSONWriter) {
    json.object { json in
      head(&json)
      json.member("outbound_gateways") { _ in }
      json.member("inbound_gateways") { _ in }
    }
  }

  func writeLeafz(_ json: inout JSONWriter, account: String, subscriptions: Bool) {
    let leafs = server.book.leafs.filter { $0.isRegistered && (account.isEmpty || $0.account.name == account) }
    json.object { json in
      head(&json)
      json.member("leafnodes", leafs.count)
      json.member(
        "leafs",
        array: { json in
          for leaf in leafs { writeLeaf(&json, leaf.record(withSubscriptions: subscriptions), isSpoke: leaf.leaf?.isSpoke ?? false) }
        })
    }
  }

  private func writeLeaf(_ json: inout JSONWriter, _ record: ConnectionRecord, isSpoke: Bool) {
    json.object { json in
      json.member("id", record.cid)
      json.member("name", record.name)
      json.member("is_spoke", isSpoke)
      json.member("account", record.account)
      json.member("ip", record.host)
      json.member("port", Int(record.port))
      json.member("rtt", DurationText.rtt(record.rtt.nanoseconds))
      json.member("in_msgs", record.inMessages)
      json.member("out_msgs", record.outMessages)
      json.member("in_bytes", record.inBytes)
      json.member("out_bytes", record.outBytes)
      json.member("subscriptions", record.subscriptionCount)
      json.member("subscriptions_list", unlessEmpty: record.subscriptions.map(\.subject))
      json.member("compression", "off")
    }
  }

  func writeJsz(_ json: inout JSONWriter) {
    json.object { json in
      for name: StaticString in ["memory", "storage", "reserved_memory", "reserved_storage", "accounts", "ha_assets"] {
        json.member(name, 0)
      }
      json.member("api") { json in for name: StaticString in ["level", "total", "errors"] { json.member(name, 0) } }
      head(&json)
      json.member("disabled", true)
      json.member("config") { json in
        json.member("max_memory", 0)
        json.member("max_storage", 0)
      }
      for name: StaticString in ["streams", "consumers", "messages", "bytes", "total"] { json.member(name, 0) }
    }
  }

  func writeHealthz(_ json: inout JSONWriter, _ request: RequestPayload) {
    if !request.string("stream").isEmpty, request.string("account").isEmpty {
      return writeFault(&json, request, 400, "BAD_REQUEST", "\"account\" must not be empty when checking stream health")
    }
    if !request.string("consumer").isEmpty, request.string("stream").isEmpty {
      return writeFault(&json, request, 400, "BAD_REQUEST", "\"stream\" must not be empty when checking consumer health")
    }
    if server.isLameDuck || server.isStopped {
      return writeFault(&json, request, 500, "CONNECTION", "failed to be ready for connections after 1ms: server")
    }
    json.object { json in
      json.member("status", "ok")
      json.member("status_code", 200)
    }
  }

  private func writeFault(_ json: inout JSONWriter, _ request: RequestPayload, _ code: Int, _ type: String, _ text: String) {
    json.object { json in
      json.member("status", "error")
      json.member("status_code", code)
      guard request.bool("details") else { return json.member("error", text) }
      json.member(
        "errors",
        array: { json in
          json.object { json in
            json.member("type", type)
            json.member("error", text)
          }
        })
    }
  }

  /// nats-server's queues, and what is in progress in each.
  private static let queues = [("SendQ", 0), ("System recvQ", 1), ("System recvQ Pings", 0), ("System sendQ", 0)]

  /// The one queue that always has something in it when this is asked: the one that carries the request.
  func writeIpqueuesz(_ json: inout JSONWriter, filter: String, all: Bool) {
    json.object { json in
      for (name, inProgress) in Self.queues where all || inProgress > 0 {
        guard filter.isEmpty || name.contains(filter) else { continue }
        json.key(name)
        json.object { json in
          json.member("pending", 0)
          json.member("in_progress", unlessZero: inProgress)
        }
      }
    }
  }

}
