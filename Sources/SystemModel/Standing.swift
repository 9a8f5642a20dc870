/// Why a server is suspect.
public enum Suspicion: Sendable, Hashable {
  /// It did not answer its probe.
  case silent
  /// The connected server knows nobody who listens for it.
  case noRoute
}

/// Why a server is gone.
public enum Departure: Sendable, Hashable {
  /// It said so: final for its id.
  case shutDown
  /// Another with its name and cluster lives.
  case replaced(by: ServerID)
  /// The operator said that it is not coming back.
  case retired
  /// It was silent for longer than the operator keeps silent servers.
  case forgotten
}

/// Where a server stands.
public enum Standing: Sendable, Hashable {
  /// Answers.
  case live
  /// Kept a question waiting, but answered its probe.
  case slow
  case suspect(Suspicion)
  /// Announced that it goes. Since nats-server 2.9.22 that is its last word on `$SYS`.
  case lameDuck
  case gone(Departure)
  /// Declared by the operator and not there.
  case awaited

  /// An answer is complete only with this server's.
  public var isExpected: Bool {
    switch self {
    case .live, .slow, .suspect, .awaited: true
    case .lameDuck, .gone: false
    }
  }

  /// A question waits for it.
  public var isWaitedFor: Bool { self == .live || self == .slow }

  public var isSuspect: Bool { if case .suspect = self { true } else { false } }

  public var isGone: Bool { if case .gone = self { true } else { false } }

  /// The word of `/servers`, `/events` and metrics.
  public var name: String {
    switch self {
    case .live: "live"
    case .slow: "slow"
    case .suspect: "suspect"
    case .lameDuck: "lame_duck"
    case .gone: "gone"
    case .awaited: "awaited"
    }
  }

  public static let names = ["live", "slow", "suspect", "lame_duck", "gone", "awaited"]

  /// Why, for people; empty where there is nothing to explain.
  public var reason: String {
    switch self {
    case .live: ""
    case .slow: "answers its probe, but not yet the request"
    case .suspect(.silent): "no answer to its probe"
    case .suspect(.noRoute): "no route to it"
    case .lameDuck: "in lame duck mode"
    case .gone(.shutDown): "shut down"
    case .gone(.replaced(let id)): "replaced by \(id)"
    case .gone(.retired): "retired by the operator"
    case .gone(.forgotten): "silent for longer than the operator keeps silent servers"
    case .awaited: "expected by the operator, not seen yet"
    }
  }
}
