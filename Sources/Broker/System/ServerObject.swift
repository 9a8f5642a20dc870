import BrokerCore
import Wire

/// The `server` object that begins every reply and event.
extension SystemService {
  /// Flags of features that a server of this version has, all off: they concern JetStream.
  static let featureFlags = ["js_ack_fc_v2", "js_raft_delete_range"]

  /// Every message with a server object takes the next number, whether or not anybody listens.
  func nextSequence() -> UInt64 {
    sequence += 1
    return sequence
  }

  func writeServer(_ json: inout JSONWriter, sequence: UInt64? = nil) {
    let configuration = broker.configuration
    json.object { json in
      json.member("name", broker.serverName)
      json.member("host", configuration.host)
      json.member("id", broker.serverID)
      json.member("cluster", unlessEmpty: configuration.clusterName ?? "")
      json.member("ver", configuration.version)
      json.member("tags", unlessEmpty: configuration.tags)
      Self.writeMetadata(&json, configuration.metadata)
      Self.writeFeatureFlags(&json)
      json.member("jetstream", false)
      json.member("flags", 0)
      json.member("seq", sequence ?? nextSequence())
      json.member("time", Timestamp.now())
    }
  }

  /// What this server says of itself beside the configured metadata: the version that it reports is the one that it matches.
  static let product = ["implementation": "natsight"]

  static func writeMetadata(_ json: inout JSONWriter, _ configured: [String: String]) {
    let metadata = product.merging(configured) { _, configured in configured }
    json.member("metadata") { json in
      for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
        json.key(name)
        json.string(value)
      }
    }
  }

  static func writeFeatureFlags(_ json: inout JSONWriter) {
    json.member("feature_flags") { json in
      for name in featureFlags {
        json.key(name)
        json.bool(false)
      }
    }
  }
}

extension JSONWriter {
  mutating func member(_ name: StaticString, _ time: Timestamp) {
    key(name)
    string(time.rfc3339)
  }

  /// Nanoseconds since 1970.
  mutating func member(_ name: StaticString, time nanoseconds: UInt64) {
    member(name, Timestamp(unixNanoseconds: Int64(clamping: nanoseconds)))
  }

  mutating func member(_ name: StaticString, _ body: (inout JSONWriter) -> Void) {
    key(name)
    object(body)
  }
}
