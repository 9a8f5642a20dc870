/// What a virtual system is like at its start.
public struct World: Sendable, Hashable {
  public enum Trait: String, Sendable, CaseIterable {
    /// Servers send heartbeats; without them only answers tell of them.
    case heartbeats
    /// The first server's version lacks an endpoint, and goes on answering as a lame duck.
    case oldVersion
    /// The last server stands outside every cluster, in a JetStream domain of its own.
    case leaf
    /// The gateway's server shares its process.
    case inProcess
    /// There is one URL only.
    case oneURL
    /// The user may ask nobody.
    case ordinaryAccount
    /// Servers go on counting a crashed one.
    case lag
    /// Nobody can be asked for links.
    case linksUntold
    /// Every bound is tiny.
    case tight
    /// Equal questions are not shared.
    case alone
    /// Silent servers are forgotten soon.
    case forgetful
    /// Answers to one kind of question tell neither cluster nor version.
    case partial
    /// A tenth of all messages is lost.
    case lossy
    /// A tenth of all replies comes twice.
    case echo
    /// After its last step all faults cease, and the system has to be well again.
    case heals
    /// Its inputs are given to a second model.
    case replays
  }

  /// Of delays, losses and doubles.
  public var seed: UInt64 = 0
  public var servers = 3
  public var clusters = 1
  public var traits: Set<Trait> = []

  public init() {}
}

/// One thing that happens to the system or to the gateway.
public struct Step: Sendable, Hashable {
  public enum Kind: String, Sendable, CaseIterable {
    case ask, withdraw
    case freeze, thaw, slow, fast, kill, start, shutdown, lameDuck, cut, mend
    case lose, heartbeat, event, reload, restore, clock, tick
    case forgeBeat, forgeGoodbye, ghost, lie, stray, sightings, sound, refuse, stop
  }

  public var kind: Kind
  /// What they mean depends on the kind; every number means something.
  public var a: UInt8
  public var b: UInt8
  public var c: UInt8
  /// Milliseconds since the step before.
  public var after: UInt32

  public init(_ kind: Kind, _ a: UInt8 = 0, _ b: UInt8 = 0, _ c: UInt8 = 0, after: UInt32 = 0) {
    self.kind = kind
    self.a = a
    self.b = b
    self.c = c
    self.after = after
  }
}

/// A world and what happens in it: all that a run depends on.
public struct Schedule: Sendable, Hashable {
  public var world: World
  public var steps: [Step]

  public init(_ world: World, _ steps: [Step]) {
    self.world = world
    self.steps = steps
  }
}
