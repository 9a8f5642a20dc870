import Wire

/// Where the figures of each thing stand in readings, and for how long it has been known. A value.
struct TrendKeys<Key: Hashable & Sendable>: Sendable {
  private struct Known: Sendable {
    let key: Key
    let since: Timestamp
    var last: Timestamp
    /// When it was there last before its figures were given up.
    let lost: Timestamp?
  }

  private var places: [Key: Int] = [:]
  /// By place.
  private var known: [Known] = []
  /// The places of the last look in its order, and where each place stands in it: what is told comes in the same order again and again, and
  /// keys are compared faster than they are looked up.
  private var order: [Int] = []
  private var positions: [Int] = []
  /// Digests of things whose figures were given up, and when they were there last: of one that comes back it is not known how it went.
  private var givenUp: [Int: Timestamp] = [:]
  /// Places of those that came back.
  private var returned: [Int] = []
  /// The last look.
  private var newest = Timestamp.zero
  private static var mostGivenUp: Int { 100_000 }

  var count: Int { known.count }
  var all: some Sequence<(key: Key, place: Int)> { known.lazy.enumerated().map { (key: $1.key, place: $0) } }

  func place(_ key: Key) -> Int? { places[key] }

  /// A look that is being taken up, key by key.
  struct Look {
    let at: Timestamp
    /// Where the key stood in the last look that is expected next.
    fileprivate var expected = 0
    fileprivate var order: [Int] = []

    init(at: Timestamp) { self.at = at }
  }

  /// The place of a key, which is there now.
  mutating func place(_ key: Key, _ look: inout Look) -> Int {
    let place: Int
    if look.expected < order.count, known[order[look.expected]].key == key {
      place = order[look.expected]
      look.expected += 1
    } else if let found = places[key] {
      place = found
      if positions[found] >= 0 { look.expected = positions[found] + 1 }
    } else {
      place = known.count
      places[key] = place
      let lost = givenUp.isEmpty ? nil : givenUp.removeValue(forKey: TrendKeys.digest(key))
      if lost != nil { returned.append(place) }
      known.append(Known(key: key, since: look.at, last: look.at, lost: lost))
      positions.append(-1)
    }
    known[place].last = look.at
    look.order.append(place)
    return place
  }

  /// All keys of a look have been taken up.
  mutating func end(_ look: consuming Look) {
    for place in order { positions[place] = -1 }
    newest = look.at
    order = look.order
    for (position, place) in order.enumerated() { positions[place] = position }
  }

  /// Things that are there now and were there within a window too, of which the figures of that time were given up.
  func returned(_ window: TrendWindow) -> Int {
    returned.count { known[$0].last == newest && known[$0].lost.map(window.holds) ?? false }
  }

  /// Places of things that are not there now, the shortest-lived first.
  func gone(at now: Timestamp) -> [Int] {
    known.indices.filter { known[$0].last < now }.sorted { life($0) < life($1) }
  }

  private func life(_ place: Int) -> Span { known[place].last - known[place].since }

  /// Gives up all places but these, which are moved together in their order.
  ///
  /// - Parameter lost: Those of which figures go with them.
  mutating func keep(_ kept: [Int], lost: some Sequence<Int>, at now: Timestamp) {
    givenUp = givenUp.filter { now - $1 <= TrendSpacing.memory }
    for place in lost where givenUp.count < TrendKeys.mostGivenUp { givenUp[TrendKeys.digest(known[place].key)] = known[place].last }
    known = kept.map { known[$0] }
    returned = known.indices.filter { known[$0].lost != nil }
    places = Dictionary(known.enumerated().map { ($1.key, $0) }) { first, _ in first }
    order = []
    positions = Array(repeating: -1, count: known.count)
  }

  private static func digest(_ key: Key) -> Int { key.hashValue }
}
