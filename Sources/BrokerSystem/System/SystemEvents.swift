import BrokerCore
import Identity
import Reactor
import Wire

/// What the server says on its own: connections coming and going, counts, statistics, its end.
extension SystemService {
  // MARK: Connections

  package func connected(_ client: ClientConnection) {
    guard client.kind != .system else { return }
    event("$SYS.ACCOUNT.\(client.account.name).CONNECT", "client_connect") { json, time in
      writeClient(&json, client, stop: nil)
    }
    if client.kind == .leaf { tellLeaf(client, "CONNECT") }
  }

  /// Leaf nodes are told by subjects of their own too.
  private func tellLeaf(_ leaf: ClientConnection, _ what: String) {
    guard !isSilent else { return }
    let subject = "$SYS.ACCOUNT.\(leaf.account.name).LEAFNODE.\(what)"
    let number = object.nextSequence()
    guard server.router.hasInterest(subject, in: account) else { return }
    var json = JSONWriter(capacity: 512)
    json.object { json in
      json.key("server")
      object.write(&json, sequence: number)
      json.member("acc", leaf.account.name)
    }
    server.router.publish(subject, payload: json.bytes, in: account)
  }

  package func disconnected(_ client: ClientConnection, reason: CloseReason) {
    if client.kind == .leaf { notes.goneLeafs[client.account.name, default: LeafTraffic()].add(client) }
    guard client.kind != .system, client.isRegistered || client.kind == .client else { return }
    event("$SYS.ACCOUNT.\(client.account.name).DISCONNECT", "client_disconnect", isLocalTime: true) { json, time in
      writeEnd(&json, client, time, reason)
    }
    if client.kind == .leaf, client.isRegistered { tellLeaf(client, "DISCONNECT") }
  }

  package func authenticationFailed(_ client: ClientConnection) {
    event("$SYS.SERVER.\(server.serverID).CLIENT.AUTH.ERR", "client_disconnect") { json, time in
      writeEnd(&json, client, time, client.refusedFor)
    }
    guard client.kind == .client || client.refusal != nil else { return }
    event("$SYS.ACCOUNT.CLIENT.AUTH.ERR", "client_disconnect", in: client.refusal?.account ?? client.account) { json, time in
      writeEnd(&json, client, time, client.refusedFor, client.refusal)
    }
  }

  /// An advisory: type, id, time and server, then what `write` adds. Nothing is made that nobody listens to.
  private func event(
    _ subject: String, _ type: String, in account: Account? = nil, isLocalTime: Bool = false, _ write: (inout JSONWriter, Timestamp) -> Void
  ) {
    guard !isSilent else { return }
    let target = account ?? self.account
    let number = object.nextSequence()
    guard server.router.hasInterest(subject, in: target) else { return }
    let time = WallClock.now()
    var json = JSONWriter(capacity: 1024)
    json.object { json in
      writeHead(&json, type, id: NUID.next(), time, number, isLocalTime: isLocalTime)
      write(&json, time)
    }
    server.router.publish(subject, payload: json.bytes, in: target)
  }

  private func writeHead(
    _ json: inout JSONWriter, _ type: String, id: String, _ time: Timestamp, _ number: UInt64, isLocalTime: Bool = false
  ) {
    json.member("type", "io.nats.server.advisory.v1." + type)
    json.member("id", id)
    if isLocalTime { json.member("timestamp", localTime: UInt64(clamping: time.unixNanoseconds)) } else { json.member("timestamp", time) }
    json.key("server")
    object.write(&json, sequence: number)
  }

  private func writeEnd(
    _ json: inout JSONWriter, _ client: ClientConnection, _ time: Timestamp, _ reason: CloseReason,
    _ refusal: (account: Account, reason: String)? = nil
  ) {
    writeClient(&json, client, stop: time, in: refusal?.account)
    // The client's own view: what it sent came in here.
    json.traffic("sent", client.inMessages, client.inBytes)
    json.traffic("received", client.outMessages, client.outBytes)
    json.member("reason", refusal?.reason ?? reason.rawValue)
  }

  /// Who a connection is, with the fields of a connect event, or of its end when `stop` is given.
  private func writeClient(_ json: inout JSONWriter, _ client: ClientConnection, stop: Timestamp?, in account: Account? = nil) {
    let isRefusedLeaf = client.kind == .leaf && !client.isRegistered
    json.member("client") { json in
      let description = ConnectionDescription(
        client, account: account?.name ?? (isRefusedLeaf ? "N/A" : client.account.name),
        start: LocalTime.rfc3339(Timestamp(unixNanoseconds: Int64(clamping: client.start))))
      description.writeHead(&json)
      if let stop {
        json.member("rtt", unlessZero: client.rtt.nanoseconds)
        json.member("stop", localTime: UInt64(clamping: stop.unixNanoseconds))
      }
      description.writeIdentity(
        &json, nameTag: isRefusedLeaf ? nil : Monitor.nameTag(client.account, ""))
      description.writeKind(&json)
    }
  }

  // MARK: Counts

  package func connectionsChanged(in account: Account) { tellConnections(of: account) }

  private func tellConnections(of account: Account) {
    guard !isSilent, !account.isGlobal, !server.isStopped else { return }
    connectionsToldAt[account.name] = account.connectionCount > 0 ? MonotonicClock.now() : nil
    let subjects = ["$SYS.SERVER.ACCOUNT.\(account.name).CONNS", "$SYS.ACCOUNT.\(account.name).SERVER.CONNS"]
    var id: String?
    let time = WallClock.now()
    for subject in subjects {
      let number = object.nextSequence()
      guard server.router.hasInterest(subject, in: self.account) else { continue }
      let event = id ?? NUID.next()
      id = event
      server.router.publish(subject, payload: connectionsMessage(account, id: event, at: time, number), in: self.account)
    }
  }

  func connectionsMessage(_ account: Account, id: String, at time: Timestamp, _ number: UInt64? = nil) -> [UInt8] {
    var json = JSONWriter(capacity: 1024)
    json.object { json in
      writeHead(&json, "account_connections", id: id, time, number ?? object.nextSequence())
      monitor.writeAccountStat(&json, account)
    }
    return json.bytes
  }

  /// Every half minute while there are connections.
  func tellConnectionsAgain() {
    let now = MonotonicClock.now()
    for (name, told) in connectionsToldAt where now - told >= .seconds(30) {
      if let account = server.accounts.byName[name] { tellConnections(of: account) } else { connectionsToldAt[name] = nil }
    }
  }

  // MARK: Statistics

  /// 0.25 s after the start, then after 1, 2, 4, 8 and always 10 s.
  func broadcastPeriodically() {
    guard !isSilent, !server.isStopped else { return }
    if isHeardOutside { broadcastStatsz() }
    broadcastInterval = min(10, max(1, broadcastInterval * 2))
    server.services.later(broadcastInterval) { [weak self] in self?.broadcastPeriodically() }
  }

  /// A server that stands alone says nothing when nobody listens.
  private var isHeardOutside: Bool {
    if server.configuration.leafNodes != nil { return true }
    let subject = Array("$SYS.SERVER.\(server.serverID).STATSZ".utf8)
    let found = subject.withUnsafeBytes { account.sublist.match($0) }
    return found.plain.contains { $0.client.kind != .system } || !found.groups.isEmpty
  }

  func broadcastStatsz() {
    guard !isSilent else { return }
    lastBroadcast = MonotonicClock.now()
    server.router.publish("$SYS.SERVER.\(server.serverID).STATSZ", payload: statszMessage(), in: account)
  }

  // MARK: The end

  package func enteredLameDuck() {
    tellEnd("LAMEDUCK")
    isSilent = true
  }

  package func shuttingDown() {
    if server.configuration.serverKey == nil { tellEnd("SHUTDOWN") }
  }

  private func tellEnd(_ kind: String) {
    guard !isSilent else { return }
    var json = JSONWriter(capacity: 512)
    object.write(&json)
    server.router.publish("$SYS.SERVER.\(server.serverID).\(kind)", payload: json.bytes, in: account)
  }

  // MARK: Other servers

  /// Leaf nodes that join with their system account bring other servers' words.
  func subscribeToOthers() {
    for kind in ["STATSZ", "SHUTDOWN", "LAMEDUCK"] {
      on("$SYS.SERVER.*.\(kind)") { service, message in
        let tokens = message.subject.split(separator: UInt8(ascii: "."))
        guard tokens.count == 4 else { return }
        let id = String(decoding: tokens[2], as: UTF8.self)
        guard id != service.server.serverID, KeyPair.isPublicKey(id, .server), service.notes.otherServers.count < 10_000 else { return }
        if kind == "STATSZ" {
          let isNew = service.notes.otherServers.updateValue(MonotonicClock.now(), forKey: id) == nil
          if isNew, MonotonicClock.now() - service.lastBroadcast > .seconds(1) { service.broadcastStatsz() }
        } else {
          service.notes.otherServers[id] = nil
        }
      }
    }
  }

  /// Servers that have been silent for 150 s are gone.
  func forgetSilentServers() {
    let now = MonotonicClock.now()
    for (id, heard) in notes.otherServers where now - heard > .seconds(150) { notes.otherServers[id] = nil }
  }
}
