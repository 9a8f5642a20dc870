import Reactor
import SystemAPI
import Wire

/// What `rate=10s` of statsz is made from: the heartbeats that were kept, and how far back to look.
struct RateWindow: Sendable {
  let history: HistoryStore
  let span: Span
  let now: Timestamp
}

/// How fast a server's counters have grown since a heartbeat at least as old as was asked for, or the oldest that is kept.
struct StatszRates: Equatable {
  private static var counters: [(direction: StaticString, unit: StaticString, sample: KeyPath<HistorySample, UInt64>)] {
    [
      ("sent", "msgs", \.sentMessages), ("sent", "bytes", \.sentBytes), ("received", "msgs", \.receivedMessages),
      ("received", "bytes", \.receivedBytes),
    ]
  }

  /// Seconds between the heartbeat and the answer; over several servers the longest.
  var seconds: Double
  /// Growth a second: messages and bytes sent, messages and bytes received.
  var values: [Double]

  /// - Returns: nil where no earlier heartbeat of the same run of the server is known.
  init?(_ server: String, _ bytes: UnsafeBufferPointer<UInt8>, _ data: Range<Int>, _ window: RateWindow) {
    let now = window.now.unixNanoseconds / 1_000_000
    guard let earlier = window.history.sample(server, atLeast: window.span.milliseconds, before: now) else { return nil }
    let elapsed = Double(now - earlier.time) / 1000
    let start = JSONBytes.member("start", bytes, data).flatMap { JSONBytes.string(bytes, $0) }.flatMap { Timestamp(rfc3339: $0) }
    // Another start is another process: its counters began anew.
    if let start, earlier.start != 0, start.unixNanoseconds / 1_000_000 != earlier.start { return nil }
    var values: [Double] = []
    for counter in Self.counters {
      guard let after = Self.counter(counter.direction, counter.unit, bytes, data), after >= earlier[keyPath: counter.sample] else {
        return nil
      }
      values.append(Double(after - earlier[keyPath: counter.sample]) / elapsed)
    }
    seconds = elapsed
    self.values = values
  }

  /// The rates of several servers together.
  static func sum(_ outcome: Outcome, _ window: RateWindow) -> StatszRates? {
    var sum: StatszRates?
    for reply in outcome.replies {
      guard let data = reply.data,
        let rates = reply.payload.withUnsafeBufferPointer({ StatszRates(reply.server.id, $0, data, window) })
      else { continue }
      guard var both = sum else {
        sum = rates
        continue
      }
      both.seconds = max(both.seconds, rates.seconds)
      both.values = zip(both.values, rates.values).map { $0 + $1 }
      sum = both
    }
    return sum
  }

  /// `"rates":{…}`, to stand within an object.
  func append(to body: inout [UInt8]) {
    body.append(contentsOf: "\"rates\":{\"over_seconds\":".utf8)
    DecimalText.append((seconds * 1000).rounded() / 1000, to: &body)
    for (counter, value) in zip(Self.counters, values) {
      body.append(contentsOf: ",\"\(counter.direction)_\(counter.unit)\":".utf8)
      DecimalText.append((value * 10).rounded() / 10, to: &body)
    }
    body.append(UInt8(ascii: "}"))
  }

  /// The document with the rates as its last member.
  func added(to document: some Collection<UInt8>) -> [UInt8] {
    var body = Array(document)
    while let last = body.last, last != UInt8(ascii: "}") { body.removeLast() }
    guard !body.isEmpty else { return Array(document) }
    body.removeLast()
    while let last = body.last, last == 0x20 || last == 0x0A { body.removeLast() }
    if body.last != UInt8(ascii: "{") { body.append(UInt8(ascii: ",")) }
    append(to: &body)
    body.append(UInt8(ascii: "}"))
    return body
  }

  static func counter(_ direction: StaticString, _ unit: StaticString, _ bytes: UnsafeBufferPointer<UInt8>, _ data: Range<Int>) -> UInt64? {
    guard let counters = JSONBytes.members([direction], bytes, data)[0] else { return nil }
    return JSONBytes.members([unit], bytes, counters)[0].flatMap { JSONBytes.unsigned(bytes, $0) }
  }
}
