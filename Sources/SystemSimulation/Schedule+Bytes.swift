extension Schedule {
  /// Any bytes as a schedule: twelve for the world, six for each of at most 64 steps.
  public init(bytes: some Collection<UInt8>) {
    var bytes = bytes.makeIterator()
    func next() -> UInt64 { UInt64(bytes.next() ?? 0) }
    var world = World()
    for _ in 0..<8 { world.seed = world.seed << 8 | next() }
    world.servers = 1 + Int(next() % 6)
    world.clusters = 1 + Int(next() % 3)
    let traits = next() << 8 | next()
    for (bit, trait) in World.Trait.allCases.enumerated() where traits >> UInt64(bit) & 1 == 1 { world.traits.insert(trait) }
    self.init(world, [])
    while steps.count < 64, let kind = bytes.next() {
      let kinds = Step.Kind.allCases
      let (a, b, c) = (UInt8(next()), UInt8(next()), UInt8(next()))
      // Short waits in milliseconds, long ones in quarters of a second.
      let wait = next()
      steps.append(
        Step(kinds[Int(kind) % kinds.count], a, b, c, after: UInt32(wait < 128 ? wait : (wait - 128) * (wait < 224 ? 10 : 250))))
    }
  }
}
