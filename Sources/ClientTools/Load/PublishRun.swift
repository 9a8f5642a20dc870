import Reactor
import Wire

/// Publishers that write as fast as the server reads, and perhaps subscribers that count what arrives.
final class PublishRun: LoadRun, @unchecked Sendable {  // confined as LoadRun is
  private let counts: Bool
  private var batches: [(bytes: [UInt8], messages: Int)] = []
  private var ready = 0
  private var confirmed = 0

  /// - Parameter counting: subscribers take part, and the run ends with the last delivery.
  init(_ options: LoadOptions, counting: Bool) {
    counts = counting
    super.init(options)
  }

  override func begin() {
    report.expected = counts ? options.expectedDeliveries : 0
    guard render() else { return fail("\(options.subjects) subjects of \(options.size) B do not fit into 64 MiB") }
    if counts { openSubscribers() } else { openPublishers() }
  }

  /// A run with losses still has something to say.
  override func giveUp() {
    if counts, report.received > 0, confirmed == options.publishers { finish() } else { super.giveUp() }
  }

  private func openSubscribers() {
    let deliver: (LoadConnection) -> Void = { connection in
      connection.onMessage = { message in
        self.report.received += 1
        self.report.payloadBytes += message.body.count
        if self.report.received & 0xfff == 0 { self.progress() }
        if self.report.received == self.report.expected, self.confirmed == self.options.publishers { self.finish() }
      }
    }
    open(options.subscribers) { connection, index in
      deliver(connection)
      var sid = 0
      var text = ""
      for pattern in self.options.patterns(subscriber: index) {
        sid += 1
        text += "SUB \(pattern) \(self.options.queue.map { $0 + " " } ?? "")\(sid)\r\n"
      }
      connection.onPong = {
        connection.onPong = {}
        self.ready += 1
        if self.ready == self.options.subscribers { self.openPublishers() }
      }
      connection.write(text + "PING\r\n")
    }
  }

  private func openPublishers() {
    var publishers: [LoadConnection] = []
    open(options.publishers) { connection, _ in
      publishers.append(connection)
      guard publishers.count == self.options.publishers else { return }
      self.report.latency = LatencyHistogram()
      self.startClock()
      for publisher in publishers { self.publish(publisher) }
    }
  }

  private func publish(_ connection: LoadConnection) {
    var rest = options.count
    var next = 0
    func writeBatch() {
      guard rest > 0 else { return }
      let batch = batches[next]
      next = (next + 1) % batches.count
      if batch.messages <= rest {
        connection.write(batch.bytes)
        rest -= batch.messages
        report.published += batch.messages
      } else {
        connection.write(messages(from: 0, count: rest))
        report.published += rest
        rest = 0
      }
      progress()
      if rest == 0 { connection.write("PING\r\n") }
    }
    connection.onDrained = writeBatch
    connection.onPong = {
      connection.onPong = {}
      self.confirmed += 1
      guard self.confirmed == self.options.publishers else { return }
      if !self.counts {
        self.report.payloadBytes = self.report.published * self.options.size
        self.finish()
      } else if self.report.received >= self.report.expected {
        self.finish()
      }
    }
    writeBatch()
  }

  /// Renders every subject at least once, in blocks of some 64 KiB, so that publishing is copying. False when that is too much.
  private func render() -> Bool {
    let perBatch = max(1, 65_536 / (options.size + options.subject.utf8.count + 24))
    guard options.subjects * (options.size + 64) <= 64 << 20 else { return false }
    var first = 0
    repeat {
      let count = options.subjects > 1 ? min(perBatch, options.subjects - first) : perBatch
      batches.append((messages(from: first, count: count), count))
      first += count
    } while first < options.subjects
    return true
  }

  private func messages(from first: Int, count: Int) -> [UInt8] {
    let payload = [UInt8](repeating: UInt8(ascii: "x"), count: options.size)
    var bytes: [UInt8] = []
    for index in first..<first + count {
      bytes += "PUB \(options.subject(index)) \(options.size)\r\n".utf8
      bytes += payload
      bytes += "\r\n".utf8
    }
    return bytes
  }
}
