import Wire

/// Members that several documents and events have.
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

  /// Messages and bytes.
  mutating func traffic(_ name: StaticString, _ messages: UInt64, _ bytes: UInt64) {
    member(name) { json in
      json.member("msgs", messages)
      json.member("bytes", bytes)
    }
  }

  /// What this server says of itself beside the configured metadata: the version that it reports elsewhere is the one that it matches.
  mutating func metadata(_ configured: [String: String]) {
    let own = ["implementation": "natsight", "implementation_version": Release.version]
    let metadata = own.merging(configured) { _, configured in configured }
    member("metadata") { json in
      for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
        json.key(name)
        json.string(value)
      }
    }
  }

  /// Flags of features that a server of this version has, all off: they concern JetStream.
  mutating func featureFlags() {
    member("feature_flags") { json in
      for name in ["js_ack_fc_v2", "js_raft_delete_range"] {
        json.key(name)
        json.bool(false)
      }
    }
  }
}
