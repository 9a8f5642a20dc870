import Recorded
import SystemAPI
import Wire

/// Finds the things of a kind in a server's document.
struct SeriesRows {
  struct Row {
    var parts: [String]
    var origin: String
    /// The objects that hold its figures: several for several connections, and a second lot for the other direction.
    var objects: [Range<Int>]
    var others: [Range<Int>] = []
    /// false for a replica: who leads tells of it.
    var counts = true
  }

  private let kind: SeriesKind
  private let source: SeriesSource
  /// Servers' names by their ids: older ones do not name the other end of a route.
  private let names: [String: String]

  init(_ kind: SeriesKind, _ source: SeriesSource, _ names: [String: String]) {
    self.kind = kind
    self.source = source
    self.names = names
  }

  func rows(_ bytes: UnsafeBufferPointer<UInt8>) -> [Row] {
    let whole = 0..<bytes.count
    return switch kind {
    // The id is another one after each start.
    case .server: placed([Row(parts: [source.name], origin: source.id, objects: [whole])], source.cluster)
    case .account: placed(accounts(bytes, whole), source.cluster)
    case .stream: placed(StreamWalk.streams(bytes).map { row($0, bytes) }, domain(bytes, whole))
    case .consumer: placed(StreamWalk.consumers(bytes).map { row($0, bytes) }, domain(bytes, whole))
    case .route: placed(routes(bytes, whole), source.cluster)
    case .gateway: placed(gateways(bytes, whole), source.cluster)
    }
  }

  private func placed(_ rows: [Row], _ place: String) -> [Row] {
    rows.map { row in
      var row = row
      row.parts.append(place)
      return row
    }
  }

  /// Where a server's streams are told apart by their names: a domain has one meta group. A server without one stands alone, and is known by
  /// its name, which outlives its id.
  private func domain(_ bytes: UnsafeBufferPointer<UInt8>, _ whole: Range<Int>) -> String {
    let members = JSONBytes.members(["config", "meta_cluster"], bytes, whole)
    let domain = members[0].flatMap { text("domain", bytes, $0) } ?? ""
    let isGroup = members[1].map { bytes[$0.lowerBound] == UInt8(ascii: "{") } ?? false
    return isGroup ? SeriesEntity.domain(domain) : SeriesEntity.domain(domain, ofServer: source.name, in: source.cluster)
  }

  private func accounts(_ bytes: UnsafeBufferPointer<UInt8>, _ whole: Range<Int>) -> [Row] {
    elements("account_statz", bytes, whole).compactMap { place in
      text("acc", bytes, place).map { Row(parts: [$0, source.name], origin: source.id, objects: [place]) }
    }
  }

  /// A stream or a consumer; the one of a server alone has no leader, and no replicas.
  private func row(_ asset: StreamWalk.Found, _ bytes: UnsafeBufferPointer<UInt8>) -> Row {
    let leads = asset.leader.map { $0 == source.name } ?? true
    return Row(parts: asset.parts, origin: asset.created, objects: leads ? [asset.start..<bytes.count] : [], counts: leads)
  }

  private func routes(_ bytes: UnsafeBufferPointer<UInt8>, _ whole: Range<Int>) -> [Row] {
    var found: [String: [(id: String, place: Range<Int>)]] = [:]
    for place in elements("routes", bytes, whole) {
      let members = JSONBytes.members(["rid", "remote_id", "remote_name"], bytes, place)
      let id = members[1].flatMap { JSONBytes.string(bytes, $0) } ?? ""
      let name = members[2].flatMap { JSONBytes.string(bytes, $0) } ?? names[id] ?? id
      found[name, default: []].append((members[0].map { String(decoding: bytes[$0], as: UTF8.self) } ?? "", place))
    }
    return found.map { name, connections in
      Row(parts: [source.name, name], origin: origin(connections.map(\.id)), objects: connections.map(\.place))
    }
  }

  private func gateways(_ bytes: UnsafeBufferPointer<UInt8>, _ whole: Range<Int>) -> [Row] {
    let members = JSONBytes.members(["outbound_gateways", "inbound_gateways"], bytes, whole)
    let outbound = gateways(bytes, members[0]) { [$0] }
    let inbound = gateways(bytes, members[1]) { elements(bytes, $0) }
    return Set(outbound.keys).union(inbound.keys).map { name in
      let (out, into) = (outbound[name] ?? [], inbound[name] ?? [])
      return Row(
        parts: [source.name, name], origin: origin((out + into).map(\.id)), objects: out.map(\.place), others: into.map(\.place))
    }
  }

  /// The connections of each gateway.
  private func gateways(
    _ bytes: UnsafeBufferPointer<UInt8>, _ object: Range<Int>?, _ remotes: (Range<Int>) -> [Range<Int>]
  ) -> [String: [(id: String, place: Range<Int>)]] {
    guard let object else { return [:] }
    var found: [String: [(id: String, place: Range<Int>)]] = [:]
    var members = JSONMembers(bytes, object)
    while let (name, value) = members.next() {
      found[JSONBytes.unescaped(bytes, name)] = remotes(value).compactMap { remote in
        guard let place = JSONBytes.member("connection", bytes, remote) else { return nil }
        return (JSONBytes.member("cid", bytes, place).map { String(decoding: bytes[$0], as: UTF8.self) } ?? "", place)
      }
    }
    return found
  }

  /// What counters of connections count from: another connection counts from its own beginning.
  private func origin(_ connections: [String]) -> String { source.id + " " + connections.sorted().joined(separator: ",") }

  private func text(_ name: StaticString, _ bytes: UnsafeBufferPointer<UInt8>, _ object: Range<Int>) -> String? {
    JSONBytes.member(name, bytes, object).flatMap { JSONBytes.string(bytes, $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  private func elements(_ name: StaticString, _ bytes: UnsafeBufferPointer<UInt8>, _ object: Range<Int>) -> [Range<Int>] {
    JSONBytes.member(name, bytes, object).map { elements(bytes, $0) } ?? []
  }

  private func elements(_ bytes: UnsafeBufferPointer<UInt8>, _ array: Range<Int>) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var elements = JSONElements(bytes, array)
    while let element = elements.next() { found.append(element) }
    return found
  }
}
