import Wire

/// `Nats-Request-Info`: who asks, for whoever answers in another account.
extension Router {
  private static let name = "Nats-Request-Info"

  /// Whether everything about who asks goes with a request. Along a chain of imports the first one decides.
  func sharesRequester(_ message: borrowing Message, _ service: ServiceImport) -> Bool {
    message.origin.isRequest ? message.origin == .sharedRequest : service.share
  }

  /// The body with `Nats-Request-Info` in its header block, CR LF behind it, and the new size of the block.
  ///
  /// What stood there was written by whoever asks, a leaf node's server included, and is believed only where this server put it there at the
  /// border before.
  func withRequestInfo(_ message: Message, _ service: ServiceImport, _ publisher: ClientConnection?) -> ([UInt8], Int) {
    var body: [UInt8] = []
    body.reserveCapacity(message.body.count + 256)
    var chained: [UInt8]?
    if message.headerSize >= 4 {
      let block = HeaderBlock(message.header)
      body += block.removing(exactly: Self.name)
      // The closing empty line, also where it is missing or ends otherwise: what follows is to stand in a line of its own.
      while body.last == 0x0A || body.last == 0x0D { body.removeLast() }
      body += [0x0D, 0x0A]
      if message.origin.isRequest { chained = block.value(exactly: Self.name).flatMap { chainedInfo($0, message, service) } }
    } else {
      body += "NATS/1.0\r\n".utf8
    }
    body += "\(Self.name): ".utf8
    body += chained ?? requestInfo(service, publisher)
    body += "\r\n\r\n".utf8
    let headerSize = body.count
    body += message.payload
    body += [0x0D, 0x0A]
    return (body, headerSize)
  }

  /// The first requester stays, and the account whose import it comes through is added. Nil where there is nothing to add to.
  private func chainedInfo(_ known: String, _ message: borrowing Message, _ service: ServiceImport) -> [UInt8]? {
    guard let view = try? JSONView(validating: Array(known.utf8)), view.kind == .object else { return nil }
    let addsServer = message.origin == .request && (service.share || service.exporter.isSystem)
    var json = JSONWriter(capacity: known.utf8.count + 64)
    json.object { json in
      view.forEachMember { name, value in
        if name == "svc" || (addsServer && (name == "server" || name == "cluster")) { return }
        json.key(name)
        json.raw(value.raw)
        if name == "acc" { json.member("svc", service.importer.name) }
      }
      if addsServer { writeServer(&json) }
    }
    return json.bytes
  }

  private func writeServer(_ json: inout JSONWriter) {
    json.member("server", services.serverName)
    json.member("cluster", unlessEmpty: services.configuration.clusterName ?? "")
  }

  /// Who asks: the account and round trip time, and everything else where the import shares it.
  private func requestInfo(_ service: ServiceImport, _ publisher: ClientConnection?) -> [UInt8] {
    var json = JSONWriter(capacity: 128)
    json.object { json in
      guard let publisher, publisher.kind != .system else {
        json.member("acc", service.importer.name)
        json.member("server", services.serverName)
        return
      }
      guard service.share else {
        json.member("acc", service.importer.name)
        json.member("rtt", unlessZero: publisher.rtt.nanoseconds)
        if service.exporter.isSystem { writeServer(&json) }
        return
      }
      let description = ConnectionDescription(
        publisher, account: service.importer.name, start: Timestamp(unixNanoseconds: Int64(publisher.start)).rfc3339)
      description.writeHead(&json)
      json.member("rtt", unlessZero: publisher.rtt.nanoseconds)
      if publisher.kind == .leaf { json.member("server", publisher.name) } else { writeServer(&json) }
      description.writeIdentity(&json, nameTag: service.importer.nameTag)
      description.writeKind(&json)
    }
    return json.bytes
  }
}
