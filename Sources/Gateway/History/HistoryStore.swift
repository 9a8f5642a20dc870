import SystemAPI
import Wire

/// What one heartbeat says, in 72 bytes.
public struct HistorySample: Sendable {
  /// Milliseconds since 1970, by the gateway's clock.
  public var time: Int64
  public var memory: UInt64
  public var receivedMessages: UInt64
  public var receivedBytes: UInt64
  public var sentMessages: UInt64
  public var sentBytes: UInt64
  public var cpu: Float
  public var connections: UInt32
  public var subscriptions: UInt32
  public var slowConsumers: UInt32
  /// Milliseconds since 1970: another start is another process, whose counters begin anew.
  public var start: Int64

  /// Reads the `statsz` object of a heartbeat.
  public init?(statsz: [UInt8], at time: Timestamp) {
    guard let view = try? JSONView(validating: statsz), view.kind == .object else { return nil }
    self.time = time.unixNanoseconds / 1_000_000
    memory = view["mem"]?.uint64 ?? 0
    receivedMessages = view["received"]?["msgs"]?.uint64 ?? 0
    receivedBytes = view["received"]?["bytes"]?.uint64 ?? 0
    sentMessages = view["sent"]?["msgs"]?.uint64 ?? 0
    sentBytes = view["sent"]?["bytes"]?.uint64 ?? 0
    cpu = Float(view["cpu"]?.double ?? 0)
    connections = UInt32(clamping: view["connections"]?.int ?? 0)
    subscriptions = UInt32(clamping: view["subscriptions"]?.int ?? 0)
    slowConsumers = UInt32(clamping: view["slow_consumers"]?.int ?? 0)
    start = (view["start"]?.string.flatMap { Timestamp(rfc3339: $0) }?.unixNanoseconds ?? 0) / 1_000_000
  }
}

/// A field that the history can be asked for.
public enum HistoryField: String, Sendable, CaseIterable {
  case cpu, mem, connections, subscriptions
  case slowConsumers = "slow_consumers"
  case inMessages = "in_msgs"
  case inBytes = "in_bytes"
  case outMessages = "out_msgs"
  case outBytes = "out_bytes"
  case inMessagesRate = "in_msgs_rate"
  case inBytesRate = "in_bytes_rate"
  case outMessagesRate = "out_msgs_rate"
  case outBytesRate = "out_bytes_rate"

  /// The field's value at a sample; rates need the sample before. Nil where it is not known.
  func value(_ sample: HistorySample, before: HistorySample?) -> Double? {
    switch self {
    case .cpu: Double((sample.cpu * 10).rounded()) / 10
    case .mem: Double(sample.memory)
    case .connections: Double(sample.connections)
    case .subscriptions: Double(sample.subscriptions)
    case .slowConsumers: Double(sample.slowConsumers)
    case .inMessages: Double(sample.receivedMessages)
    case .inBytes: Double(sample.receivedBytes)
    case .outMessages: Double(sample.sentMessages)
    case .outBytes: Double(sample.sentBytes)
    case .inMessagesRate: Self.rate(sample, before, \.receivedMessages)
    case .inBytesRate: Self.rate(sample, before, \.receivedBytes)
    case .outMessagesRate: Self.rate(sample, before, \.sentMessages)
    case .outBytesRate: Self.rate(sample, before, \.sentBytes)
    }
  }

  /// Growth a second; nil across a restart, and where the samples are too near to each other to tell.
  static func rate(_ sample: HistorySample, _ before: HistorySample?, _ counter: KeyPath<HistorySample, UInt64>) -> Double? {
    guard let before, before.start == sample.start, sample.time >= before.time + 200 else { return nil }
    let (grown, wrapped) = sample[keyPath: counter].subtractingReportingOverflow(before[keyPath: counter])
    guard !wrapped else { return nil }
    return (Double(grown) / Double(sample.time - before.time) * 1000 * 100).rounded() / 100
  }
}

/// The heartbeats of every server for the last quarter of an hour: rates and lines without asking anybody.
///
/// At most one sample every ``spacing`` milliseconds is kept, so that a server's history is bounded however often it
/// reports.
public struct HistoryStore: Sendable {
  /// Milliseconds.
  let span: Int64
  let spacing: Int64
  private var rings: [String: [HistorySample]] = [:]

  public init(seconds: Int = 900, spacing: Double = 5) {
    span = Int64(seconds) * 1000
    self.spacing = Int64(spacing * 1000)
  }

  public var servers: [String] { rings.keys.sorted() }

  /// Takes a sample up. One that follows too closely is passed over.
  public mutating func add(_ sample: HistorySample, server: String) {
    var ring = rings[server] ?? []
    if let last = ring.last, sample.start == last.start, sample.time < last.time + spacing { return }
    ring.append(sample)
    // The one just before the span is kept: without it the first rate would be unknown.
    let oldest = sample.time - span
    if let keep = ring.firstIndex(where: { $0.time >= oldest }), keep > 1 { ring.removeFirst(keep - 1) }
    rings[server] = ring
  }

  /// Forgets servers that have not been heard for the whole span.
  public mutating func trim(now: Timestamp) {
    let oldest = now.unixNanoseconds / 1_000_000 - span
    rings = rings.filter { ($0.value.last?.time ?? 0) >= oldest }
  }

  /// The samples since a time, the oldest first, with the one before them where there is one.
  public func samples(_ server: String, since: Int64) -> (before: HistorySample?, samples: ArraySlice<HistorySample>) {
    guard let ring = rings[server] else { return (nil, []) }
    let first = ring.firstIndex { $0.time >= since } ?? ring.endIndex
    return (first > 0 ? ring[first - 1] : nil, ring[first...])
  }

  /// The newest sample that is at least `age` milliseconds older than `now`; failing that, the oldest there is.
  ///
  /// - Returns: nil where there is none, or none that is old enough to tell a rate by.
  func sample(_ server: String, atLeast age: Int64, before now: Int64) -> HistorySample? {
    guard let ring = rings[server] else { return nil }
    let found = ring.last { $0.time <= now - age } ?? ring.first
    return found.flatMap { $0.time <= now - 200 ? $0 : nil }
  }

  /// How much a counter grew since a time, over restarts; nil where there is no history.
  public func growth(_ server: String, since: Int64, _ counter: (HistorySample) -> UInt64) -> UInt64? {
    let (before, samples) = samples(server, since: since)
    guard var last = before ?? samples.first else { return nil }
    var grown: UInt64 = 0
    for sample in samples {
      let now = counter(sample)
      let then = counter(last)
      grown &+= sample.start == last.start && now >= then ? now - then : (sample.start == last.start ? 0 : now)
      last = sample
    }
    return grown
  }
}
