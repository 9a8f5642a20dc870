import Wire

/// Collects samples by family and writes the page: every family once, its samples together, nothing twice.
///
/// A page has a budget of series. What goes beyond it is left out and counted by family, so that a scrape stays
/// small and the loss is visible. A label set that appears a second time is left out and counted as well: one
/// odd object must not fail the whole scrape.
public struct MetricPage: Sendable {
  private struct Group: Sendable {
    let family: MetricFamily
    var lines: [UInt8] = []
    var seen: Set<[UInt8]> = []
    var dropped = 0
  }

  public let format: MetricFormat
  /// Most series on the page, those about the page itself not counted.
  public let budget: Int
  /// Series on the page.
  public private(set) var series = 0
  /// Samples left out because their label set was there already.
  public private(set) var duplicates = 0
  private var groups: [Group] = []
  private var places: [String: Int] = [:]

  public static let defaultBudget = 20_000

  public init(format: MetricFormat, budget: Int = MetricPage.defaultBudget) {
    self.format = format
    self.budget = budget
  }

  /// Samples left out for want of room, by family.
  public var dropped: [(family: String, count: Int)] {
    groups.filter { $0.dropped > 0 }.map { ($0.family.name, $0.dropped) }
  }

  /// Adds one sample. Labels with an empty value are left out, as an empty label is no label.
  ///
  /// - Parameters:
  ///   - values: as many as the family has labels, in its order.
  ///   - extra: labels beyond the family's, such as `server_id` where names repeat.
  ///   - part: what the sample's name has beyond the family's: `_sum` of a summary.
  ///   - created: when the counter began, in seconds since 1970; written in OpenMetrics only.
  public mutating func add(
    _ family: MetricFamily, _ values: [String], _ value: MetricValue, extra: [(String, String)] = [], part: String = "",
    created: Double? = nil, beyondBudget: Bool = false
  ) {
    let place = place(of: family)
    guard beyondBudget || series < budget else {
      groups[place].dropped += 1
      return
    }
    var labels: [UInt8] = []
    for (name, value) in zip(family.labels, values) { Self.append(label: name, value, to: &labels) }
    for (name, value) in extra { Self.append(label: name, value, to: &labels) }
    guard groups[place].seen.insert(part.isEmpty ? labels : Array(part.utf8) + labels).inserted else {
      duplicates += 1
      return
    }
    series += 1
    Self.append(family.name + part, labels, value, to: &groups[place].lines)
    if format == .openMetrics, family.kind == .counter, let created {
      Self.append(family.openMetricsName + "_created", labels, .double(created), to: &groups[place].lines)
    }
  }

  private mutating func place(of family: MetricFamily) -> Int {
    if let place = places[family.name] { return place }
    places[family.name] = groups.count
    groups.append(Group(family: family))
    return groups.count - 1
  }

  /// The whole page.
  public func rendered() -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(groups.reduce(0) { $0 + $1.lines.count + $1.family.help.utf8.count + 120 })
    for group in groups where !group.lines.isEmpty {
      let family = group.family
      let name = format == .openMetrics ? family.openMetricsName : family.name[...]
      out += "# HELP \(name) ".utf8
      Self.append(escaped: family.help, quotes: format == .openMetrics, to: &out)
      out += "\n# TYPE \(name) \(typeName(family.kind))\n".utf8
      if format == .openMetrics, let unit = family.unit { out += "# UNIT \(name) \(unit)\n".utf8 }
      out += group.lines
    }
    if format == .openMetrics { out += "# EOF\n".utf8 }
    return out
  }

  private func typeName(_ kind: MetricFamily.Kind) -> String {
    switch (kind, format) {
    case (.info, .text): "gauge"
    case (.untyped, .openMetrics): "unknown"
    default: kind.rawValue
    }
  }

  private static func append(_ name: some StringProtocol, _ labels: [UInt8], _ value: MetricValue, to out: inout [UInt8]) {
    out += name.utf8
    if !labels.isEmpty {
      out.append(UInt8(ascii: "{"))
      out += labels
      out.append(UInt8(ascii: "}"))
    }
    out.append(UInt8(ascii: " "))
    switch value {
    case .integer(let value): DecimalText.append(value, to: &out)
    case .unsigned(let value): DecimalText.append(value, to: &out)
    case .double(let value):
      if value.isNaN {
        out += "NaN".utf8
      } else if value.isInfinite {
        out += (value > 0 ? "+Inf" : "-Inf").utf8
      } else {
        DecimalText.append(value, to: &out)
      }
    }
    out.append(UInt8(ascii: "\n"))
  }

  private static func append(label name: String, _ value: String, to labels: inout [UInt8]) {
    guard !value.isEmpty else { return }
    if !labels.isEmpty { labels.append(UInt8(ascii: ",")) }
    labels += name.utf8
    labels += "=\"".utf8
    append(escaped: value, quotes: true, to: &labels)
    labels.append(UInt8(ascii: "\""))
  }

  private static func append(escaped text: String, quotes: Bool, to out: inout [UInt8]) {
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\\"): out += "\\\\".utf8
      case UInt8(ascii: "\n"): out += "\\n".utf8
      case UInt8(ascii: "\"") where quotes: out += "\\\"".utf8
      default: out.append(byte)
      }
    }
  }
}
