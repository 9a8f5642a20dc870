/// Ordinals by id. An ordinal is given once and never to another server, also where its owner is forgotten.
public struct OrdinalTable: Sendable, Equatable {
  private var byID: [ServerID: Ordinal] = [:]
  /// Ids in the order in which their ordinals were given, the oldest first.
  private var order: [ServerID] = []
  public private(set) var next: Ordinal = 1
  private let largest: Ordinal
  private let remembered: Int

  init(limits: Limits) {
    largest = limits.largestOrdinal
    remembered = max(1, limits.rememberedOrdinals)
  }

  /// The ordinal of a server, a new one where it has none.
  ///
  /// - Returns: nil where all have been given; such a server takes part in no merged `cid`.
  mutating func ordinal(of id: ServerID) -> Ordinal? {
    if let known = byID[id] { return known }
    guard next <= largest else { return nil }
    let given = next
    next += 1
    remember(id, given)
    return given
  }

  /// Takes up what was kept. What is out of range or given twice is thrown away.
  mutating func restore(_ kept: [Kept.GivenOrdinal], next keptNext: Ordinal) {
    var taken = Set(byID.values)
    // What was given in this run may be forgotten already, and stays taken all the same.
    let first = next
    for given in kept where given.ordinal >= first && given.ordinal <= largest && byID[given.id] == nil {
      guard taken.insert(given.ordinal).inserted else { continue }
      remember(given.id, given.ordinal)
      next = max(next, given.ordinal + 1)
    }
    if keptNext >= 1, keptNext <= largest { next = max(next, keptNext) }
  }

  private mutating func remember(_ id: ServerID, _ ordinal: Ordinal) {
    byID[id] = ordinal
    order.append(id)
    // Half at a time, so that forgetting costs little for each.
    guard order.count > remembered else { return }
    for old in order.prefix(remembered / 2) { byID[old] = nil }
    order.removeFirst(remembered / 2)
  }

  /// In the order in which they were given.
  public var given: [Kept.GivenOrdinal] {
    order.compactMap { id in byID[id].map { Kept.GivenOrdinal(id: id, ordinal: $0) } }
  }

  var count: Int { order.count }
}
