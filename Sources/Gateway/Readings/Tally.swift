import Wire

/// Counts as servers tell them, which may be anything: none is below zero, and none, nor a sum of them, is beyond what every reader of JSON
/// holds exactly.
enum Tally {
  static let most = 1 << 53

  /// A count that a document tells; 0 where it is none.
  static func of(_ value: JSONView?) -> Int { bounded(value?.int ?? 0) }

  static func bounded(_ count: Int) -> Int { min(max(count, 0), most) }

  /// The sum of counts that are bounded.
  static func sum(_ one: Int, _ other: Int) -> Int { bounded(one + other) }
}
