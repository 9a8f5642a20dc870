import SystemAPI
import Wire

/// Reads elements of `stream_detail` of a jsz.
struct StreamReader {
  private static let names = MemberNames(["name", "cluster", "config", "state", "consumer_detail", "mirror", "sources"])
  private static let settings = MemberNames([
    "retention", "storage", "num_replicas", "max_msgs", "max_bytes", "max_consumers", "max_age", "max_msgs_per_subject", "discard",
    "duplicate_window", "sealed", "compression", "metadata",
  ])
  private static let state = MemberNames(["messages", "bytes", "first_seq", "last_seq", "num_subjects", "num_deleted", "consumer_count"])
  private static let origin = MemberNames(["name", "lag", "active", "error"])
  private static let error = MemberNames(["description"])
  private static let retentions = MemberNames(["interest", "workqueue"])
  private static let memory = MemberNames(["memory"])
  private static let new = MemberNames(["new"])
  private static let uncompressed = MemberNames(["", "none"])

  let group: String
  let account: String

  /// Reads the element that begins here.
  ///
  /// - Parameter consumers: Gets the stream as far as it is read, and the walk where its consumers begin: to read them or pass over them.
  /// - Returns: nil for one without a name.
  func read(_ walk: inout DocumentWalk, _ consumers: (StreamFacts, inout DocumentWalk) -> Void) -> StreamFacts? {
    var stream = StreamFacts(.init(group: group, account: account, name: ""))
    var isStateRead = false
    var left: Int?
    walk.members(Self.names) { walk, place in
      switch place {
      case 0: stream.key.name = walk.string() ?? ""
      case 1: stream.raft = RaftView(&walk)
      case 2: stream.settings = readSettings(&walk)
      case 3:
        stream.state = readState(&walk)
        isStateRead = true
      case 4:
        // In the order of nats-server all that is needed has been read.
        if isStateRead, !stream.key.name.isEmpty { return consumers(stream, &walk) }
        left = walk.index
        walk.skip()
      case 5: stream.mirror = readOrigin(&walk)
      default: readSources(&stream, &walk)
      }
    }
    guard !stream.key.name.isEmpty else { return nil }
    if let left {
      var again = walk
      again.go(to: left)
      consumers(stream, &again)
    }
    return stream
  }

  private static let mostSources = 1024

  private func readSettings(_ walk: inout DocumentWalk) -> StreamFacts.Settings {
    var settings = StreamFacts.Settings()
    walk.members(Self.settings) { walk, place in
      switch place {
      case 0:
        let retention = walk.word(Self.retentions)
        settings.retention = retention == 0 ? .interest : retention == 1 ? .workqueue : .limits
      case 1: settings.storage = walk.word(Self.memory) == 0 ? .memory : .file
      case 2: settings.replicas = walk.limit() ?? 1
      case 3: settings.maxMessages = walk.limit()
      case 4: settings.maxBytes = walk.limit()
      case 5: settings.maxConsumers = walk.limit()
      case 6: settings.maxAge = walk.limit().map { Span(nanoseconds: Int64($0)) }
      case 7: settings.maxMessagesPerSubject = walk.limit()
      case 8: settings.refusesWhenFull = walk.word(Self.new) == 0
      case 9: settings.duplicateWindow = Span(nanoseconds: Int64(walk.limit() ?? 0))
      case 10: settings.isSealed = walk.isTrue()
      case 11: settings.isCompressed = walk.word(Self.uncompressed) == -1
      default: settings.metadata = Metadata.read(&walk)
      }
    }
    return settings
  }
}

extension StreamReader {
  private func readState(_ walk: inout DocumentWalk) -> StreamFacts.State {
    var state = StreamFacts.State()
    walk.members(Self.state) { walk, place in
      let count = walk.amount() ?? 0
      switch place {
      case 0: state.messages = count
      case 1: state.bytes = count
      case 2: state.firstSequence = count
      case 3: state.lastSequence = count
      case 4: state.subjects = count
      case 5: state.deleted = count
      default: state.consumers = count
      }
    }
    return state
  }

  private func readSources(_ stream: inout StreamFacts, _ walk: inout DocumentWalk) {
    walk.elements { walk in
      guard stream.sources.count < Self.mostSources else { return walk.skip() }
      if let origin = readOrigin(&walk) { stream.sources.append(origin) }
    }
  }

  private func readOrigin(_ walk: inout DocumentWalk) -> StreamFacts.Origin? {
    var origin = StreamFacts.Origin("")
    var isNamed = false
    walk.members(Self.origin) { walk, place in
      switch place {
      case 0:
        let name = walk.string()
        (origin.stream, isNamed) = (name ?? "", name != nil)
      case 1: origin.lag = walk.amount() ?? 0
      // -1 stands for never.
      case 2: origin.silence = walk.double().flatMap { $0 < 0 ? nil : Span(nanosecondCount: $0) }
      default: walk.members(Self.error) { walk, _ in origin.error = walk.string() ?? "" }
      }
    }
    return isNamed ? origin : nil
  }
}

/// What owners of streams and consumers wrote beside them, as far as it is about judging.
enum Metadata {
  static let prefix = "io.nats.monitor."
  private static let most = 64

  /// Without the prefix, which all that is kept has.
  static func read(_ walk: inout DocumentWalk) -> [String: String] {
    var found: [String: String] = [:]
    walk.eachMember { walk, name in
      guard found.count < most, name.count > prefix.utf8.count, walk.bytes[name].starts(with: prefix.utf8) else { return walk.skip() }
      let key = String(JSONText.decode(walk.bytes, name).dropFirst(prefix.count))
      let value = walk.string() ?? ""
      if found[key] == nil { found[key] = value }
    }
    return found
  }
}

/// Times as servers print them.
enum GoTime {
  /// nil for Go's zero time too.
  static func read(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Timestamp? {
    guard let text = JSONBytes.string(bytes, range), !text.hasPrefix("0001-") else { return nil }
    return Timestamp(rfc3339: text)
  }
}
