import Identity
import Reactor
import Wire

/// Measurements of services: which requests are sampled, and what is published about them.
extension Router {
  /// Nil: not sampled; otherwise the headers that asked for it.
  func isSampled(_ message: Message, _ service: ServiceImport) -> [String: [String]]? {
    guard let latency = service.export.latency else { return nil }
    switch latency.sampling {
    case .percent(let percent):
      return percent >= 100 || Int.random(in: 0..<100) < percent ? [:] : nil
    case .headers:
      return message.headerSize > 0 ? TracingHeaders(HeaderBlock(message.header)).wish : nil
    }
  }

  // MARK: Requests under way

  /// From here on something is published about the request, whatever becomes of it.
  func measure(_ pending: PendingReply, _ header: [String: [String]], _ requester: ClientConnection?) {
    pending.isTracked = true
    pending.trackingHeader = header
    if let requester, requester.kind != .system {
      pending.abandoned = { [weak self] in self?.end($0, .interestLost) }
      pending.address.withUnsafeBytes { requester.measured.set($0, pending) }
    }
    checkInTime(pending.serviceImport.exporter, pending.expiresAt)
  }

  /// Everything has been said about it.
  func settle(_ pending: PendingReply) {
    pending.isTracked = false
    pending.abandoned = nil
    if let requester = book.clients[pending.requester] { _ = pending.address.withUnsafeBytes { requester.measured.remove($0) } }
  }

  /// One timer for each account, at the time of the first request that runs out.
  private func checkInTime(_ exporter: Account, _ due: MonotonicTime) {
    guard due < exporter.replies.nextCheck else { return }
    exporter.replies.nextCheck = due
    let seconds = max(0.02, (due - services.shard.now).seconds)
    services.later(seconds) { [weak self, weak exporter] in
      guard let self, let exporter, exporter.replies.nextCheck == due else { return }
      exporter.replies.nextCheck = .distantFuture
      let now = MonotonicClock.now()
      endExpired(in: exporter, now)
      var next = MonotonicTime.distantFuture
      exporter.replies.forEach { if $0.isTracked { next = min(next, $0.expiresAt) } }
      if next != .distantFuture { checkInTime(exporter, max(next, now + .milliseconds(20))) }
    }
  }

  // MARK: Samples

  /// Publishes one sample in the exporting account.
  func sendLatency(_ pending: PendingReply, responder: ClientConnection?) {
    let total = MonotonicClock.now() - pending.startedAt
    let requester = book.clients[pending.requester]
    var sample = Sample(pending.serviceImport, requester, pending.trackingHeader, since: pending.startedWall)
    sample.responder = responder
    sample.service = max(.zero, total - (responder?.rtt ?? .zero))
    sample.total = total + (requester?.rtt ?? .zero)
    publish(sample)
  }

  /// Publishes that a request got no answer, and why.
  func sendFailure(_ failure: RequestFailure, of pending: PendingReply, _ requester: ClientConnection?) {
    var sample = Sample(pending.serviceImport, requester, pending.trackingHeader, since: pending.startedWall)
    sample.failure = failure
    publish(sample)
  }

  /// The same of a request that nobody was asked.
  func sendFailure(_ failure: RequestFailure, of service: ServiceImport, _ requester: ClientConnection?, _ header: [String: [String]]) {
    var sample = Sample(service, requester, header, since: wallClockNow())
    sample.failure = failure
    publish(sample)
  }

  private func publish(_ sample: borrowing Sample) {
    guard let latency = sample.serviceImport.export.latency else { return }
    publish(latency.subject, payload: json(of: sample), in: sample.serviceImport.exporter)
  }

  private func json(of sample: borrowing Sample) -> [UInt8] {
    var json = JSONWriter(capacity: 512)
    json.object { json in
      json.member("type", "io.nats.server.metric.v1.service_latency")
      json.member("id", NUID.next())
      json.member("timestamp", WallClock.now().rfc3339)
      json.member("status", sample.failure?.rawValue ?? 200)
      if let failure = sample.failure { json.member("description", failure.text) }
      writeRequester(sample, &json)
      if let responder = sample.responder, responder.kind != .system {
        json.key("responder")
        json.object { describe(responder, account: sample.serviceImport.exporter, &$0) }
      }
      if !sample.header.isEmpty {
        json.key("header")
        json.object { json in
          for name in sample.header.keys.sorted() {
            json.key(name)
            json.array { json in sample.header[name]?.forEach { json.string($0) } }
          }
        }
      }
      let rtt = UInt64((sample.requester?.rtt ?? .zero).nanoseconds.magnitude)
      json.member("start", Timestamp(unixNanoseconds: Int64(sample.startedWall - min(sample.startedWall, rtt))).rfc3339)
      json.member("service", sample.service.nanoseconds)
      json.member("system", 0)
      json.member("total", sample.total.nanoseconds)
    }
    return json.bytes
  }

  private func writeRequester(_ sample: borrowing Sample, _ json: inout JSONWriter) {
    let importer = sample.serviceImport.importer
    json.key("requestor")
    json.object { json in
      if sample.serviceImport.share, let requester = sample.requester {
        describe(requester, account: importer, &json)
      } else {
        json.member("acc", importer.name)
        json.member("rtt", unlessZero: (sample.requester?.rtt ?? .zero).nanoseconds)
      }
    }
  }

  private func describe(_ client: ClientConnection, account: Account, _ json: inout JSONWriter) {
    let description = ConnectionDescription(
      client, account: account.name, start: Timestamp(unixNanoseconds: Int64(client.start)).rfc3339)
    description.writeHead(&json)
    json.member("rtt", unlessZero: client.rtt.nanoseconds)
    json.member("server", services.serverName)
    description.writeKind(&json)
  }
}

/// Why a request got no answer, with the status of its sample.
enum RequestFailure: Int {
  case badRequest = 400
  case interestLost = 408
  case noResponders = 503
  case timeout = 504

  var text: String {
    switch self {
    case .badRequest: "Bad Request"
    case .interestLost: "Request Timeout"
    case .noResponders: "Service Unavailable"
    case .timeout: "Service Timeout"
    }
  }
}

/// What is published about one request.
private struct Sample {
  let serviceImport: ServiceImport
  let requester: ClientConnection?
  let header: [String: [String]]
  /// Nanoseconds since 1970.
  let startedWall: UInt64
  var responder: ClientConnection?
  var failure: RequestFailure?
  var service = Span.zero
  var total = Span.zero

  init(_ service: ServiceImport, _ requester: ClientConnection?, _ header: [String: [String]], since startedWall: UInt64) {
    serviceImport = service
    self.requester = requester
    self.header = header
    self.startedWall = startedWall
  }
}
