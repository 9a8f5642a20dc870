import SystemAPI
import Wire

/// Reads one element of `stream_detail` of a jsz.
struct StreamReader {
  private static let names: [StaticString] = ["name", "cluster", "config", "state", "consumer_detail", "mirror", "sources"]
  private static let settings: [StaticString] = [
    "retention", "storage", "num_replicas", "max_msgs", "max_bytes", "max_consumers", "max_age", "max_msgs_per_subject", "discard",
    "duplicate_window", "sealed", "compression", "metadata",
  ]
  private static let state: [StaticString] = [
    "messages", "bytes", "first_seq", "last_seq", "num_subjects", "num_deleted", "consumer_count", "last_ts",
  ]
  private static let origin: [StaticString] = ["name", "lag", "active", "error"]

  let bytes: UnsafeBufferPointer<UInt8>

  /// Reads the element that begins at `start`.
  ///
  /// - Parameter take: Gets the stream, and where its consumers begin once all else of it is read; gives where they end.
  /// - Returns: Where the element ends; nil where that is not known.
  func read(_ start: Int, group: String, account: String, _ take: (StreamFacts, _ consumers: Int?) -> Void) -> Int? {
    var found = [Range<Int>?](repeating: nil, count: Self.names.count)
    let end = JSONPlace.members(Self.names, bytes, start) { place, value in
      guard let after = JSONPlace.end(bytes, value) else { return nil }
      found[place] = value..<after
      return after
    }
    guard let name = found[0].flatMap({ JSONBytes.string(bytes, $0) }), !name.isEmpty else { return end }
    var stream = StreamFacts(.init(group: group, account: account, name: name))
    stream.raft = found[1].flatMap { RaftView(bytes, $0) }
    stream.settings = found[2].map(readSettings)
    stream.state = found[3].map(readState) ?? StreamFacts.State()
    stream.mirror = found[5].flatMap(readOrigin)
    if let sources = found[6] {
      var elements = JSONElements(bytes, sources)
      while stream.sources.count < Self.mostSources, let element = elements.next() {
        if let origin = readOrigin(element) { stream.sources.append(origin) }
      }
    }
    take(stream, found[4]?.lowerBound)
    return end
  }

  private static let mostSources = 1024

  private func readSettings(_ range: Range<Int>) -> StreamFacts.Settings {
    let found = JSONBytes.members(Self.settings, bytes, range)
    func text(_ place: Int) -> String { found[place].flatMap { JSONBytes.string(bytes, $0) } ?? "" }
    func limit(_ place: Int) -> Int? { found[place].flatMap { Amount.read(bytes, $0) }.flatMap { $0 > 0 ? $0 : nil } }
    var settings = StreamFacts.Settings()
    settings.retention = StreamFacts.Settings.Retention(rawValue: text(0)) ?? .limits
    settings.storage = StreamFacts.Settings.Storage(rawValue: text(1)) ?? .file
    settings.replicas = limit(2) ?? 1
    settings.maxMessages = limit(3)
    settings.maxBytes = limit(4)
    settings.maxConsumers = limit(5)
    settings.maxAge = limit(6).map { Span(nanoseconds: Int64($0)) }
    settings.maxMessagesPerSubject = limit(7)
    settings.refusesWhenFull = text(8) == "new"
    settings.duplicateWindow = Span(nanoseconds: Int64(limit(9) ?? 0))
    settings.isSealed = found[10].map { JSONBytes.isTrue(bytes, $0) } ?? false
    settings.isCompressed = !["", "none"].contains(text(11))
    settings.metadata = found[12].map { Metadata.read(bytes, $0) } ?? [:]
    return settings
  }

  private func readState(_ range: Range<Int>) -> StreamFacts.State {
    let found = JSONBytes.members(Self.state, bytes, range)
    func count(_ place: Int) -> Int { found[place].flatMap { Amount.read(bytes, $0) } ?? 0 }
    var state = StreamFacts.State()
    state.messages = count(0)
    state.bytes = count(1)
    state.firstSequence = count(2)
    state.lastSequence = count(3)
    state.subjects = count(4)
    state.deleted = count(5)
    state.consumers = count(6)
    state.lastMessage = found[7].flatMap { GoTime.read(bytes, $0) }
    return state
  }

  private func readOrigin(_ range: Range<Int>) -> StreamFacts.Origin? {
    let found = JSONBytes.members(Self.origin, bytes, range)
    guard let name = found[0].flatMap({ JSONBytes.string(bytes, $0) }) else { return nil }
    var origin = StreamFacts.Origin(name)
    origin.lag = found[1].flatMap { Amount.read(bytes, $0) } ?? 0
    // -1 stands for never.
    origin.silence = found[2].flatMap { JSONBytes.double(bytes, $0) }.flatMap { $0 < 0 ? nil : Span(nanosecondCount: $0) }
    origin.error = found[3].flatMap { JSONBytes.member("description", bytes, $0) }.flatMap { JSONBytes.string(bytes, $0) } ?? ""
    return origin
  }
}

/// What owners of streams and consumers wrote beside them, as far as it is about judging.
enum Metadata {
  static let prefix = "io.nats.monitor."
  private static let most = 64

  /// Without the prefix, which all that is kept has.
  static func read(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> [String: String] {
    var found: [String: String] = [:]
    var members = JSONMembers(bytes, range)
    while found.count < most, let (name, value) = members.next() {
      guard name.count > prefix.utf8.count, bytes[name].starts(with: prefix.utf8) else { continue }
      let key = String(JSONBytes.unescaped(bytes, name).dropFirst(prefix.count))
      if found[key] == nil { found[key] = JSONBytes.string(bytes, value) ?? "" }
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
