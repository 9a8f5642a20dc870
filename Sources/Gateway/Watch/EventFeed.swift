import HTTPServer
import Reactor
import Wire

/// Keeps the last events and gives them to every reader.
///
/// Confined to the gateway's shard. Events are handed out in batches, a few hundredths of a second apart: readers
/// with equal filters share one piece of bytes, and each of them costs one send a batch, not one an event.
final class EventFeed {
  /// Bounds on what readers may cost.
  struct Limits: Sendable {
    var readers = 4096
    /// Bytes that may wait for one reader before it is cut off.
    var pendingBytes = 1 << 20
    /// Seconds between batches, and how much longer for each reader: a thousand of them get theirs twelve times a second.
    var batch = 0.03
    var batchPerReader = 0.00005
    var longestBatch = 0.12
    /// Seconds between comments that keep an idle stream alive.
    var heartbeat = 15.0
  }

  private final class Reader {
    let stream: HTTPStream
    let filter: EventFilter
    init(_ stream: HTTPStream, _ filter: EventFilter) {
      self.stream = stream
      self.filter = filter
    }
  }

  let shard: Shard
  let limits: Limits
  private(set) var ring: EventRing
  private(set) var counts: [WatchedEventKind: UInt64] = [:]
  private(set) var cut: UInt64 = 0
  private var readers: [Int: Reader] = [:]
  private var nextReader = 1
  private var meter: StormMeter
  private var batch: [WatchedEvent] = []
  private var isBatchScheduled = false
  private var isSummaryScheduled = false
  private var heartbeat: ShardTimer?

  init(shard: Shard, limits: Limits = Limits(), ring: EventRing, stormLimit: Int = 500) {
    self.shard = shard
    self.limits = limits
    self.ring = ring
    meter = StormMeter(limit: stormLimit)
  }

  var readerCount: Int { readers.count }

  // MARK: Events in

  /// Takes an event up, unless it is part of a storm; `reason` tells disconnects apart.
  func take(_ facts: EventFacts, reason: String = "") {
    counts[facts.kind, default: 0] += 1
    for storm in meter.summaries(now: shard.now) { publish(storm) }
    guard facts.kind == .gap || meter.passes(facts, reason: reason) else {
      // What is held back is told at the end of the second even if nothing else happens.
      return scheduleSummary()
    }
    publish(facts)
  }

  /// Whether a reader has asked for heartbeats by name. They come too often to be kept, or to be sent unasked.
  var wantsHeartbeats: Bool { readers.values.contains { $0.filter.kinds.contains(.statsz) } }

  /// Gives an event to those who read now, and keeps it not: it has no id to come back to.
  func pass(_ facts: EventFacts) {
    counts[facts.kind, default: 0] += 1
    batch.append(facts.event(ring.lastSequence, epoch: ring.epoch))
    scheduleBatch(after: min(limits.longestBatch, limits.batch + Double(readers.count) * limits.batchPerReader))
  }

  private func publish(_ facts: EventFacts) {
    let event = ring.append(facts)
    guard !readers.isEmpty else { return }
    batch.append(event)
    scheduleBatch(after: min(limits.longestBatch, limits.batch + Double(readers.count) * limits.batchPerReader))
  }

  private func scheduleSummary() {
    guard !isSummaryScheduled else { return }
    isSummaryScheduled = true
    _ = shard.after(1.05) { [weak self] in
      guard let self else { return }
      isSummaryScheduled = false
      for storm in meter.summaries(now: shard.now) { publish(storm) }
    }
  }

  private func scheduleBatch(after seconds: Double) {
    guard !isBatchScheduled else { return }
    isBatchScheduled = true
    _ = shard.after(seconds) { [weak self] in
      guard let self else { return }
      isBatchScheduled = false
      for storm in meter.summaries(now: shard.now) { publish(storm) }
      handOut()
    }
  }

  private func handOut() {
    guard !batch.isEmpty else { return }
    let events = batch
    batch.removeAll(keepingCapacity: true)
    var shared: [EventFilter: HTTPStreamPiece] = [:]
    for (number, reader) in readers {
      let piece: HTTPStreamPiece
      if let known = shared[reader.filter] {
        piece = known
      } else {
        var text: [UInt8] = []
        for event in events where reader.filter.fits(event) { text += reader.filter.frame(event) }
        piece = HTTPStreamPiece(reader.filter.disclosed(text))
        shared[reader.filter] = piece
      }
      guard !piece.isEmpty else { continue }
      send(piece, to: reader, number)
    }
  }

  private func send(_ piece: HTTPStreamPiece, to reader: Reader, _ number: Int) {
    guard reader.stream.pendingBytes <= limits.pendingBytes else {
      cut += 1
      readers[number] = nil
      let text = "\(reader.stream.pendingBytes) bytes are waiting; read faster, ask for fewer events, or come back with Last-Event-ID"
      reader.stream.write("event: cut\ndata: {\"type\":\"cut\",\"reason\":\"slow_reader\",\"description\":\"\(text)\"}\n\n")
      reader.stream.end()
      return
    }
    reader.stream.write(piece)
  }

  // MARK: Readers

  var isFull: Bool { readers.count >= limits.readers }

  /// Adds a reader and gives it what it has missed.
  ///
  /// - Parameters:
  ///   - lastEventID: id of the last event it has; nil for a new reader.
  ///   - replay: how many of the last events a new reader gets.
  func add(_ stream: HTTPStream, _ filter: EventFilter, lastEventID: String?, replay: Int) {
    // What is on its way to the others is not yet on its way to this one: the ring holds it already.
    handOut()
    var text = Array("retry: 2000\n\n".utf8)
    if let lastEventID {
      switch ring.replay(after: lastEventID) {
      case .after(let events): append(events, filter, to: &text)
      case .gap(let missed, let events):
        text += gap(missed).utf8
        append(events, filter, to: &text)
      }
    } else if replay > 0 {
      var chosen: [WatchedEvent] = []
      for event in ring.events.reversed() where chosen.count < replay && filter.fits(event) { chosen.append(event) }
      append(chosen.reversed(), filter, to: &text)
    }
    let number = nextReader
    nextReader += 1
    readers[number] = Reader(stream, filter)
    stream.write(filter.disclosed(text))
    let shard = shard
    stream.onClose { [weak self] in
      shard.run { [weak self] in self?.readers[number] = nil }
    }
    if heartbeat == nil {
      heartbeat = shard.every(limits.heartbeat) { [weak self] in self?.beat() }
    }
  }

  private func append(_ events: some Sequence<WatchedEvent>, _ filter: EventFilter, to text: inout [UInt8]) {
    for event in events where filter.fits(event) {
      // A reader that is far behind gets the newest that it may have waiting.
      text += filter.frame(event)
    }
    if text.count > limits.pendingBytes {
      let cutAt = text.count - limits.pendingBytes / 2
      let next = text[cutAt...].firstIndex(of: 0x0A).flatMap { start in
        (start..<text.count - 1).first { text[$0] == 0x0A && text[$0 + 1] == 0x0A }
      }
      text = Array("retry: 2000\n\n".utf8) + Array(gap(nil).utf8) + Array(text[((next ?? cutAt) + 2)...])
    }
  }

  private func gap(_ missed: UInt64?) -> String {
    let what = missed.map { "\($0) events" } ?? "Events"
    let now = WallClock.now()
    var json = JSONWriter()
    json.object { json in
      json.member("type", WatchedEventKind.gap.rawValue)
      json.member("received", now.rfc3339)
      json.key("missed")
      if let missed { json.integer(missed) } else { json.null() }
      json.member("description", "\(what) from before are no longer held.")
      json.objectMember("event") { json in
        // Since when is for the reader to say, by the last event that it has.
        json.key("from")
        json.null()
        json.member("to", (ring.events.first?.received ?? now).rfc3339)
        json.member("reason", "no longer held")
      }
    }
    return "event: gap\ndata: \(json.text)\n\n"
  }

  private func beat() {
    let text = HTTPStreamPiece(Array(": \(WallClock.now().rfc3339)\n\n".utf8))
    for (number, reader) in readers { send(text, to: reader, number) }
  }
}

extension EventFeed: @unchecked Sendable {
  // Sendable by confinement: every method is called on `shard`.
}
