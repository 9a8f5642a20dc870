import BrokerCore
import Wire

/// One monitoring document that `$SYS.REQ.SERVER.…` gives.
struct ServerEndpoint: Sendable {
  let name: String
  let shape: RequestShape
  let writer: Writer

  /// How the document is made.
  enum Writer: Sendable {
    /// At once: it has few rows.
    case whole(@Sendable (Monitor, RequestPayload, inout JSONWriter) throws(EndpointError) -> Void)
    /// In slices: it has a row for each connection or subscription.
    case inSlices(@Sendable (Monitor, RequestPayload) throws(EndpointError) -> any DocumentInSlices)
  }

  init(
    name: String, shape: RequestShape,
    write: @escaping @Sendable (Monitor, RequestPayload, inout JSONWriter) throws(EndpointError) -> Void
  ) {
    self.name = name
    self.shape = shape
    writer = .whole(write)
  }

  init(
    name: String, shape: RequestShape,
    inSlices make: @escaping @Sendable (Monitor, RequestPayload) throws(EndpointError) -> any DocumentInSlices
  ) {
    self.name = name
    self.shape = shape
    writer = .inSlices(make)
  }

  static let table: [ServerEndpoint] = [
    ServerEndpoint(name: "VARZ", shape: RequestShape("VarzEventOptions")) { monitor, _, json throws(EndpointError) in
      monitor.writeVarz(&json)
    },
    ServerEndpoint(
      name: "CONNZ", shape: ConnzRequest.shape,
      inSlices: { monitor, request throws(EndpointError) in try ConnzDocument(monitor, ConnzRequest(request)) }),
    ServerEndpoint(
      name: "ROUTEZ", shape: RequestShape("RoutezEventOptions", ["subscriptions": .bool, "subscriptions_detail": .bool])
    ) { monitor, _, json throws(EndpointError) in monitor.writeRoutez(&json) },
    ServerEndpoint(
      name: "GATEWAYZ",
      shape: RequestShape(
        "GatewayzEventOptions",
        ["name": .string, "accounts": .bool, "account_name": .string, "subscriptions": .bool, "subscriptions_detail": .bool])
    ) { monitor, request, json throws(EndpointError) in monitor.writeGatewayz(&json, name: request.string("name")) },
    ServerEndpoint(name: "LEAFZ", shape: leafShape) { monitor, request, json throws(EndpointError) in
      monitor.writeLeafz(&json, account: request.string("account"), subscriptions: request.bool("subscriptions"))
    },
    ServerEndpoint(
      name: "SUBSZ", shape: SubszRequest.shape,
      inSlices: { monitor, request throws(EndpointError) in try SubszDocument(monitor, SubszRequest(request)) }),
    ServerEndpoint(name: "ACCOUNTZ", shape: RequestShape("AccountzEventOptions", ["account": .string])) {
      monitor, request, json throws(EndpointError) in
      try monitor.writeAccountz(&json, account: request.string("account"))
    },
    ServerEndpoint(name: "JSZ", shape: jetStreamShape) { monitor, _, json throws(EndpointError) in monitor.writeJsz(&json) },
    ServerEndpoint(
      name: "HEALTHZ",
      shape: RequestShape(
        "HealthzEventOptions",
        [
          "js-enabled": .bool, "js-enabled-only": .bool, "js-server-only": .bool, "js-meta-only": .bool, "account": .string,
          "stream": .string, "consumer": .string, "details": .bool,
        ])
    ) { monitor, request, json throws(EndpointError) in monitor.writeHealthz(&json, request) },
    ServerEndpoint(name: "IPQUEUESZ", shape: RequestShape("IpqueueszEventOptions", ["all": .bool, "filter": .string])) {
      monitor, request, json throws(EndpointError) in
      monitor.writeIpqueuesz(&json, filter: request.string("filter"))
    },
    ServerEndpoint(name: "RAFTZ", shape: RequestShape("RaftzEventOptions", ["account": .string, "group": .string])) {
      _, _, json throws(EndpointError) in
      json.object { _ in }
    },
    ServerEndpoint(name: "EXPVARZ", shape: RequestShape("ExpvarzEventOptions")) { monitor, _, json throws(EndpointError) in
      monitor.writeExpvarz(&json)
    },
    ServerEndpoint(
      name: "PROFILEZ", shape: RequestShape("ProfilezEventOptions", ["name": .string, "debug": .int, "duration": .duration])
    ) { monitor, request, json throws(EndpointError) in
      monitor.writeProfilez(&json, name: request.string("name"), duration: request.int("duration"))
    },
  ]

  static let leafShape = RequestShape("LeafzEventOptions", ["subscriptions": .bool, "account": .string])
  static let jetStreamShape = RequestShape(
    "JszEventOptions",
    [
      "account": .string, "accounts": .bool, "streams": .bool, "consumer": .bool, "direct_consumer": .bool, "config": .bool,
      "leader_only": .bool, "offset": .int, "limit": .int, "raft": .bool, "stream_leader_only": .bool,
    ])
}

extension SystemService {
  func subscribeServerRequests() {
    for endpoint in ServerEndpoint.table {
      for target in ["PING", server.serverID] {
        on("$SYS.REQ.SERVER.\(target).\(endpoint.name)") { service, message in service.serve(endpoint, message) }
      }
    }
    for subject in ["$SYS.REQ.SERVER.PING", "$SYS.REQ.SERVER.PING.STATSZ", "$SYS.REQ.SERVER.\(server.serverID).STATSZ"] {
      on(subject) { service, message in service.serveStatsz(message) }
    }
    for target in ["PING", server.serverID] {
      on("$SYS.REQ.SERVER.\(target).IDZ") { service, message in service.serveIDZ(message) }
    }
    on("$SYS.REQ.SERVER.\(server.serverID).KICK") { service, message in service.serveKick(message) }
    on("$SYS.REQ.SERVER.\(server.serverID).LDM") { service, message in service.serveLameDuck(message) }
    on("$SYS.REQ.SERVER.\(server.serverID).RELOAD") { service, message in service.serveReload(message) }
  }

  /// Decodes a request and hands it on when this server is meant; a bad one is answered with what is wrong.
  func decode(_ message: InternalMessage, _ shape: RequestShape) -> RequestPayload? {
    do throws(EndpointError) {
      let request = try RequestPayload(message.payload, shape)
      return isMeant(request) ? request : nil
    } catch {
      refuse(message, error, withData: true)
      return nil
    }
  }

  private func serve(_ endpoint: ServerEndpoint, _ message: InternalMessage) {
    guard !message.reply.isEmpty, let request = decode(message, endpoint.shape) else { return }
    // Only a leader answers this one, and without JetStream there is none.
    if endpoint.name == "JSZ", request.bool("leader_only") { return }
    switch endpoint.writer {
    case .whole(let write): reply(to: message) { json throws(EndpointError) in try write(monitor, request, &json) }
    case .inSlices(let make): reply(to: message, inSlices: { () throws(EndpointError) in try make(monitor, request) })
    }
  }

  private func serveStatsz(_ message: InternalMessage) {
    guard decode(message, RequestShape("StatszEventOptions")) != nil else { return }
    if message.reply.isEmpty { return broadcastStatsz() }
    send(statszMessage(), to: message, encoded: false)
  }

  func statszMessage() -> [UInt8] {
    var json = JSONWriter(capacity: 1024)
    json.object { json in
      json.key("server")
      object.write(&json)
      json.key("statsz")
      monitor.writeStatsz(&json)
    }
    return json.bytes
  }

  private func serveIDZ(_ message: InternalMessage) {
    var json = JSONWriter()
    json.object { json in
      json.member("name", server.serverName)
      json.member("host", server.configuration.host)
      json.member("id", server.serverID)
    }
    send(json.bytes, to: message, encoded: false)
  }

  /// Requests that name one connection. An empty or broken payload gets no answer.
  private func connectionRequest(_ message: InternalMessage, _ type: String) -> UInt64? {
    guard !message.reply.isEmpty, !message.payload.isEmpty,
      let request = try? RequestPayload(message.payload, RequestShape(type, ["cid": .uint64])), isMeant(request)
    else { return nil }
    return request.uint64("cid")
  }

  private func serveKick(_ message: InternalMessage) {
    guard let cid = connectionRequest(message, "KickClientReq") else { return }
    guard let client = server.book.clients[cid], client.kind != .system, !client.isHidden else {
      return refuse(message, .refused("no such client or leafnode id"), withData: false)
    }
    client.close(.kicked)
    confirm(message)
  }

  private func serveLameDuck(_ message: InternalMessage) {
    guard let cid = connectionRequest(message, "LDMClientReq") else { return }
    guard let client = server.book.clients[cid], client.kind == .client else {
      return refuse(message, .refused("no such client id"), withData: false)
    }
    guard client.protocolRevision >= 1, client.isRegistered else {
      return refuse(
        message, .refused("client does not support Lame Duck Mode or is not ready to receive the notification"), withData: false)
    }
    server.tellLameDuck(client)
    confirm(message)
  }

  private func serveReload(_ message: InternalMessage) {
    guard !message.reply.isEmpty else { return }
    do throws(EndpointError) {
      guard isMeant(try RequestPayload(message.payload, RequestShape("EventFilterOptions"))) else { return }
      guard let reload = self.reload else {
        throw .refused("can only reload config when a file is provided using -c or --config")
      }
      if let fault = reload() { throw .refused(fault) }
    } catch {
      return refuse(message, error, withData: false)
    }
    confirm(message)
  }
}
