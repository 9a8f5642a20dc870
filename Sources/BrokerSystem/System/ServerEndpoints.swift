import BrokerCore
import SystemAPI
import Wire

/// One monitoring document that `$SYS.REQ.SERVER.…` gives: a row of the endpoint table, and who writes it.
struct ServerEndpoint: Sendable {
  /// Last token of the request's subject.
  let service: String
  let shape: RequestShape
  /// The option that asks for the leader's answer alone; nil where there is none.
  let leaderOnly: String?
  let writer: Writer

  /// How the document is made.
  enum Writer: Sendable {
    /// At once: it has few rows.
    case whole(@Sendable (Monitor, RequestPayload, inout JSONWriter) throws(EndpointError) -> Void)
    /// In slices: it has a row for each connection or subscription.
    case inSlices(@Sendable (Monitor, RequestPayload, JSONWriter) throws(EndpointError) -> any DocumentInSlices)
  }

  private init(_ row: Endpoint, _ type: String, _ writer: Writer) {
    service = row.service
    shape = RequestShape(type, row)
    leaderOnly = row.leaderOnly.flatMap { name in row.parameters.first { $0.name == name }?.field }
    self.writer = writer
  }

  /// - Parameter type: The Go type that errors about a request's members name.
  private static func whole(
    _ row: Endpoint, _ type: String,
    _ write: @escaping @Sendable (Monitor, RequestPayload, inout JSONWriter) throws(EndpointError) -> Void
  ) -> ServerEndpoint { ServerEndpoint(row, type, .whole(write)) }

  /// Rows of the table that are not answered from `table`, and why.
  static let elsewhere = [
    "statsz": "the heartbeat: the same bytes are published, in an envelope of their own",
    "idz": "a bare document without envelope or options",
    "accstatz": "asked by a subject of the accounts'",
  ]

  static let table: [ServerEndpoint] = [
    whole(.varz, "VarzEventOptions") { monitor, _, json throws(EndpointError) in monitor.writeVarz(&json) },
    ServerEndpoint(
      .connz, ConnzRequest.typeName,
      .inSlices { monitor, request, json throws(EndpointError) in try ConnzDocument(monitor, ConnzRequest(request), in: json) }),
    whole(.routez, "RoutezEventOptions") { monitor, _, json throws(EndpointError) in monitor.writeRoutez(&json) },
    whole(.gatewayz, "GatewayzEventOptions") { monitor, request, json throws(EndpointError) in
      monitor.writeGatewayz(&json)
    },
    whole(.leafz, "LeafzEventOptions") { monitor, request, json throws(EndpointError) in
      monitor.writeLeafz(&json, account: request.string("account"), subscriptions: request.bool("subscriptions"))
    },
    ServerEndpoint(
      .subsz, SubszRequest.typeName,
      .inSlices { monitor, request, json throws(EndpointError) in try SubszDocument(monitor, SubszRequest(request), in: json) }),
    whole(.accountz, "AccountzEventOptions") { monitor, request, json throws(EndpointError) in
      try monitor.writeAccountz(&json, account: request.string("account"))
    },
    whole(.jsz, "JszEventOptions") { monitor, _, json throws(EndpointError) in monitor.writeJsz(&json) },
    whole(.healthz, "HealthzEventOptions") { monitor, request, json throws(EndpointError) in monitor.writeHealthz(&json, request) },
    whole(.ipqueuesz, "IpqueueszEventOptions") { monitor, request, json throws(EndpointError) in
      monitor.writeIpqueuesz(&json, filter: request.string("filter"), all: request.bool("all"))
    },
    whole(.raftz, "RaftzEventOptions") { _, _, json throws(EndpointError) in json.object { _ in } },
    whole(.expvarz, "ExpvarzEventOptions") { monitor, _, json throws(EndpointError) in monitor.writeExpvarz(&json) },
  ]

  /// What the gateway never asks: no row of the table.
  static let profilez = RequestShape("ProfilezEventOptions", ["name": .string, "debug": .int, "duration": .duration])
}

extension SystemService {
  func subscribeServerRequests() {
    for endpoint in ServerEndpoint.table {
      for target in ["PING", server.serverID] {
        on("$SYS.REQ.SERVER.\(target).\(endpoint.service)") { service, message in service.serve(endpoint, message) }
      }
    }
    for subject in ["$SYS.REQ.SERVER.PING", "$SYS.REQ.SERVER.PING.STATSZ", "$SYS.REQ.SERVER.\(server.serverID).STATSZ"] {
      on(subject) { service, message in service.serveStatsz(message) }
    }
    for target in ["PING", server.serverID] {
      on("$SYS.REQ.SERVER.\(target).PROFILEZ") { service, message in service.serveProfilez(message) }
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
    if let leaderOnly = endpoint.leaderOnly, request.bool(leaderOnly) { return }
    switch endpoint.writer {
    case .whole(let write): reply(to: message) { json throws(EndpointError) in try write(monitor, request, &json) }
    case .inSlices(let make): reply(to: message, inSlices: { json throws(EndpointError) in try make(monitor, request, json) })
    }
  }

  private func serveProfilez(_ message: InternalMessage) {
    guard !message.reply.isEmpty, let request = decode(message, ServerEndpoint.profilez) else { return }
    reply(to: message) { json throws(EndpointError) in
      monitor.writeProfilez(&json, name: request.string("name"), duration: request.int("duration"))
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
