import SystemAPI
import Wire

/// GATEWAYZ: gateways to and from other clusters.
struct Gatewayz {
  private let remote: String
  private let account: String
  private let accounts: Bool
  private let hidden: MemberNames

  static func answer(_ payload: RequestPayload, _ documents: RecordedDocuments) throws(Obstacle) -> [UInt8] {
    let wanted = Gatewayz(payload)
    if wanted.accounts { try documents.need(.gatewayz, "accounts", for: "accs") }
    if wanted.accounts, documents.isSince(Endpoint.gatewayz.parameter("subs")?.since ?? []) {
      // Where both are asked for, the list is what is shown.
      if payload.bool("subscriptions") {
        guard documents.holds(.gatewayz, "subscriptions") else { throw .lacking(.gatewayz, "subscriptions") }
      } else if payload.bool("subscriptions_detail") {
        throw .lacking(.gatewayz, "subscriptions_detail")
      }
    }
    let document = Document(.gatewayz, try documents.document(.gatewayz))
    _ = try document.members("name")
    return document.bytes.withUnsafeBufferPointer { wanted.write($0, document.whole) }
  }

  private init(_ payload: RequestPayload) {
    remote = payload.string("name")
    account = payload.string("account_name")
    accounts = payload.bool("accounts") || !account.isEmpty
    hidden = MemberNames(payload.bool("subscriptions") ? [] : ["subscriptions_list"])
  }

  private func write(_ bytes: UnsafeBufferPointer<UInt8>, _ whole: Range<Int>) -> [UInt8] {
    var json = JSONWriter(capacity: bytes.count)
    json.copy(bytes, whole) { name, value, json in
      if JSONBytes.equals(bytes, name, "outbound_gateways") {
        json.key("outbound_gateways")
        writeOutbound(bytes, value, &json)
      } else if JSONBytes.equals(bytes, name, "inbound_gateways") {
        json.key("inbound_gateways")
        writeInbound(bytes, value, &json)
      } else {
        return .kept
      }
      return .written
    }
    return json.bytes
  }

  private func isWanted(_ bytes: UnsafeBufferPointer<UInt8>, _ name: Range<Int>) -> Bool {
    remote.isEmpty || JSONBytes.equals(bytes, name, remote)
  }

  /// Null where the gateway is unknown that was asked for. A server without gateways has an empty object whatever it is asked.
  private func writeOutbound(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ json: inout JSONWriter) {
    var members = JSONMembers(bytes, range)
    var isEmpty = true
    var isKnown = remote.isEmpty
    while let (name, _) = members.next() {
      isEmpty = false
      if isWanted(bytes, name) { isKnown = true }
    }
    guard isKnown || (isEmpty && JSONBytes.member("name", bytes, 0..<bytes.count) == nil) else { return json.null() }
    json.copy(bytes, range) { name, value, json in
      guard isWanted(bytes, name) else { return .leftOut }
      json.key(bytes, name)
      writeRemote(bytes, value, &json)
      return .written
    }
  }

  private func writeInbound(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ json: inout JSONWriter) {
    json.copy(bytes, range) { name, value, json in
      guard isWanted(bytes, name) else { return .leftOut }
      json.key(bytes, name)
      json.beginArray()
      var connections = JSONElements(bytes, value)
      while let connection = connections.next() { writeRemote(bytes, connection, &json) }
      json.endArray()
      return .written
    }
  }

  private func writeRemote(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ json: inout JSONWriter) {
    json.copy(bytes, range) { name, value, json in
      guard JSONBytes.equals(bytes, name, "accounts") else { return .kept }
      guard accounts else { return .leftOut }
      guard !account.isEmpty else {
        json.key(bytes, name)
        json.copyRows(bytes, value, without: hidden)
        return .written
      }
      var rows = JSONElements(bytes, value)
      while let row = rows.next() {
        guard let own = JSONBytes.member("name", bytes, row), JSONBytes.string(bytes, own) == account else { continue }
        json.key(bytes, name)
        json.array { $0.copy(bytes, row, without: hidden) }
        return .written
      }
      return .leftOut
    }
  }
}
