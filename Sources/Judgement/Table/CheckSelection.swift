/// Which checks are meant by words: codes, families, what other tools call them, or all.
public struct CheckSelection: Sendable {
  /// A word that means several checks.
  public struct Family: Sendable {
    public let name: String
    /// What is in it, as a phrase.
    public let help: String
    let holds: @Sendable (Check) -> Bool
  }

  /// A check that was chosen.
  public struct Choice: Sendable {
    public let check: Check
    /// By its own code: whoever names it wants to hear where it cannot be made.
    public let isNamed: Bool
  }

  /// In the order of the table.
  public let choices: [Choice]
  /// Every check is meant, also one that is not in the table.
  private let isWhole: Bool

  public static let all = "all"

  private static let jetStream: Set<Subject.Kind> = [.metaGroup, .raftGroup, .stream, .consumer]

  /// `all`, what is looked at, and words that users of other tools know.
  public static let families: [Family] =
    [Family(name: all, help: "every check") { _ in true }]
    + Subject.Kind.allCases.filter { kind in CheckTable.all.contains { $0.about == kind } }.map { kind in
      Family(name: kind.rawValue, help: "checks about \(kind.rawValue)") { $0.about == kind }
    } + [
      Family(name: "meta", help: "as meta_group") { $0.about == .metaGroup },
      Family(name: "jetstream", help: "the meta group, Raft groups, streams, consumers, and JetStream of servers and accounts") { check in
        jetStream.contains(check.about) || check.needs.contains { [.streams, .consumers, .raftz].contains($0) }
      },
    ]

  /// Every word that is taken, for completions and complaints.
  public static var words: [String] { families.map(\.name) + CheckTable.all.map(\.code) }

  /// - Parameter words: One or more; `-` and `_` are alike. `audit:SERVER_008` and `insights:SERVER_003` are other tools' codes.
  /// - Returns: nil where one of them names nothing, with the word; see ``unknown(_:)``.
  public init?(_ words: [String]) {
    var named: Set<String> = []
    var wanted: Set<String> = []
    for word in words {
      let found = CheckSelection.codes(word)
      guard !found.codes.isEmpty else { return nil }
      wanted.formUnion(found.codes)
      if found.isNamed { named.formUnion(found.codes) }
    }
    guard !wanted.isEmpty else { return nil }
    isWhole = words.contains(CheckSelection.all)
    choices = CheckTable.all.filter { wanted.contains($0.code) }.map { Choice(check: $0, isNamed: named.contains($0.code)) }
  }

  /// A check of this code is meant. What a newer gateway finds is in `all`, and in nothing else.
  public func holds(_ code: String) -> Bool {
    choices.contains { $0.check.code == code } || (isWhole && CheckTable.check(code) == nil)
  }

  /// The first word that names nothing; nil where all name something.
  public static func unknown(_ words: [String]) -> String? { words.first { codes($0).codes.isEmpty } }

  private static func codes(_ word: String) -> (codes: [String], isNamed: Bool) {
    let parts = word.split(separator: ":", maxSplits: 1).map(String.init)
    if parts.count == 2 {
      guard let tool = OtherCode.Tool.allCases.first(where: { $0.word == parts[0].lowercased() }) else { return ([], true) }
      let meant = CheckTable.all.filter { $0.others.contains { $0.tool == tool && $0.code == parts[1].uppercased() } }
      return (meant.map(\.code), true)
    }
    let name = String(word.map { $0 == "-" ? "_" : $0 })
    if let family = families.first(where: { $0.name == name }) { return (CheckTable.all.filter(family.holds).map(\.code), false) }
    return (CheckTable.check(name).map { [$0.code] } ?? [], true)
  }
}

extension OtherCode.Tool {
  /// In front of a code, where it is meant to be this tool's.
  var word: String {
    switch self {
    case .audit: "audit"
    case .check: "check"
    case .insights: "insights"
    }
  }
}
