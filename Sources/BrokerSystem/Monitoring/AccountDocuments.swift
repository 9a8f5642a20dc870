import BrokerCore
import Identity
import SystemAPI
import Wire

/// ACCOUNTZ, the detail of one account, ACCSTATZ and what a user may know of itself.
extension Monitor {
  func writeAccountz(_ json: inout JSONWriter, account: String) throws(EndpointError) {
    var detail = JSONWriter()
    if !account.isEmpty { try writeAccountDetail(&detail, account) }
    json.object { json in
      head(&json)
      json.member("system_account", unlessEmpty: server.accounts.system?.name ?? "")
      if account.isEmpty {
        json.member("accounts", unlessEmpty: server.accounts.byName.keys.sorted())
      } else {
        json.member("account_detail", raw: detail.bytes)
      }
    }
  }

  func writeAccountDetail(_ json: inout JSONWriter, _ name: String) throws(EndpointError) {
    guard let account = server.accounts.byName[name] else { throw .refused("Account \(name) does not exist") }
    json.object { json in
      json.member("account_name", name)
      json.member("update_time", time: account.updatedAt)
      json.member("is_system", ifTrue: account.isSystem)
      json.member("expired", account.isExpired)
      json.member("complete", !account.streamImports.contains(where: \.isInvalid) && !account.serviceImports.contains(where: \.isInvalid))
      json.member("jetstream_enabled", false)
      json.member("leafnode_connections", account.leafCount)
      json.member("client_connections", account.clientCount)
      json.member("subscriptions", UInt64(account.sublist.count))
      writeMappings(&json, name)
      writeExports(&json, account)
      writeImports(&json, account)
      json.member("jwt", unlessEmpty: account.jwt)
      json.member("issuer_key", unlessEmpty: account.issuerKey)
      json.member("name_tag", unlessEmpty: Self.nameTag(account, ""))
      json.member("tags", unlessEmpty: account.tags)
      if let claims = TokenPayload.shown(account.jwt) { json.member("decoded_jwt", raw: claims) }
      writeRevocations(&json, account.revocations)
      json.member("sublist_stats") { writeStatistics(&$0, account.sublist.statistics) }
      writeResponses(&json, account)
    }
  }

  private func writeRevocations(_ json: inout JSONWriter, _ revocations: [String: Int64]) {
    guard !revocations.isEmpty else { return }
    json.member("revoked_user") { json in
      for (user, seconds) in revocations.sorted(by: { $0.key < $1.key }) {
        json.key(user)
        json.string(LocalTime.rfc3339(Timestamp(seconds: seconds)))
      }
    }
  }

  /// Requests from other accounts that are still to be answered, by the subject that the answer comes on.
  private func writeResponses(_ json: inout JSONWriter, _ account: Account) {
    var waiting: [PendingReply] = []
    account.replies.forEach { waiting.append($0) }
    guard !waiting.isEmpty else { return }
    json.member("responses") { json in
      for pending in waiting.sorted(by: { $0.address.lexicographicallyPrecedes($1.address) }) {
        let address = String(decoding: pending.address, as: UTF8.self)
        json.key(address)
        json.object { json in
          json.member("subject", String(decoding: pending.reply, as: UTF8.self))
          json.member("account", pending.importer.name)
          json.member("to", address)
          json.member("local_subject", address)
          json.member("type", "service")
          json.member("invalid", false)
          json.member("share", pending.serviceImport.share)
          json.member("tracking", pending.isTracked)
          if pending.isTracked { writeTracking(&json, pending) }
        }
      }
    }
  }

  private func writeTracking(_ json: inout JSONWriter, _ pending: PendingReply) {
    if !pending.trackingHeader.isEmpty {
      json.member("tracking_header") { json in
        for (name, values) in pending.trackingHeader.sorted(by: { $0.key < $1.key }) {
          json.key(name)
          json.array { json in values.forEach { json.string($0) } }
        }
      }
    }
    if let latency = pending.serviceImport.export.latency { writeLatency(&json, "latency", latency) }
  }

  /// Weights are shown added up, in the order of the configuration.
  private func writeMappings(_ json: inout JSONWriter, _ name: String) {
    let configuration = server.configuration
    let mappings =
      name == AccountDirectory.globalName ? configuration.mappings : configuration.accounts.first { $0.name == name }?.mappings ?? []
    guard !mappings.isEmpty else { return }
    json.member("mappings") { json in
      for mapping in mappings.sorted(by: { $0.source < $1.source }) {
        json.key(mapping.source)
        json.array { json in
          var sum = 0
          for destination in mapping.destinations {
            sum += destination.weight
            json.object { json in
              json.member("subject", destination.subject)
              json.member("weight", sum)
              json.member("cluster", unlessEmpty: destination.cluster ?? "")
            }
          }
        }
      }
    }
  }

  private func writeExports(_ json: inout JSONWriter, _ account: Account) {
    guard !account.exports.isEmpty else { return }
    json.member(
      "exports",
      array: { json in
        for export in account.exports {
          json.object { json in
            json.member("subject", export.subjectText)
            json.member("type", export.kind.rawValue)
            json.member("token_req", ifTrue: export.tokenRequired)
            if export.kind == .service { json.member("response_type", export.responseType.rawValue) }
            json.member("response_threshold", unlessZero: export.responseThreshold.nanoseconds)
            if let latency = export.latency { writeLatency(&json, "service_latency", latency) }
            json.member("allow_trace", ifTrue: export.allowTrace)
            json.member("approved_accounts", unlessEmpty: export.approved?.sorted() ?? [])
          }
        }
      })
  }

  private func writeLatency(_ json: inout JSONWriter, _ name: StaticString, _ latency: ServiceLatencyConfiguration) {
    json.member(name) { json in
      switch latency.sampling {
      case .percent(let percent): json.member("sampling", percent)
      case .headers: json.member("sampling", "headers")
      }
      json.member("results", latency.subject)
    }
  }

  private func writeImports(_ json: inout JSONWriter, _ account: Account) {
    guard !account.serviceImports.isEmpty || !account.streamImports.isEmpty || account.isSystem else { return }
    json.member(
      "imports",
      array: { json in
        if account.isSystem { writeOwnUserInfo(&json, account) }
        for stream in account.streamImports {
          json.object { json in
            json.member("subject", String(decoding: stream.remote, as: UTF8.self))
            json.member("account", stream.exporter.name)
            json.member("to", unlessEmpty: stream.prefix == nil ? stream.to ?? "" : "")
            json.member("local_subject", String(decoding: stream.local, as: UTF8.self))
            json.member("type", "stream")
            json.member("allow_trace", ifTrue: stream.allowTrace)
            json.member("invalid", stream.isInvalid)
            json.member("share", false)
            json.member("tracking", false)
          }
        }
        for service in account.serviceImports { writeServiceImport(&json, service) }
      })
  }

  /// The system account asks itself; here that is a subscription, and shown as the import that nats-server has.
  private func writeOwnUserInfo(_ json: inout JSONWriter, _ account: Account) {
    json.object { json in
      json.member("subject", "$SYS.REQ.USER.\(account.name).INFO")
      json.member("account", account.name)
      json.member("to", "$SYS.REQ.USER.INFO")
      json.member("local_subject", "$SYS.REQ.USER.INFO")
      json.member("type", "service")
      json.member("invalid", false)
      json.member("share", true)
      json.member("tracking", false)
    }
  }

  private func writeServiceImport(_ json: inout JSONWriter, _ service: ServiceImport) {
    let local = String(decoding: service.local, as: UTF8.self)
    json.object { json in
      json.member("subject", String(decoding: service.remote, as: UTF8.self))
      json.member("account", service.exporter.name)
      json.member("to", local)
      json.member("local_subject", local)
      json.member("type", "service")
      json.member("invalid", service.isInvalid)
      json.member("share", service.share)
      json.member("tracking", false)
      if let latency = service.export.latency { writeLatency(&json, "latency", latency) }
    }
  }

  // MARK: ACCSTATZ

  /// The accounts that statistics are asked for; an empty list means all. Unused ones have no connections.
  func statAccounts(_ names: [String], includeUnused: Bool) -> [Account] {
    let candidates = names.isEmpty ? Array(server.accounts.byName.values) : names.compactMap { server.accounts.byName[$0] }
    return candidates.filter { includeUnused || $0.connectionCount > 0 }
  }

  func writeAccountStatz(_ json: inout JSONWriter, _ accounts: [Account]) {
    json.object { json in
      head(&json)
      json.member(
        "account_statz",
        array: { json in
          for account in accounts { json.object { writeAccountStat(&$0, account) } }
        })
    }
  }

  /// The members of one account's statistics, into an object that is open.
  func writeAccountStat(_ json: inout JSONWriter, _ account: Account) {
    json.member("acc", account.name)
    json.member("name", Self.nameTag(account, ""))
    json.member("conns", account.clientCount)
    json.member("leafnodes", account.leafCount)
    json.member("total_conns", account.connectionCount)
    json.member("num_subscriptions", UInt64(account.sublist.count))
    var leafs = notes.goneLeafs[account.name] ?? LeafTraffic()
    for leaf in account.leafs { leafs.add(leaf) }
    var hidden = LeafTraffic()
    for client in server.book.hidden where client.account === account { hidden.add(client) }
    writeAccountData(
      &json, "sent", account.outMessages &- hidden.outMessages, account.outBytes &- hidden.outBytes, leafs.outMessages, leafs.outBytes)
    writeAccountData(
      &json, "received", account.inMessages &- hidden.inMessages, account.inBytes &- hidden.inBytes, leafs.inMessages, leafs.inBytes)
    json.member("slow_consumers", account.slowConsumers)
  }

  private func writeAccountData(
    _ json: inout JSONWriter, _ name: StaticString, _ messages: UInt64, _ bytes: UInt64, _ leafMessages: UInt64, _ leafBytes: UInt64
  ) {
    json.member(name) { json in
      json.member("msgs", messages)
      json.member("bytes", bytes)
      json.traffic("gateways", 0, 0)
      json.traffic("routes", 0, 0)
      json.traffic("leafs", leafMessages, leafBytes)
    }
  }

  // MARK: USER.INFO

  /// Who asks, and what that user may do; nil when a system user asks on another's behalf.
  func writeUserInfo(_ json: inout JSONWriter, _ client: ClientConnection?) {
    json.object { json in
      guard let client else {
        json.member("user", "")
        json.member("account", "")
        return
      }
      json.member("user", client.authorizedUser)
      json.member("user_name", unlessEmpty: client.identity?.userName ?? "")
      json.member("account", client.account.name)
      json.member("account_name", Self.nameTag(client.account, ""))
      if let configuration = client.permissions?.configuration { writePermissions(&json, configuration) }
      if let expiry = client.identity?.expiresAt {
        let left = Span(nanoseconds: Int64(clamping: expiry - min(expiry, now)))
        json.member("expires", unlessZero: Span.wholeSeconds(left.wholeSeconds).nanoseconds)
      }
    }
  }

  private func writePermissions(_ json: inout JSONWriter, _ permissions: PermissionsConfiguration) {
    json.member("permissions") { json in
      for (name, rules) in [("publish", permissions.publish), ("subscribe", permissions.subscribe)] {
        json.key(name)
        json.object { json in
          json.member("allow", unlessEmpty: rules?.allow ?? [])
          json.member("deny", unlessEmpty: rules?.deny ?? [])
        }
      }
      if let responses = permissions.allowResponses {
        json.member("responses") { json in
          json.member("max", responses.maxMessages)
          json.member("ttl", Self.nanoseconds(responses.expires))
        }
      }
    }
  }
}
