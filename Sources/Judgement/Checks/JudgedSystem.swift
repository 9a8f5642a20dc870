import SystemAPI
import Wire

/// All that is known of a system at one moment, for the checks.
public struct JudgedSystem: Sendable {
  public var now: Timestamp
  public var thresholds = Thresholds()
  /// The gateway is connected to the system; else nothing else is judged.
  public var isConnected = true
  /// Why it is not, for people.
  public var connectionReason = ""
  /// What keeps the gateway from recording; nil where nothing does.
  public var recordTrouble: RecordTrouble?
  /// Receivers of news that get none.
  public var notifyTroubles: [NotifyTrouble] = []
  /// The roster, of the scope that is judged.
  public var servers: [JudgedServer] = []
  /// Servers that others know of and the gateway does not.
  public var unknownServers = 0
  /// Links between servers with which something is wrong by what both ends say; nil where it was not found out.
  public var brokenLinks: [JudgedLink] = []
  /// Answers by what they are needed for.
  public private(set) var documents: [Need: [DocumentReply]] = [:]
  /// Servers that were asked for something and did not answer, by name. What stands neither here nor among the documents was not asked for.
  public var lacking: [Need: [String]] = [:]
  /// Accounts whose details were not looked at, where every server that was asked about the others has answered: what is said of those others
  /// is all that there is to say. Nobody but ``lacking`` tells of them where servers are missing too.
  public var overlooked: Set<String> = []
  /// What was asked for, or has to be known, and could not be had at all, with the reason: it is not known, and not for want of asking.
  public private(set) var unanswered: [Need: String] = [:]
  /// Since when events are heard without a break; nil = for as long as is judged.
  public var heardSince: Timestamp?
  /// Of `streams`, or of `consumers`, which tell of streams too.
  public private(set) var jetStream = JetStreamFacts()
  /// Streams that were told of before, as far as they are kept in mind.
  public var remembered: [StreamFacts.Key: RememberedStream] = [:]
  /// Names of all servers of the roster, whatever is judged of it.
  public internal(set) var names: Set<String> = []
  /// Names of those that live: they answer, or are late.
  var living: Set<String> = []
  /// Of `accstatz` and of `accountz?acc=`, joined over all servers.
  private(set) var traffic: [AccountTraffic] = []
  private(set) var accounts: [AccountView] = []
  /// Answers to `varz` by the cluster of the server that gave them.
  private(set) var clusters: [String: [DocumentReply]] = [:]
  /// Of routez, gatewayz and leafz: what each answer tells, in their order.
  private(set) var links: [Need: [[ServerLink]]] = [:]
  /// Servers that were taken out in order, with what is to be said of them: "it is in lame duck mode".
  var leaving = ByServer<String>()
  /// How long ago servers were started that still find their place.
  private(set) var young = ByServer<Span>()
  /// Servers that bear one name in one cluster, and live.
  var namesakes: Set<Trends.ServerKey> = []
  /// An earlier moment.
  public var before: Before?
  /// Figures of the time before, this moment's among them.
  public var trends = Trends()

  /// What is kept of an earlier moment: enough to tell what has changed.
  public struct Before: Sendable {
    public let at: Timestamp
    public let documents: [Need: [DocumentReply]]
    /// As ``JudgedSystem/lacking`` and ``JudgedSystem/unanswered``: what was not seen then tells of no change now.
    let lacking: [Need: [String]]
    let unanswered: [Need: String]
    public let jetStream: JetStreamFacts
    let traffic: [String: AccountTraffic]
    let jetStreamServers: [String: JetStreamFacts.Server]
    /// By need, then the server's id, and its name with its cluster.
    private let byID: [Need: [String: Int]]
    private let byName: [Need: [[String]: Int]]

    public init(_ system: JudgedSystem) {
      at = system.now
      documents = system.documents
      lacking = system.lacking
      unanswered = system.unanswered
      jetStream = system.jetStream
      traffic = Dictionary(system.traffic.map { ($0.id, $0) }) { first, _ in first }
      jetStreamServers = Dictionary(system.jetStream.servers.map { ($0.server.id, $0) }) { first, _ in first }
      byID = documents.mapValues { replies in Dictionary(replies.enumerated().map { ($1.server.id, $0) }) { first, _ in first } }
      byName = documents.mapValues { replies in
        Dictionary(replies.enumerated().map { ([$1.server.cluster, $1.server.name], $0) }) { first, _ in first }
      }
    }

    func reply(_ need: Need, id: String) -> DocumentReply? { byID[need]?[id].flatMap { documents[need]?[$0] } }

    func reply(_ need: Need, name: String, cluster: String) -> DocumentReply? {
      byName[need]?[[cluster, name]].flatMap { documents[need]?[$0] }
    }
  }

  public init(now: Timestamp) { self.now = now }

  /// Takes up what servers answered to one question. jsz with consumers stands for jsz without them.
  public mutating func take(_ need: Need, _ replies: [DocumentReply], lacking: [String] = [], most: Int = JetStreamFacts.most) {
    documents[need] = replies
    if !lacking.isEmpty { self.lacking[need] = lacking }
    switch need {
    case .varz:
      young = JudgedSystem.young(replies, at: now)
      clusters = Dictionary(grouping: replies, by: \.server.cluster)
    case .accstatz: traffic = AccountTraffic.all(replies)
    case .accounts: accounts = AccountView.all(replies)
    case .routez: links[need] = replies.map(ServerLink.routes)
    case .gatewayz: links[need] = replies.map(ServerLink.gateways)
    case .leafz: links[need] = replies.map(ServerLink.leafs)
    default: break
    }
    guard need == .streams || need == .consumers else { return }
    if need == .consumers {
      documents[.streams] = replies
      self.lacking[.streams] = self.lacking[need]
    }
    jetStream = JetStreamFacts(replies, most: most)
  }

  /// Takes up that nobody could be asked, or that nobody answered at all.
  ///
  /// - Parameter why: For people: `no known server is in scope`.
  public mutating func miss(_ need: Need, _ why: String) {
    unanswered[need] = why
    if need == .consumers { unanswered[.streams] = why }
  }

  /// Of all documents; jsz with consumers counts once.
  public var documentBytes: Int {
    documents.reduce(0) { sum, row in
      row.key == .streams && documents[.consumers] != nil ? sum : sum + row.value.reduce(0) { $0 + $1.document.range.count }
    }
  }

  public subscript(_ need: Need) -> [DocumentReply] { documents[need] ?? [] }

  /// A stream as it was at the moment before.
  func earlier(_ key: StreamFacts.Key) -> StreamFacts? {
    before.flatMap { before in before.jetStream.streamIndex[key].map { before.jetStream.streams[$0] } }
  }

  func earlier(_ key: ConsumerFacts.Key) -> ConsumerFacts? {
    before?.jetStream.consumer(key)
  }

  /// What the same server said at the moment before.
  func earlier(_ reply: DocumentReply, _ need: Need) -> DocumentReply? { before?.reply(need, id: reply.server.id) }

  /// What the server of that name said then, perhaps as another process.
  func earlier(named reply: DocumentReply, _ need: Need) -> DocumentReply? {
    // Which of several that was is not known.
    if isNamesake(reply.server.name, reply.server.cluster) { return earlier(reply, need) }
    return before?.reply(need, name: reply.server.name, cluster: reply.server.cluster)
  }

  /// Names of the servers that tell of streams.
  public var telling: Set<String> { Set(self[.streams].map(\.server.name)) }

  /// Remembered streams that nobody tells of now, in order. Where a holder tells of streams, it has been deleted; where one lives and was
  /// only too late to tell, it is not known.
  var unreachable: [RememberedStream] {
    guard !remembered.isEmpty else { return [] }
    let there = telling.union(living)
    return remembered.values.filter { stream($0.key) == nil && !$0.holders.contains(where: there.contains) }
      .sorted { ($0.key.account, $0.key.name, $0.key.group) < ($1.key.account, $1.key.name, $1.key.group) }
  }

  /// A stream by its key.
  func stream(_ key: StreamFacts.Key) -> StreamFacts? { jetStream.streamIndex[key].map { jetStream.streams[$0] } }

  private static let compared: Set<Need> = [.varz, .subsz, .accstatz, .raftz, .streams, .consumers]

  /// What of the time before a check looks at and that is not known: what an earlier moment lacks, and what was not heard.
  func lacks(_ check: Check) -> [Unknown.Reason] {
    guard isConnected else { return [] }
    var reasons = [check.lookBack.flatMap { lacks($0) }].compactMap(\.self)
    if check.followsNames, !namesakes.isEmpty { reasons.append(.namesakes(Set(namesakes.map(\.name)).sorted())) }
    if check.needs.contains(.heard), check.thresholds.contains(.minutes), let heardSince, heardSince > now - window {
      reasons.append(.heardSince(heardSince, minutes: thresholds[.minutes]))
    }
    guard let before, check.needs.contains(.before) else { return reasons }
    return reasons + check.needs.filter(JudgedSystem.compared.contains).compactMap(before.lacks)
  }

  /// What a check cannot do without and that is not known; nil where everything is.
  func isUnknown(_ need: Need) -> Unknown.Reason? {
    guard isConnected else { return need == .connection ? nil : .notConnected(connectionReason) }
    switch need {
    case .connection: return nil
    case .roster, .heard: return unanswered[.roster].map { .unanswered(need, $0) }
    case .before: return before == nil ? .notKept : nil  // What the earlier moment lacks: ``lacks(_:)``.
    case .window: return nil  // ``lacks(_:)`` too.
    default:
      guard documents[need] != nil else { return unanswered[need].map { .unanswered(need, $0) } ?? .notAsked(need) }
      guard let silent = lacking[need] else {
        // What was not looked at is not well for that.
        let isPassedOver = jetStream.leftOut > 0 && (need == .streams || need == .consumers)
        return isPassedOver ? .silent(need, ["\(jetStream.leftOut) streams and consumers that are too many to be judged"]) : nil
      }
      return .silent(need, silent)
    }
  }
}

extension JudgedSystem.Before {
  /// What of it is not known; nil where it is known of everybody.
  fileprivate func lacks(_ need: Need) -> Unknown.Reason? {
    guard documents[need] != nil else { return unanswered[need].map { .unansweredThen(need, $0) } ?? .notKeptThen(need) }
    return lacking[need].map { .silentThen(need, $0) }
  }
}

/// A check that could not be made, wholly or in part: it is neither green nor red.
public struct Unknown: Sendable, Equatable {
  public enum Reason: Sendable, Equatable {
    /// Servers were not asked for it.
    case notAsked(Need)
    /// These were, and did not answer.
    case silent(Need, [String])
    /// It was asked for, and nobody could be asked or answered.
    case unanswered(Need, String)
    /// There is no earlier moment to compare with.
    case notKept
    /// The earlier moment lacks it.
    case notKeptThen(Need)
    /// At the earlier moment these did not answer.
    case silentThen(Need, [String])
    /// At the earlier moment it was asked for in vain.
    case unansweredThen(Need, String)
    /// Figures of the kind are not known for as long as is looked back.
    case tooShort(Trends.Kind, known: Span, wanted: Span)
    /// Figures of so many of the kind were given up while they were away: there were too many.
    case givenUp(Trends.Kind, Int)
    /// Several servers bear these names: which of them one is after it was started anew is not known.
    case namesakes([String])
    /// Events were not heard for as long as is looked back.
    case heardSince(Timestamp, minutes: Int)
    /// The gateway has no connection; why, for people, where it is known.
    case notConnected(String)

    public var sentence: String {
      switch self {
      case .notAsked(let need): "\(need.rawValue) was not asked for"
      case .silent(let need, let servers): "\(need.rawValue) of \(servers.joined(separator: ", ")) is missing"
      case .unanswered(let need, let why): "\(need.rawValue) could not be had: \(why)"
      case .notKept: "there is no earlier moment to compare with"
      case .notKeptThen(let need): "\(need.rawValue) was not kept of the earlier moment"
      case .silentThen(let need, let servers): "\(need.rawValue) of \(servers.joined(separator: ", ")) is missing in the earlier moment"
      case .unansweredThen(let need, let why): "\(need.rawValue) could not be had at the earlier moment: \(why)"
      case .tooShort(let kind, let known, let wanted):
        "figures of \(kind.rawValue) are known for \(known.text), and not for \(wanted.text)"
      case .givenUp(let kind, let count):
        "earlier figures of \(PlainText.count(count)) \(count == 1 ? String(kind.rawValue.dropLast()) : kind.rawValue) that came back were not kept"
      case .namesakes(let names):
        "several servers are named \(names.joined(separator: ", ")): which of them is started anew is not known"
      case .heardSince(let time, let minutes):
        "events were heard only since \(time.rfc3339), and not for \(minutes) \(minutes == 1 ? "minute" : "minutes")"
      case .notConnected(let why): "the gateway is not connected" + (why.isEmpty ? "" : ": \(why)")
      }
    }
  }

  /// What kind of reason it is, for programs.
  public enum Kind: String, Sendable, CaseIterable {
    case notAsked = "not_asked", silent, unanswered, notKept = "not_kept", notKeptThen = "not_kept_then", notConnected = "not_connected"

    /// It is not known by the way in which was asked; else somebody did not answer who should have.
    public var isByNature: Bool {
      switch self {
      case .notAsked, .notKept, .notKeptThen: true
      case .silent, .unanswered, .notConnected: false
      }
    }
  }

  public var code: String
  public var reasons: [Reason]
}

extension Unknown.Reason {
  public var kind: Unknown.Kind {
    switch self {
    case .notAsked: .notAsked
    case .silent, .silentThen: .silent
    case .unanswered, .unansweredThen: .unanswered
    case .notKept, .heardSince, .tooShort, .givenUp, .namesakes: .notKept
    case .notKeptThen: .notKeptThen
    case .notConnected: .notConnected
    }
  }
}
