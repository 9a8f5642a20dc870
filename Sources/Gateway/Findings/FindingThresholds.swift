import Wire

/// From where on something is worth a finding.
public struct FindingThresholds: Sendable, Equatable {
  /// Per cent of a limit that are a warning, and that are critical.
  public var nearLimit = 80
  public var atLimit = 95
  /// Days left of a certificate that are a warning, and that are critical.
  public var certificateDays = 30
  public var certificateCriticalDays = 7
  /// Slow consumers cut off, and logins refused, by one server within the window.
  public var slowConsumers = 1
  public var refusedLogins = 10
  /// Entries from which on a replica that is not current is called behind: as `nats server check jetstream` has it. One that takes part
  /// in the work is always an entry or two behind.
  public var replicaLag = 200
  /// Minutes that are looked back.
  public var minutes = 15

  public init() {}

  /// Names as flags and parameters have them, with the smallest and the largest value.
  private static var fields: [(name: String, path: WritableKeyPath<FindingThresholds, Int>, range: ClosedRange<Int>)] {
    [
      ("near_limit", \.nearLimit, 1...100), ("at_limit", \.atLimit, 1...100), ("certificate_days", \.certificateDays, 0...3650),
      ("certificate_critical_days", \.certificateCriticalDays, 0...3650), ("slow_consumers", \.slowConsumers, 1...1_000_000_000),
      ("refused_logins", \.refusedLogins, 1...1_000_000_000), ("replica_lag", \.replicaLag, 0...1_000_000_000),
      ("minutes", \.minutes, 1...15),
    ]
  }

  public static var names: [String] { fields.map(\.name) }

  /// Each threshold's name, and the smallest and the largest value that it takes.
  static var ranges: [(name: String, range: ClosedRange<Int>)] { fields.map { ($0.name, $0.range) } }

  /// Sets one threshold; `-` and `_` are alike in names.
  ///
  /// - Returns: what would have been accepted, where the name or the value is not; nil where it was set.
  public mutating func set(_ name: String, _ value: String) -> String? {
    let name = String(name.map { $0 == "-" ? "_" : $0 })
    guard let field = Self.fields.first(where: { $0.name == name }) else { return "one of \(Self.names.joined(separator: ", "))" }
    guard let number = Int(value), field.range.contains(number) else {
      return "a whole number from \(field.range.lowerBound) to \(field.range.upperBound)"
    }
    self[keyPath: field.path] = number
    return nil
  }

  /// Reads `near_limit=70,minutes=5` over what stands here.
  ///
  /// - Returns: a sentence about what cannot be read; nil where everything was.
  public mutating func read(_ text: String) -> String? {
    for part in text.split(separator: ",") {
      let sides = part.split(separator: "=", maxSplits: 1).map { String($0.filter { $0 != " " }) }
      guard sides.count == 2 else { return "\"\(part)\": expected NAME=VALUE, the name being one of \(Self.names.joined(separator: ", "))" }
      if let accepted = set(sides[0], sides[1]) { return "\"\(part)\": expected \(accepted)" }
    }
    return nil
  }

  /// A sentence's severity and figure where a share of a limit is used up; nil where there is no limit or enough is left.
  func share(_ used: Double?, of limit: Double?) -> (
    severity: Finding.Severity, percent: Int, evidence: [(name: String, value: Finding.Evidence)]
  )? {
    guard let used, let limit, limit > 0 else { return nil }
    let percent = used / limit * 100
    guard percent >= Double(min(nearLimit, atLimit)) else { return nil }
    let evidence: [(name: String, value: Finding.Evidence)] = [("used", .number(used)), ("limit", .number(limit))]
    return (percent >= Double(atLimit) ? .critical : .warning, Int(percent), evidence)
  }

  func write(to json: inout JSONWriter) {
    for field in Self.fields {
      json.key(field.name)
      json.integer(self[keyPath: field.path])
    }
  }
}
