/// What a metric family is: its name, its type, and what it means. All families stand in ``MetricTable`` and nowhere else.
public struct MetricFamily: Sendable {
  public enum Kind: String, Sendable {
    case gauge, counter, info, untyped
    /// Its samples are parts, named by a suffix: `_sum`, `_count`.
    case summary
  }

  /// The name of its samples. A counter's ends in `_total`, an identity's in `_info`.
  public let name: String
  public let kind: Kind
  /// Names of the labels, in the order in which values are given.
  public let labels: [String]
  public let help: String

  public init(_ name: String, _ kind: Kind, _ labels: [String], _ help: String) {
    self.name = name
    self.kind = kind
    self.labels = labels
    self.help = help
  }

  /// The family's name in OpenMetrics, where `_total` and `_info` belong to the samples alone.
  var openMetricsName: Substring {
    switch kind {
    case .counter where name.hasSuffix("_total"): name.dropLast(6)
    case .info where name.hasSuffix("_info"): name.dropLast(5)
    default: name[...]
    }
  }

  /// The base unit that the name ends in, as OpenMetrics wants it declared.
  var unit: String? {
    let name = openMetricsName
    return ["seconds", "bytes", "ratio"].first { name.hasSuffix("_" + $0) }
  }
}

/// A sample's value, exact where it is a whole number.
public enum MetricValue: Sendable, Equatable, ExpressibleByIntegerLiteral {
  case integer(Int64)
  case unsigned(UInt64)
  case double(Double)

  public init(integerLiteral value: Int64) { self = .integer(value) }
  public init(_ value: Int) { self = .integer(Int64(value)) }
  public init(_ value: Bool) { self = .integer(value ? 1 : 0) }
}

/// The text formats of Prometheus.
public enum MetricFormat: Sendable, Equatable {
  /// Prometheus text format 0.0.4.
  case text
  /// OpenMetrics 1.0.0.
  case openMetrics

  public var contentType: String {
    switch self {
    case .text: "text/plain; version=0.0.4; charset=utf-8"
    case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
    }
  }

  /// OpenMetrics where the `Accept` field prefers it, as Prometheus itself does; else the text format.
  public static func negotiated(accept: String?) -> MetricFormat {
    var best: (format: MetricFormat, quality: Double) = (.text, 0)
    for element in (accept ?? "").split(separator: ",") {
      let parts = element.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
      guard let type = parts.first?.lowercased() else { continue }
      let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
      let version = parts.dropFirst().first { $0.hasPrefix("version=") }?.dropFirst(8)
      switch type {
      // Version 0.0.1 asks for names and escapes that 1.0.0 has too.
      case "application/openmetrics-text" where version == nil || version == "1.0.0" || version == "0.0.1":
        if quality > best.quality { best = (.openMetrics, quality) }
      case "text/plain", "text/*", "*/*":
        if quality > best.quality { best = (.text, quality) }
      default: break
      }
    }
    return best.format
  }
}
