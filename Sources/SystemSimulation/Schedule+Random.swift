extension Schedule {
  /// The schedule of a seed: some dozens of steps, most of them close to each other.
  public init(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    self.init(World(&random), [])
    let count = 4 + random.below(28)
    let pace = [3, 40, 400][random.below(3)]
    steps.reserveCapacity(count)
    for _ in 0..<count {
      let kind = Schedule.kinds[random.below(Schedule.kinds.count)]
      let after: Int =
        switch random.below(40) {
        case 0: random.below(40_000)
        case 1...8: 0
        case 9...12: random.below(pace * 8)
        default: random.below(pace)
        }
      let draw = random.next()
      steps.append(
        Step(
          kind, UInt8(truncatingIfNeeded: draw), UInt8(truncatingIfNeeded: draw >> 8), UInt8(truncatingIfNeeded: draw >> 16),
          after: UInt32(after)))
    }
  }

  /// Every kind as often as it is worth.
  private static let kinds: [Step.Kind] = Step.Kind.allCases.flatMap { kind in
    let weight =
      switch kind {
      case .ask: 24
      case .freeze, .kill, .start: 5
      case .thaw, .slow, .cut, .mend, .lose, .shutdown: 3
      case .withdraw, .fast, .lameDuck, .heartbeat, .event, .reload, .stray, .tick: 2
      case .restore, .clock, .forgeBeat, .forgeGoodbye, .ghost, .lie, .sightings, .sound, .refuse, .stop: 1
      }
    return [Step.Kind](repeating: kind, count: weight)
  }
}

extension World {
  init(_ random: inout SplitMix64) {
    seed = random.next()
    servers = 1 + random.below(5)
    clusters = 1 + random.below(3)
    for trait in World.Trait.allCases where random.chance(trait.odds, of: 16) { traits.insert(trait) }
  }
}

extension World.Trait {
  /// In how many of sixteen worlds it is found.
  fileprivate var odds: Int {
    switch self {
    case .heartbeats: 12
    case .oldVersion, .leaf, .lag, .partial: 4
    case .lossy, .echo, .heals, .replays, .tight, .forgetful, .oneURL: 2
    case .inProcess, .ordinaryAccount, .linksUntold, .alone: 1
    }
  }
}
