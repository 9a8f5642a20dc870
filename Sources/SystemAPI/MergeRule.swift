/// How one field of many servers' documents becomes one field of the merged document.
public indirect enum MergeRule: Sendable {
  case sum, max, min, earliest, latest
  /// Kept where all agree, left out otherwise.
  case same
  /// Values of arrays one after the other, each distinct value once.
  case concat
  /// The same number on every server that knows it: taken once.
  case accountWide
  /// The same number on every server of one JetStream domain: taken once from each domain, and added up.
  case domainWide
  /// Taken from the server that leads the group the object describes.
  case leader
  /// The scope's name: `all`, `cluster/A`.
  case scope
  case lowestVersion
  /// The gateway's clock.
  case now
  /// How long the server has run that has run longest, by its own clock.
  case uptime
  /// The worst of the health states.
  case worst
  /// The id of a connection: made unique where one server has it, left out where the object stands for several connections.
  case connection
  /// The sum over servers that each count what they host: what has replicas counts once for each.
  case replicas
  /// The rows of all servers, each with `server_name`, `server_id` and `cluster`.
  case rows
  /// Number of rows on the merged page.
  case count
  /// As asked for.
  case asked(String)
  /// Members by name; those not named follow `others`.
  case object([MergeField], others: Others)
  /// The health of many servers as that of one: the worst answer, with everybody's errors.
  case health([MergeField])
  /// Any member names; values under one name are merged.
  case map(MergeRule)
  /// Array rows with the same values of these members are merged into one.
  case keyed([String], MergeRule)
  /// An object taken from the server that leads what it describes, but for these members, which are merged.
  case led([MergeField])

  public enum Others: Sendable { case same, sum }

  /// The word for a leaf rule in the field table.
  public var word: String? {
    switch self {
    case .sum: "sum"
    case .max: "max"
    case .min: "min"
    case .earliest: "earliest"
    case .latest: "latest"
    case .same: "same"
    case .concat, .rows: "concat"
    case .accountWide, .domainWide: "account-wide"
    case .leader: "leader"
    case .scope: "scope"
    case .lowestVersion: "lowest"
    case .now: "now"
    case .uptime: "uptime"
    case .worst: "worst"
    case .connection: "connection"
    case .replicas: "replicas"
    case .count: "count"
    case .asked: "as asked"
    case .object, .health, .map, .keyed, .led: nil
    }
  }
}

public struct MergeField: Sendable {
  public let name: String
  public let rule: MergeRule

  public init(_ name: String, _ rule: MergeRule) {
    self.name = name
    self.rule = rule
  }
}

extension MergeRule {
  /// Every field with its rule, as dotted paths: `jetstream.stats.memory` → `sum`. Map keys print as `*`, rows as `[]`.
  public var fields: [(path: String, rule: String)] {
    var found: [(String, String)] = []
    collect("", into: &found)
    return found
  }

  private func collect(_ path: String, into found: inout [(String, String)]) {
    func joined(_ name: String) -> String { path.isEmpty ? name : path + "." + name }
    switch self {
    case .object(let fields, let others):
      for field in fields { field.rule.collect(joined(field.name), into: &found) }
      found.append((joined("(any other)"), others == .sum ? "sum" : "same"))
    case .health(let fields): MergeRule.object(fields, others: .same).collect(path, into: &found)
    case .led(let fields):
      for field in fields { field.rule.collect(joined(field.name), into: &found) }
      found.append((joined("(any other)"), "leader"))
    case .map(let rule): rule.collect(joined("*"), into: &found)
    case .keyed(let keys, let rule):
      found.append((path + "[]", "concat, one row for each \(keys.joined(separator: " and "))"))
      rule.collect(path + "[]", into: &found)
    case .leader: found.append((path, "leader"))
    default: found.append((path, word ?? "same"))
    }
  }
}
