import SystemAPI
import Wire

/// Which parts of an account's JetStream are shown.
struct JszParts {
  let streams: Bool
  let consumers: Bool
  let direct: Bool
  let config: Bool
  let raft: Bool
  /// Only streams that this server leads; nil = all.
  let ledBy: String?

  func writeAccount(_ bytes: UnsafeBufferPointer<UInt8>, _ row: Range<Int>, _ json: inout JSONWriter) {
    json.copy(bytes, row) { name, value, json in
      guard JSONBytes.equals(bytes, name, "stream_detail") else { return .kept }
      guard streams else { return .leftOut }
      var rows = JSONElements(bytes, value)
      var isEmpty = true
      while let stream = rows.next() {
        guard isShown(bytes, stream) else { continue }
        if isEmpty {
          json.key("stream_detail")
          json.beginArray()
          isEmpty = false
        }
        writeStream(bytes, stream, &json)
      }
      guard !isEmpty else { return .leftOut }
      json.endArray()
      return .written
    }
  }

  private func isShown(_ bytes: UnsafeBufferPointer<UInt8>, _ stream: Range<Int>) -> Bool {
    guard let ledBy, let cluster = JSONBytes.member("cluster", bytes, stream) else { return true }
    return (JSONBytes.member("leader", bytes, cluster).flatMap { JSONBytes.string(bytes, $0) } ?? "") == ledBy
  }

  private func writeStream(_ bytes: UnsafeBufferPointer<UInt8>, _ stream: Range<Int>, _ json: inout JSONWriter) {
    json.copy(bytes, stream) { name, value, json in
      if JSONBytes.equals(bytes, name, "config") { return config ? .kept : .leftOut }
      if JSONBytes.equals(bytes, name, "stream_raft_group") { return raft ? .kept : .leftOut }
      if JSONBytes.equals(bytes, name, "consumer_raft_groups") { return raft && consumers ? .kept : .leftOut }
      let isDirect = JSONBytes.equals(bytes, name, "direct_consumer_detail")
      guard isDirect || JSONBytes.equals(bytes, name, "consumer_detail") else { return .kept }
      guard consumers, !isDirect || direct else { return .leftOut }
      if config { return .kept }
      json.key(bytes, name)
      json.copyRows(bytes, value, without: MemberNames(["config"]))
      return .written
    }
  }
}
