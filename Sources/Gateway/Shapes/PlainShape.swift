import HTTPServer
import SystemAPI
import Wire

/// One server's document, laid out as that server's own monitoring port would.
enum PlainShape {
  static func reply(_ reply: Reply, _ plan: RequestPlan, rates: RateWindow? = nil) -> GatewayReply {
    if let error = reply.error { return AnswerShape.refusal(by: error).response }
    guard let data = reply.data else {
      return Refusal(.unreadableReply, "the server's reply holds no \(plan.endpoint.name)").response
    }
    return reply.payload.withUnsafeBufferPointer { bytes -> GatewayReply in
      if plan.endpoint.isHealth {
        let body = PortDifferences.document(bytes, data, plan.endpoint, version: reply.server.version) ?? Array(bytes[data])
        return .json(body, status: HealthStatus(bytes, data).code)
      }
      if data.count == 2, !plan.hasEndpointFilter, let sentence = PortDifferences.emptiness(plan.endpoint) {
        return Refusal(.noRaftNodes, sentence).response
      }
      if plan.endpoint.port.contains(.goVariables) {
        var reply = GatewayReply.json(PortDifferences.variables(bytes, data))
        // Go's own handler serves that path on the port, and names the encoding.
        if plan.path.rest.count > 1 { reply.contentType = "application/json; charset=utf-8" }
        return reply
      }
      if let rates, let known = StatszRates(reply.server.id, bytes, data, rates) {
        var body: [UInt8] = []
        known.added(to: bytes[data]).withUnsafeBytes { lay(out: $0, plan.endpoint.layout, into: &body) }
        return .json(body)
      }
      var body: [UInt8] = []
      if plan.dropsUnusedRows {
        var kept: [UInt8] = []
        let countsLeafnodes = PortDifferences.leafnodesAreUse(plan.endpoint, version: reply.server.version)
        DataFilter.append(bytes, data, UsedAccounts([reply], countsLeafnodes: countsLeafnodes), to: &kept)
        kept.withUnsafeBytes { lay(out: $0, plan.endpoint.layout, into: &body) }
      } else if let document = PortDifferences.document(bytes, data, plan.endpoint, version: reply.server.version) {
        document.withUnsafeBytes { lay(out: $0, plan.endpoint.layout, into: &body) }
      } else {
        lay(out: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[data]), plan.endpoint.layout, into: &body)
      }
      return .json(body)
    }
  }

  static func lay(out bytes: UnsafeRawBufferPointer, _ layout: Endpoint.Layout, into body: inout [UInt8]) {
    switch layout {
    case .compact: JSONIndenter.compact(bytes, into: &body)
    case .indented(let width): JSONIndenter.append(bytes, indent: width, to: &body)
    }
  }
}

/// What a server says about its health, and the HTTP status that stands for it.
struct HealthStatus {
  let status: String
  let code: Int
  let error: String

  /// 2.9.10 sends no status code: `ok` is 200, all else 503.
  init(_ bytes: UnsafeBufferPointer<UInt8>, _ data: Range<Int>) {
    let found = JSONBytes.members(["status", "status_code", "error"], bytes, data)
    status = found[0].flatMap { JSONBytes.string(bytes, $0) } ?? ""
    let code = found[1].flatMap { JSONBytes.integer(bytes, $0) }
    error = found[2].flatMap { JSONBytes.string(bytes, $0) } ?? ""
    if let code, (200...599).contains(code) { self.code = code } else { self.code = status == "ok" ? 200 : 503 }
  }
}
