import Recorded

/// What series are kept of.
public enum SeriesKind: String, CaseIterable, Sendable {
  case server, account, stream, consumer, route, gateway

  /// The document that holds its figures.
  public var document: FullDocument.Name {
    switch self {
    case .server: .varz
    case .account: .accstatz
    case .stream, .consumer: .jsz
    case .route: .routez
    case .gateway: .gatewayz
    }
  }

  /// What people tell one of them apart from the others by, in the order in which ``SeriesEntity`` has the words for it.
  public var parts: [String] {
    switch self {
    case .server: ["server"]
    case .account: ["account", "server"]
    case .stream: ["account", "stream"]
    case .consumer: ["account", "stream", "consumer"]
    case .route: ["server", "remote"]
    case .gateway: ["server", "gateway"]
    }
  }

  /// What tells it apart from those of the same name elsewhere: it stands behind the parts. Servers' names are their cluster's; an asset's
  /// is its JetStream domain's, or that of the server that has a JetStream of its own.
  public var home: Home { isReplicated ? .domain : .cluster }

  public enum Home: Sendable { case cluster, domain }

  /// Several servers tell of it, and the one that leads it counts.
  public var isReplicated: Bool { self == .stream || self == .consumer }

  /// It is an account's, which may see it.
  public var isOfAccount: Bool { parts.first == "account" }

  /// The field by which the largest are found where there are too many.
  var weight: String {
    switch self {
    case .server, .account: "connections"
    case .stream: "messages"
    case .consumer: "delivered"
    case .route, .gateway: "out_msgs"
    }
  }

  public var fields: [SeriesField] { SeriesField.byKind[self] ?? [] }

  /// The field's place among the fields of this kind.
  public func place(of name: String) -> Int? { fields.firstIndex { $0.name == name } }
}

/// The name of one thing within its kind, made of the words that tell it apart.
public enum SeriesEntity {
  /// Stands between words. Where a word holds it, which servers allow, ``mark`` and `1` stand for it, and `0` behind the mark for the mark.
  /// All of it goes by scalars: with an accent behind it a separator is another character.
  static let separator: Unicode.Scalar = "\u{1F}"
  private static let mark: Unicode.Scalar = "\u{1E}"

  public static func joined(_ parts: [String]) -> String {
    var joined = ""
    for (number, part) in parts.enumerated() {
      if number > 0 { joined.unicodeScalars.append(separator) }
      joined += marked(part)
    }
    return joined
  }

  private static func marked(_ word: String) -> String {
    guard word.utf8.contains(where: { $0 == 0x1E || $0 == 0x1F }) else { return word }
    var found = String.UnicodeScalarView()
    for scalar in word.unicodeScalars {
      found.append(contentsOf: scalar == separator ? [mark, "1"] : scalar == mark ? [mark, "0"] : [scalar])
    }
    return String(found)
  }

  private static func unmarked(_ word: Substring.UnicodeScalarView) -> String {
    guard word.contains(mark) else { return String(word) }
    var (found, isMarked) = (String.UnicodeScalarView(), false)
    for scalar in word {
      if isMarked { found.append(scalar == "1" ? separator : mark) } else if scalar != mark { found.append(scalar) }
      isMarked = !isMarked && scalar == mark
    }
    return String(found)
  }

  /// What the names of all begin with that have these words first.
  public static func prefix(_ parts: [String]) -> String { joined(parts) + String(separator) }

  /// A domain as the place of what is in it; that of a server alone comes with what tells the server apart. No domain's name holds a slash.
  static func domain(_ domain: String, ofServer server: String? = nil, in cluster: String = "") -> String {
    ([domain] + (server.map { [cluster, $0] } ?? [])).joined(separator: "/")
  }

  /// The domain of such a place; empty where it has no name.
  public static func domain(ofPlace place: String) -> String {
    place.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).first.map(String.init) ?? ""
  }

  public static func parts(_ entity: String) -> [String] {
    entity.unicodeScalars.split(separator: separator, omittingEmptySubsequences: false).map(unmarked)
  }
}
