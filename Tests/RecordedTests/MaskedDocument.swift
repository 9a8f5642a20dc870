import Wire

/// A document as text, with what changes from one question to the next masked.
enum MaskedDocument {
  private static let volatile: Set<String> = [
    "now", "uptime", "idle", "rtt", "last_activity", "mem", "cpu", "in_msgs", "out_msgs", "in_bytes", "out_bytes", "in_client_msgs",
    "out_client_msgs", "in_client_bytes", "out_client_bytes", "pending_bytes", "pending_size", "num_cache", "num_inserts", "num_removes",
    "num_matches", "cache_hit_rate", "max_fanout", "avg_fanout", "msgs", "bytes", "active", "http_req_stats", "ts", "slow_consumers",
    "last_seen", "pending", "in_progress", "ipq_entry_len", "ipq_apply_len", "ipq_resp_len", "ipq_proposal_len", "num_subscriptions",
    "memstats", "last_replicated_index", "inflight", "last_duration",
  ]

  /// - Parameters:
  ///   - ordered: Arrays whose order counts; servers give the others in the order of their hash tables.
  ///   - key: The member that rows of these are ordered by: those with one value come in any order.
  static func text(_ body: [UInt8], ordered: Set<String>, by key: String = "cid") throws -> String {
    let view = try JSONView(validating: body)
    return text(view, "", ordered, "", key)
  }

  private static func text(_ view: JSONView, _ name: String, _ ordered: Set<String>, _ indent: String, _ key: String) -> String {
    if volatile.contains(name) { return "*" }
    let inner = indent + " "
    switch view.kind {
    case .object:
      var lines: [String] = []
      view.forEachMember { name, value in lines.append("\(inner)\(name): \(text(value, name, ordered, inner, key))") }
      return lines.isEmpty ? "{}" : "{\n" + lines.joined(separator: "\n") + "\n\(indent)}"
    case .array:
      var elements = view.elements.map { inner + text($0, "", ordered, inner, key) }
      if ordered.contains(name) {
        sortTies(&elements, view.elements.map { $0.member(named: key)?.rawText ?? "" })
      } else {
        elements.sort()
      }
      return elements.isEmpty ? "[]" : "[\n" + elements.joined(separator: "\n") + "\n\(indent)]"
    default: return view.rawText
    }
  }

  private static func sortTies(_ rows: inout [String], _ keys: [String]) {
    var start = 0
    while start < rows.count {
      let end = keys[start...].firstIndex { $0 != keys[start] } ?? rows.count
      rows[start..<end].sort()
      start = end
    }
  }

  /// The first line in which two texts differ, with those before it.
  static func difference(_ recorded: String, _ live: String) -> String? {
    guard recorded != live else { return nil }
    let left = recorded.split(separator: "\n", omittingEmptySubsequences: false)
    let right = live.split(separator: "\n", omittingEmptySubsequences: false)
    for index in 0..<max(left.count, right.count) {
      let (a, b) = (index < left.count ? left[index] : "(end)", index < right.count ? right[index] : "(end)")
      if a != b { return "line \(index + 1), after \(left[max(0, index - 3)..<min(index, left.count)]): recorded \(a), live \(b)" }
    }
    return "they differ"
  }
}
