import Identity
import Reactor
import Wire

/// Measurements of services: which requests are sampled, and what is published about them.
extension Router {
  private static let traceHeaders = ["X-B3-TraceId", "B3", "Traceparent", "Uber-Trace-Id", "X-B3-Sampled"]

  /// Nil: not sampled; otherwise the headers that asked for it.
  func isSampled(_ message: Message, _ service: ServiceImport) -> [String: [String]]? {
    guard let latency = service.export.latency else { return nil }
    switch latency.sampling {
    case .percent(let percent):
      return percent >= 100 || Int.random(in: 0..<100) < percent ? [:] : nil
    case .headers:
      guard message.headerSize > 0 else { return nil }
      var found: [String: [String]] = [:]
      for name in Self.traceHeaders {
        let values = HeaderBlock(message.header).values(name)
        if !values.isEmpty { found[name] = values }
      }
      if found["X-B3-Sampled"] == ["0"] { return nil }
      return found.isEmpty ? nil : found
    }
  }

  /// Publishes one sample in the exporting account.
  func sendLatency(_ pending: PendingReply, responder: ClientConnection?) {
    let service = pending.serviceImport
    guard let latency = service.export.latency else { return }
    let total = MonotonicClock.now() - pending.startedAt
    let requester = book.clients[pending.requester]
    let requesterRTT = requester?.rtt ?? .zero
    let responderRTT = responder?.rtt ?? .zero
    let serviceTime = max(.zero, total - responderRTT)
    var json = JSONWriter(capacity: 512)
    json.object { json in
      json.member("type", "io.nats.server.metric.v1.service_latency")
      json.member("id", NUID.next())
      json.member("timestamp", WallClock.now().rfc3339)
      json.member("status", 200)
      json.key("requestor")
      json.object { json in
        if service.share, let requester {
          describe(requester, account: pending.importer, &json)
        } else {
          json.member("acc", pending.importer.name)
          json.member("rtt", unlessZero: requesterRTT.nanoseconds)
        }
      }
      if let responder, responder.kind != .system {
        json.key("responder")
        json.object { describe(responder, account: service.exporter, &$0) }
      }
      if !pending.trackingHeader.isEmpty {
        json.key("header")
        json.object { json in
          for name in pending.trackingHeader.keys.sorted() {
            json.key(name)
            json.array { json in pending.trackingHeader[name]?.forEach { json.string($0) } }
          }
        }
      }
      let start = pending.startedWall - min(pending.startedWall, UInt64(requesterRTT.nanoseconds.magnitude))
      json.member("start", Timestamp(unixNanoseconds: Int64(start)).rfc3339)
      json.member("service", serviceTime.nanoseconds)
      json.member("system", 0)
      json.member("total", (total + requesterRTT).nanoseconds)
    }
    publish(latency.subject, payload: json.bytes, in: service.exporter)
  }

  private func describe(_ client: ClientConnection, account: Account, _ json: inout JSONWriter) {
    let description = ConnectionDescription(client, account: account.name, start: Timestamp(unixNanoseconds: Int64(client.start)).rfc3339)
    description.writeHead(&json)
    json.member("rtt", unlessZero: client.rtt.nanoseconds)
    json.member("server", services.serverName)
    description.writeKind(&json)
  }
}
