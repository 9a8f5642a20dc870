/// JetStream limits of an account, or of one of its tiers. 0 storage = disabled, −1 = unlimited.
public struct JetStreamLimits: Sendable, Equatable {
  public var memoryStorage: Int64 = 0
  public var diskStorage: Int64 = 0
  public var streams: Int64 = 0
  public var consumers: Int64 = 0
  public var maxAckPending: Int64 = 0
  public var memoryMaxStreamBytes: Int64 = 0
  public var diskMaxStreamBytes: Int64 = 0
  public var maxBytesRequired = false
  public init() {}

  /// Whether there is any storage.
  public var isEnabled: Bool { memoryStorage != 0 || diskStorage != 0 }

  init(_ reader: ClaimReader) throws(TokenError) {
    memoryStorage = try reader.integer("mem_storage")
    diskStorage = try reader.integer("disk_storage")
    streams = try reader.integer("streams")
    consumers = try reader.integer("consumer")
    maxAckPending = try reader.integer("max_ack_pending")
    memoryMaxStreamBytes = try reader.integer("mem_max_stream_bytes")
    diskMaxStreamBytes = try reader.integer("disk_max_stream_bytes")
    maxBytesRequired = try reader.bool("max_bytes_required")
  }

  func add(to builder: inout ClaimBuilder) {
    builder.add("mem_storage", memoryStorage)
    builder.add("disk_storage", diskStorage)
    builder.add("streams", streams)
    builder.add("consumer", consumers)
    builder.add("max_ack_pending", maxAckPending)
    builder.add("mem_max_stream_bytes", memoryMaxStreamBytes)
    builder.add("disk_max_stream_bytes", diskMaxStreamBytes)
    builder.add("max_bytes_required", maxBytesRequired)
  }
}

/// Limits of an account. −1 = unlimited; **0 means none allowed**, and an absent number is 0.
public struct AccountLimits: Sendable, Equatable {
  public var subscriptions: Int64 = -1
  public var data: Int64 = -1
  public var payload: Int64 = -1
  public var imports: Int64 = -1
  public var exports: Int64 = -1
  public var wildcardExports = true
  public var disallowBearer = false
  public var connections: Int64 = -1
  public var leafNodes: Int64 = -1
  public var jetStream = JetStreamLimits()
  /// By tier name (`R1`, `R3`, …); exclusive with `jetStream`.
  public var tiers: [String: JetStreamLimits] = [:]

  /// Whether JetStream is switched on, for the account or in a tier.
  public var hasJetStream: Bool { jetStream.isEnabled || tiers.values.contains { $0.isEnabled } }

  /// What a new account gets: no limits.
  public init() {}

  init(_ reader: ClaimReader, version: Int) throws(TokenError) {
    let absent: Int64 = version == 1 ? -1 : 0
    subscriptions = try reader.integer("subs", default: absent)
    data = try reader.integer("data", default: absent)
    payload = try reader.integer("payload", default: absent)
    imports = try reader.integer("imports", default: absent)
    exports = try reader.integer("exports", default: absent)
    wildcardExports = try reader.bool("wildcards")
    disallowBearer = try reader.bool("disallow_bearer")
    connections = try reader.integer("conn", default: absent)
    leafNodes = try reader.integer("leaf", default: absent)
    if let map = try reader.object("tiered_limits"), case .object(let members) = map.value {
      for member in members { if let tier = try map.object(member.name) { tiers[member.name] = try JetStreamLimits(tier) } }
    }
    // Beside tiers these say nothing: whoever reads such a token leaves them out.
    if tiers.isEmpty { jetStream = try JetStreamLimits(reader) }
  }

  var value: ClaimValue {
    var builder = ClaimBuilder()
    builder.add("subs", subscriptions)
    builder.add("data", data)
    builder.add("payload", payload)
    builder.add("imports", imports)
    builder.add("exports", exports)
    builder.add("wildcards", wildcardExports)
    builder.add("disallow_bearer", disallowBearer)
    builder.add("conn", connections)
    builder.add("leaf", leafNodes)
    jetStream.add(to: &builder)
    builder.add(
      "tiered_limits",
      .object(
        tiers.sorted { $0.key < $1.key }.map { tier in
          var inner = ClaimBuilder()
          tier.value.add(to: &inner)
          return ClaimMember(tier.key, inner.value)
        }))
    return builder.value
  }
}
