import Reactor
import Wire

/// CONNZ: connections, open and closed.
extension Monitor {
  func writeConnz(_ json: inout JSONWriter, _ request: ConnzRequest) throws(EndpointError) {
    try request.check()
    if !request.account.isEmpty, broker.accounts[request.account] == nil { return writeUnknownAccount(&json, request) }
    let now = now
    let (records, total) = select(request, now)
    let page = records.dropFirst(request.offset).prefix(request.limit)
    json.object { json in
      head(&json)
      json.member("num_connections", page.count)
      json.member("total", total)
      json.member("offset", request.offset)
      json.member("limit", request.limit)
      json.member(
        "connections",
        array: { json in
          for record in page { writeConnection(&json, record, request, now) }
        })
    }
  }

  private func writeUnknownAccount(_ json: inout JSONWriter, _ request: ConnzRequest) {
    json.object { json in
      json.member("server_id", "")
      json.member("now", Timestamp.now())
      json.member("num_connections", 0)
      json.member("total", 0)
      json.member("offset", request.offset)
      json.member("limit", request.limit)
      json.key("connections")
      json.null()
    }
  }

  /// The matching connections in order, and how many there were before all filters but account and state.
  private func select(_ request: ConnzRequest, _ now: UInt64) -> (records: [ConnectionRecord], total: Int) {
    var open: [Client] = []
    if request.wantsOpen {
      if request.account.isEmpty {
        open = broker.clients.values.filter { $0.kind != .system && !$0.isHidden }
      } else {
        open = broker.accounts[request.account].map { Array($0.clients.values) } ?? []
      }
    }
    var closed: [ConnectionRecord] = []
    if request.wantsClosed {
      closed = broker.closedClients.records
      if !request.account.isEmpty { closed = closed.filter { $0.account == request.account } }
    }
    let total = open.count + closed.count
    if request.cid > 0 {
      open = open.filter { $0.cid == request.cid && $0.kind == .client }
      closed = open.isEmpty ? closed.filter { $0.cid == request.cid } : []
    }
    if !request.user.isEmpty {
      open = open.filter { $0.authorizedUser == request.user }
      closed = closed.filter { $0.authorizedUser == request.user }
    }
    if !request.mqttClient.isEmpty { (open, closed) = ([], []) }
    // Only what is shown needs to be copied when the order is that of the ids.
    if closed.isEmpty, request.filterSubject.isEmpty, request.sort == "cid" || request.sort == "start" {
      open.sort { $0.cid < $1.cid }
      let end = min(open.count, request.offset + min(request.limit, open.count))
      let shown = open.indices.map { index in index < request.offset || index >= end ? nil : copy(open[index], request) }
      return (shown.prefix(end).map { $0 ?? Self.placeholder }, total)
    }
    var records = open.map { copy($0, request) } + closed
    if !request.filterSubject.isEmpty {
      let wanted = Array(request.filterSubject.utf8)
      records = records.filter { record in record.subscriptions.contains { Subject.overlaps(Array($0.subject.utf8), wanted) } }
    }
    records.sort { request.precedes($0, $1, at: now) }
    return (records, total)
  }

  /// Stands for connections before the page, which are counted and not shown.
  private static let placeholder = ConnectionRecord(
    cid: 0, kind: .client, host: "", port: 0, start: 0, lastActivity: 0, stop: nil, reason: nil, rtt: 0, pendingBytes: 0, inMessages: 0,
    outMessages: 0, inBytes: 0, outBytes: 0, stalls: 0, name: "", language: "", version: "", tlsVersion: nil, tlsCipherSuite: nil,
    tlsFirst: false, peerCertificates: [], authorizedUser: "", account: "", jwt: "", issuerKey: "", nameTag: "", tags: [],
    subscriptions: [], subscriptionCount: 0)

  /// A client whose round trip time is not known yet is asked for it, so that the next look shows one.
  private func copy(_ client: Client, _ request: ConnzRequest) -> ConnectionRecord {
    if client.rtt == 0, client.pingSentAt == 0, client.isRegistered, client.kind == .client, !client.language.isEmpty {
      client.pingSentAt = MonotonicClock.now()
      client.send("PING\r\n")
    }
    return client.record(withSubscriptions: request.wantsSubscriptions || !request.filterSubject.isEmpty)
  }

  private func writeConnection(_ json: inout JSONWriter, _ record: ConnectionRecord, _ request: ConnzRequest, _ now: UInt64) {
    json.object { json in
      json.member("cid", record.cid)
      json.member("kind", record.kind.rawValue)
      if record.kind == .client { json.member("type", "nats") }
      json.member("ip", record.host)
      json.member("port", Int(record.port))
      json.member("start", localTime: record.start)
      json.member("last_activity", localTime: record.lastActivity)
      if let stop = record.stop { json.member("stop", localTime: stop) }
      if let reason = record.reason { json.member("reason", reason.rawValue) }
      json.member("rtt", DurationText.rtt(Int64(clamping: record.rtt)))
      json.member("uptime", Self.uptime(record.uptime(at: now)))
      json.member("idle", Self.uptime(record.idle(at: now)))
      json.member("pending_bytes", record.pendingBytes)
      json.member("in_msgs", record.inMessages)
      json.member("out_msgs", record.outMessages)
      json.member("in_bytes", record.inBytes)
      json.member("out_bytes", record.outBytes)
      json.member("stalls", unlessZero: record.stalls)
      json.member("subscriptions", record.subscriptionCount)
      json.member("name", unlessEmpty: record.name)
      json.member("lang", unlessEmpty: record.language)
      json.member("version", unlessEmpty: record.version)
      writeSecurity(&json, record, request)
      writeSubscriptions(&json, record, request)
      writeIdentity(&json, record, request)
    }
  }

  private func writeSecurity(_ json: inout JSONWriter, _ record: ConnectionRecord, _ request: ConnzRequest) {
    json.member("tls_version", unlessEmpty: record.tlsVersion ?? "")
    json.member("tls_cipher_suite", unlessEmpty: record.tlsCipherSuite ?? "")
    if request.auth, record.stop == nil, !record.peerCertificates.isEmpty {
      json.member(
        "tls_peer_certs",
        array: { json in
          for certificate in record.peerCertificates {
            json.object { json in
              json.member("subject", unlessEmpty: certificate.subject)
              json.member("spki_sha256", unlessEmpty: certificate.spkiSHA256)
              json.member("cert_sha256", unlessEmpty: certificate.certificateSHA256)
            }
          }
        })
    }
    json.member("tls_first", ifTrue: record.tlsFirst)
    guard request.auth else { return }
    json.member("authorized_user", unlessEmpty: record.authorizedUser)
    if record.account != Broker.globalName { json.member("account", unlessEmpty: record.account) }
  }

  private func writeSubscriptions(_ json: inout JSONWriter, _ record: ConnectionRecord, _ request: ConnzRequest) {
    guard !record.subscriptions.isEmpty else { return }
    if request.subscriptionDetail {
      json.member(
        "subscriptions_list_detail",
        array: { json in
          for detail in record.subscriptions { writeSubscription(&json, detail, withAccount: record.stop != nil) }
        })
    } else if request.subscriptions {
      json.member("subscriptions_list", record.subscriptions.map(\.subject))
    }
  }

  private func writeIdentity(_ json: inout JSONWriter, _ record: ConnectionRecord, _ request: ConnzRequest) {
    let isClosed = record.stop != nil
    guard request.auth || isClosed else { return }
    json.member("jwt", unlessEmpty: record.jwt)
    json.member("issuer_key", unlessEmpty: record.issuerKey)
    if request.auth {
      let account = broker.accounts[record.account]
      let tag = account.map { Self.nameTag($0, record.nameTag) } ?? record.nameTag
      json.member("name_tag", unlessEmpty: tag)
    } else {
      json.member("name_tag", unlessEmpty: record.jwt.isEmpty ? "" : record.nameTag)
    }
    json.member("tags", unlessEmpty: record.tags)
  }

  func writeSubscription(_ json: inout JSONWriter, _ detail: ConnectionRecord.SubscriptionDetail, withAccount: Bool) {
    json.object { json in
      if withAccount {
        json.member("account", unlessEmpty: detail.account)
        json.member("account_tag", unlessEmpty: broker.accounts[detail.account].map { Self.nameTag($0, "") } ?? detail.account)
      }
      json.member("subject", detail.subject)
      json.member("qgroup", unlessEmpty: detail.queue ?? "")
      json.member("sid", detail.sid)
      json.member("msgs", detail.delivered)
      json.member("max", unlessZero: detail.maximum)
      json.member("cid", detail.cid)
    }
  }
}
