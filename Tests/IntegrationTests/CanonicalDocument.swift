import Foundation
import Wire

/// A monitoring document with what changes from moment to moment masked, so that two of them can be compared as text.
///
/// The order of members stays; the elements of arrays are sorted, because servers print most of them in the order of their hash tables.
enum CanonicalDocument {
  /// Values that change between two requests, wherever they stand.
  static let volatile: Set<String> = [
    "now", "uptime", "idle", "rtt", "last_activity", "mem", "cpu", "in_msgs", "out_msgs", "in_bytes", "out_bytes", "pending_bytes",
    "pending_size", "num_cache", "num_inserts", "num_removes", "num_matches", "cache_hit_rate", "max_fanout", "avg_fanout", "msgs",
    "bytes", "active", "lag", "http_req_stats", "ts", "total_connections",
  ]

  /// - Throws: `JSONError` for anything but one JSON value.
  static func text(_ body: [UInt8], masking extra: Set<String> = []) throws -> String {
    canonical(try JSONView(validating: body), "", volatile.union(extra), "")
  }

  private static func canonical(_ view: JSONView, _ name: String, _ masked: Set<String>, _ indent: String) -> String {
    if masked.contains(name) { return "*" }
    let inner = indent + " "
    switch view.kind {
    case .object:
      var lines: [String] = []
      view.forEachMember { name, value in lines.append("\(inner)\(name): \(canonical(value, name, masked, inner))") }
      return lines.isEmpty ? "{}" : "{\n" + lines.joined(separator: "\n") + "\n\(indent)}"
    case .array:
      let elements = view.elements.map { inner + canonical($0, "", masked, inner) }.sorted()
      return elements.isEmpty ? "[]" : "[\n" + elements.joined(separator: "\n") + "\n\(indent)]"
    default: return view.rawText
    }
  }

  /// The first line in which two texts differ, with where it stands.
  static func difference(_ left: String, _ right: String) -> String? {
    guard left != right else { return nil }
    let (leftLines, rightLines) = (left.components(separatedBy: "\n"), right.components(separatedBy: "\n"))
    for index in 0..<max(leftLines.count, rightLines.count) {
      let (a, b) = (index < leftLines.count ? leftLines[index] : "(end)", index < rightLines.count ? rightLines[index] : "(end)")
      if a != b { return "line \(index + 1): \(a) ≠ \(b)" }
    }
    return "they differ"
  }
}
