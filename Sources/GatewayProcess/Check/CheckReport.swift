import Gateway
import Judgement
import Wire

/// The outcome of a check, for whoever runs it: what was found, what is not known, and the one word for all of it. A value.
public struct CheckReport: Sendable, Equatable {
  /// As monitoring plugins have it: the raw value is the exit status.
  public enum Status: Int32, Sendable, CaseIterable {
    case ok = 0
    case warning, critical, unknown

    public var word: String {
      switch self {
      case .ok: "OK"
      case .warning: "WARNING"
      case .critical: "CRITICAL"
      case .unknown: "UNKNOWN"
      }
    }
  }

  public struct Row: Sendable, Equatable {
    public var code: String
    public var severity: Severity
    public var subject: String
    public var sentence: String
    /// RFC 3339; empty where it is not known.
    public var since = ""
  }

  /// Checks of which something is not known, and why.
  public struct Gap: Sendable, Equatable {
    public var reason: String
    public var codes: [String]
  }

  /// What was checked, in words.
  public let name: String
  /// The worst first.
  public private(set) var findings: [Row] = []
  public private(set) var unknown: [Gap] = []
  /// Checks of a family that cannot be made in the way that was asked: what they need was not asked for, or there is no earlier moment.
  public private(set) var leftOut: [Gap] = []
  /// Checks that were made.
  public private(set) var made = 0

  /// Nothing is known, for this reason.
  public init(_ name: String, failure: String) {
    self.name = name
    unknown = [Gap(reason: failure, codes: [])]
  }

  /// - Parameters:
  ///   - document: What `/findings` answered.
  ///   - known: The codes of the checks that the gateway makes; nil = all.
  public init(_ name: String, _ document: [UInt8], _ selection: CheckSelection, known: Set<String>? = nil) {
    self.name = name
    guard let root = try? JSONValue(parsing: document), let checks = root["checks"], let rows = root["findings"]?.elements else {
      unknown = [Gap(reason: "the answer is none of /findings", codes: [])]
      return
    }
    let codes = Set(selection.choices.map(\.check.code))
    for item in rows where item["muted"] == nil { take(item, selection) }
    var unmade: Set<String> = []
    for item in checks["unknown"]?.elements ?? [] {
      let about = (item["checks"]?.elements ?? []).compactMap(\.string)
      // A gateway that does not say which kind it is may mean that servers did not answer.
      let kind = item["kind"]?.string.flatMap(Unknown.Kind.init) ?? .silent
      take(Gap(reason: item["reason"]?.string ?? "", codes: about), kind, selection)
      if kind != .silent { unmade.formUnion(about) }
    }
    if let known {
      let strange = codes.subtracting(known).sorted()
      if !strange.isEmpty { unknown.append(Gap(reason: "the gateway has no such check", codes: strange)) }
      unmade.formUnion(strange)
    }
    made = codes.subtracting(unmade).count
    // What was meant by a family is nothing where none of it can be looked at.
    if made == 0, unknown.isEmpty { (unknown, leftOut) = (leftOut, []) }
  }

  /// Something else is not known, of which the answer does not tell.
  public mutating func doubt(_ reason: String) { unknown.append(Gap(reason: reason, codes: [])) }

  /// A finding that cannot be read is worth a look, and no silence.
  private mutating func take(_ item: JSONValue, _ selection: CheckSelection) {
    let code = item["code"]?.string ?? ""
    guard selection.holds(code) else { return }
    guard let row = Row(item) else {
      let severity = item["severity"]?.string.map { "the severity \"\($0)\" is not known here" } ?? "it has no severity"
      return unknown.append(Gap(reason: "\(item["sentence"]?.string ?? "a finding has no sentence"): \(severity)", codes: [code]))
    }
    findings.append(row)
  }

  private mutating func take(_ gap: Gap, _ kind: Unknown.Kind, _ selection: CheckSelection) {
    let said = Set(gap.codes)
    let meant = selection.choices.filter { said.contains($0.check.code) }
    let (insisted, others) = (meant.filter { !kind.isByNature || $0.isNamed }, meant.filter { kind.isByNature && !$0.isNamed })
    // A newer gateway makes checks that are not known here.
    let strange = gap.codes.filter { CheckTable.check($0) == nil && selection.holds($0) }
    let (asked, passed) = (insisted.map(\.check.code), others.map(\.check.code))
    let (doubted, spared) = kind.isByNature ? (asked, passed + strange) : (asked + strange, passed)
    if !doubted.isEmpty { unknown.append(Gap(reason: gap.reason, codes: doubted)) }
    if !spared.isEmpty { leftOut.append(Gap(reason: gap.reason, codes: spared)) }
  }

  public func count(_ severity: Severity) -> Int { findings.count { $0.severity == severity } }

  /// Checks of which something is not known.
  public var unknownChecks: Int { max(Set(unknown.flatMap(\.codes)).count, unknown.isEmpty ? 0 : 1) }

  /// What is not known may be worse than a warning.
  public var status: Status {
    if count(.critical) > 0 { return .critical }
    if !unknown.isEmpty { return .unknown }
    return count(.warning) > 0 ? .warning : .ok
  }
}

extension CheckReport.Row {
  fileprivate init?(_ item: JSONValue) {
    guard let code = item["code"]?.string, let severity = item["severity"]?.string.flatMap(Severity.init) else { return nil }
    self.init(
      code: code, severity: severity, subject: item["subject"]?.string ?? "", sentence: item["sentence"]?.string ?? "",
      since: item["since"]?.string ?? "")
  }
}
