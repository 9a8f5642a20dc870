import BrokerCore
import Wire

/// One connection in CONNZ, and one subscription in it and in SUBSZ.
extension Monitor {
  func writeConnection(_ json: inout JSONWriter, _ record: ConnectionRecord, _ request: ConnzRequest, _ now: UInt64) {
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
      json.member("rtt", DurationText.rtt(record.rtt.nanoseconds))
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
    if record.account != AccountDirectory.globalName { json.member("account", unlessEmpty: record.account) }
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
    // Of the global account nobody is told once the connection is over, as on nats-server.
    if request.auth, !isClosed || record.account != AccountDirectory.globalName {
      let account = server.accounts.byName[record.account]
      let tag = account.map { Self.nameTag($0, record.nameTag) } ?? record.nameTag
      json.member("name_tag", unlessEmpty: tag)
    } else if !request.auth {
      json.member("name_tag", unlessEmpty: record.jwt.isEmpty ? "" : record.nameTag)
    }
    json.member("tags", unlessEmpty: record.tags)
  }

  func writeSubscription(_ json: inout JSONWriter, _ detail: ConnectionRecord.SubscriptionDetail, withAccount: Bool) {
    json.object { json in
      if withAccount {
        json.member("account", unlessEmpty: detail.account)
        json.member("account_tag", unlessEmpty: server.accounts.byName[detail.account].map { Self.nameTag($0, "") } ?? detail.account)
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
