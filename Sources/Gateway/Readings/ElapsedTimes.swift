import Wire

/// How long it was from one reading to the next, by each server's own clock.
struct ElapsedTimes {
  /// Seconds, in the order of the later reading's servers; nil where nothing is known, or too little.
  let ofServers: [Double?]

  /// Readings nearer to each other than this say nothing, in seconds.
  private static let shortest = 0.3

  init(from before: [(id: String, time: Double?)], to now: [(id: String, time: Double?)]) {
    let clocks = Dictionary(before.map { ($0.id, $0.time) }) { first, _ in first }
    ofServers = now.map { server in
      guard let time = server.time, let then = clocks[server.id] ?? nil, time - then >= ElapsedTimes.shortest else { return nil }
      return time - then
    }
  }

  /// That of most servers; nil where nothing is known of any.
  var usual: Double? {
    let known = ofServers.compactMap(\.self).sorted()
    return known.isEmpty ? nil : known[known.count / 2]
  }

  /// Growth a second of what may also shrink, to two decimals.
  static func change(_ now: Int, since before: Int, seconds: Double) -> Double {
    (Double(now - before) / seconds * 100).rounded() / 100
  }

  /// Growth a second, to two decimals; nil where a counter began anew.
  static func rate(_ now: Int, since before: Int, seconds: Double) -> Double? {
    now >= before ? (Double(now - before) / seconds * 100).rounded() / 100 : nil
  }
}

extension PathScope {
  var isAccount: Bool { if case .account = self { true } else { false } }
}
