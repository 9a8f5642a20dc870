import Reactor
import Wire

extension ClientConnection {
  /// A copy of everything that monitoring shows.
  package func record(withSubscriptions: Bool) -> ConnectionRecord {
    let wall = wallClockNow()
    let idle = UInt64(clamping: (MonotonicClock.now() - lastActivity).nanoseconds)
    let secured = connection?.tls.flatMap { $0.isSecured ? $0 : nil }
    var details: [ConnectionRecord.SubscriptionDetail] = []
    if withSubscriptions { subscriptions.forEach { details.append($0.detail(in: account.name)) } }
    return ConnectionRecord(
      cid: cid, kind: kind == .leaf ? .leaf : .client, host: host, port: port, start: start,
      lastActivity: wall - min(wall, idle), stop: closeReason == nil ? nil : wall,
      reason: closeReason, rtt: rtt, pendingBytes: connection?.pendingBytes ?? 0, inMessages: inMessages,
      outMessages: outMessages, inBytes: inBytes, outBytes: outBytes, stalls: stalls, name: name, language: language,
      version: version, tlsVersion: secured?.version, tlsCipherSuite: secured?.cipherSuite, tlsFirst: tlsFirst,
      peerCertificates: (secured?.peerCertificates ?? []).map {
        .init(subject: $0.subject, spkiSHA256: $0.publicKeyFingerprint, certificateSHA256: $0.fingerprint)
      },
      authorizedUser: authorizedUser, account: account.name, jwt: identity?.jwt ?? "", issuerKey: identity?.issuerKey ?? "",
      nameTag: account.nameTag, tags: identity?.tags ?? [], subscriptions: details,
      subscriptionCount: subscriptions.count)
  }
}
