import Wire

/// Every bound and every span of time by which the model judges.
///
/// Where a bound is reached, answers become less complete, never more.
public struct Limits: Sendable, Equatable {
  // MARK: Spans

  /// A question that has waited this long for a server has the server probed. A caller's shorter timeout causes no probe.
  public var patience = Span.milliseconds(250)
  /// How long a liveness probe may take (`--probe`).
  public var probe = Span.seconds(1)
  /// How long a suspect server that is asked is waited for.
  public var suspectWait = Span.milliseconds(150)
  /// Where the servers are not known, a question ends after this silence.
  public var silence = Span.milliseconds(300)
  /// While a question is on its way, equal ones wait for its end, but no longer than this, and then go out together.
  public var conveyor = Span.milliseconds(50)
  /// How long discovery waits for as many servers as the servers themselves count (`--timeout`).
  public var discovery = Span.seconds(2)
  /// Who has not answered a discovery after this time is asked in person.
  public var discoveryPatience = Span.milliseconds(300)
  /// A member of a cluster that has run for less has perhaps not met the others yet: the number that it counts ends no first discovery.
  public var youth = Span.milliseconds(1_500)
  /// How often the gateway asks who is there, where heartbeats tell it too.
  public var discoveryInterval = Span.seconds(60)
  /// The same, where no heartbeats are heard.
  public var discoveryIntervalWithoutHeartbeats = Span.seconds(10)
  /// Heartbeats come every 30 s at most (nats-server: `eventsHBInterval`); without any for this long they are not heard.
  public var heartbeats = Span.seconds(45)
  /// A server that is silent for this long is probed.
  public var quiet = Span.seconds(35)
  /// How long a silent server stays expected (`--forget-after`).
  public var forgetAfter = Span.seconds(3600)
  /// How much longer one that is gone stays on the roster.
  public var goneFor = Span.seconds(15 * 60)
  /// For so long after its last word the other servers may count a server that is gone (nats-server counts a crashed one for some minutes).
  public var countedAfterwards = Span.seconds(300)
  /// How often rows are looked through.
  public var housekeeping = Span.seconds(1)
  /// How often links are asked for servers that never spoke, while there may be any.
  public var sightingInterval = Span.seconds(10)

  /// Where for so long fewer servers are reached than there are, another of the gateway's own servers is tried.
  public var badPlace = Span.seconds(10)
  /// How soon another may be tried after one that was no better; twice as long each time, up to the longest.
  public var scoutInterval = Span.seconds(60)
  public var longestScoutInterval = Span.seconds(600)

  // MARK: Bounds

  /// Servers on the roster. Rows of servers that are gone make room first; live ones never do.
  public var servers = 10_000
  /// Of these, servers that were only heard in broadcasts and have never answered anything.
  public var hearsay = 2_000
  /// Of the rows that could make room on the roster, how many are passed over for a question on its way before a newcomer is turned away.
  public var heldDeparted = 64
  /// Servers of one name.
  public var namesakes = 64
  /// Bytes of a name, an id, a tag …
  public var textLength = 255
  public var tags = 64
  /// The largest `active_servers` that is believed.
  public var countedServers = 10_000
  /// Servers that links show and that never spoke.
  public var sightings = 10_000
  /// Liveness probes on their way at once.
  public var probes = 64
  /// Of these, probes of servers that have never answered anything.
  public var hearsayProbes = 16
  /// Liveness probes that leave within a second: where nobody listens for a server its probe fails at once, and the next would leave.
  public var probesPerSecond = 256
  /// Of these, probes of servers that have never answered anything.
  public var hearsayProbesPerSecond = 32
  /// Questions on their way at once.
  public var questions = 256
  /// Questions on their way at once to one server alone.
  public var questionsPerServer = 32
  /// Scopes of questions for which it is remembered who is expected to answer.
  public var expectations = 32
  /// Bytes of the replies to one question, and to all that are on their way. Who holds the bytes counts them (`Input.tooLarge`).
  public var replyBytes = 256 << 20
  public var heldBytes = 1 << 30
  /// Callers who wait at once.
  public var asks = 100_000
  /// Names that the operator may declare or retire.
  public var declared = 10_000
  /// Ids whose ordinals are remembered.
  public var rememberedOrdinals = 32_768
  /// Largest ordinal, so that `ordinal × 2^32 + cid` stays exact in a double.
  public var largestOrdinal = (1 << 21) - 1
  /// Rows that one look through the roster reads.
  public var rowsPerLook = 256
  /// Equal questions share one (`--no-coalesce` turns it off).
  public var coalesces = true

  public init() {}
}
