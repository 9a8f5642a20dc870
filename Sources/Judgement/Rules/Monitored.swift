import Wire

/// Thresholds that travel with a stream or consumer: what its owner wrote beside it, as `nats server check` and `nats audit` read it.
struct Monitored {
  enum Value { case count, span, bool }

  static let streamKeys: [(key: String, value: Value)] = [
    ("lag-critical", .count), ("seen-critical", .span), ("min-sources", .count), ("max-sources", .count), ("peer-expect", .count),
    ("peer-lag-critical", .count), ("peer-seen-critical", .span), ("msgs-warn", .count), ("msgs-critical", .count),
    ("subjects-warn", .count), ("subjects-critical", .count),
  ]
  static let consumerKeys: [(key: String, value: Value)] = [
    ("outstanding-ack-critical", .count), ("waiting-critical", .count), ("unprocessed-critical", .count), ("redelivery-critical", .count),
    ("last-delivery-critical", .span), ("last-ack-critical", .span), ("pinned", .bool),
  ]

  private let values: [String: String]

  /// nil where the owner did not switch it on.
  init?(_ metadata: [String: String]?) {
    guard let metadata, !metadata.isEmpty, Monitored.bool(metadata["enabled"] ?? "") == true else { return nil }
    values = metadata
  }

  init?(_ stream: StreamFacts) { self.init(stream.settings?.metadata) }
  init?(_ consumer: ConsumerFacts) { self.init(consumer.settings?.metadata) }

  /// nil for 0 too: the tools of NATS take it for none.
  func count(_ key: String) -> Int? { values[key].flatMap(Monitored.count).flatMap { $0 > 0 ? $0 : nil } }
  func span(_ key: String) -> Span? { values[key].flatMap(Monitored.span).flatMap { $0 > .zero ? $0 : nil } }
  func flag(_ key: String) -> Bool { values[key].flatMap(Monitored.bool) ?? false }

  /// The first value that is none.
  func unreadable(_ keys: [(key: String, value: Value)]) -> (key: String, value: String)? {
    for (key, kind) in keys {
      guard let text = values[key] else { continue }
      let isRead =
        switch kind {
        case .count: Monitored.count(text) != nil
        case .span: Monitored.span(text) != nil
        case .bool: Monitored.bool(text) != nil
        }
      if !isRead { return (key, text) }
    }
    return nil
  }

  /// Which of two bounds a figure has passed. Where critical is the lower one, less is worse; where it is the higher one, more.
  ///
  /// - Parameter aloneMeansLess: What one bound alone means.
  func bound(_ warn: String, _ critical: String, _ figure: Int, aloneMeansLess: Bool) -> (Severity, bound: Int, isLess: Bool)? {
    let (warn, critical) = (count(warn), count(critical))
    let isLess = if let warn, let critical, warn != critical { critical < warn } else { aloneMeansLess }
    func isPassed(_ bound: Int) -> Bool { isLess ? figure <= bound : figure >= bound }
    if let critical, isPassed(critical) { return (.critical, critical, isLess) }
    if let warn, isPassed(warn) { return (.warning, warn, isLess) }
    return nil
  }

  private static func count(_ text: String) -> Int? { Int(text).flatMap { $0 >= 0 ? $0 : nil } }

  /// Go's units, and `d`, `w`, `M` (30 days), `y` (365 days).
  private static func span(_ text: String) -> Span? {
    let long: [Character: Int64] = ["d": 86_400, "w": 604_800, "M": 2_592_000, "y": 31_536_000]
    if let unit = text.last.flatMap({ long[$0] }), let count = Int64(text.dropLast()), count >= 0 {
      return .wholeSeconds(unit) * count
    }
    return DurationText.parse(text).flatMap { $0 >= 0 ? Span(nanoseconds: $0) : nil }
  }

  /// As Go reads it.
  private static func bool(_ text: String) -> Bool? {
    switch text {
    case "1", "t", "T", "true", "TRUE", "True": true
    case "0", "f", "F", "false", "FALSE", "False": false
    default: nil
    }
  }
}
