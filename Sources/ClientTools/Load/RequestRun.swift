import Reactor
import Wire

/// Connections that each ask, wait for the reply, and ask again; and one that answers them.
final class RequestRun: LoadRun, @unchecked Sendable {  // confined as LoadRun is
  private let answers: Bool
  private var finished = 0
  private var ready = 0

  /// - Parameter answering: a connection of this process answers; otherwise somebody else does.
  init(_ options: LoadOptions, answering: Bool) {
    answers = answering
    super.init(options)
  }

  override func begin() {
    report.expected = options.publishers * options.count
    if answers { openResponder() } else { openRequesters() }
  }

  private func openResponder() {
    let ending = Array("\r\n".utf8)
    open(1) { connection, _ in
      connection.onMessage = { message in
        var reply = Array("PUB ".utf8)
        reply += message.reply
        reply += " ".utf8
        reply += message.sizeText
        reply += ending
        reply += message.body
        reply += ending
        connection.write(reply)
      }
      connection.onPong = {
        connection.onPong = {}
        self.openRequesters()
      }
      connection.write("SUB \(self.options.subject) 1\r\nPING\r\n")
    }
  }

  private func openRequesters() {
    let payload = String(repeating: "x", count: options.size)
    open(options.publishers) { connection, index in
      let inbox = "_INBOX.bench\(index)"
      let request = Array("PUB \(self.options.subject) \(inbox) \(self.options.size)\r\n\(payload)\r\n".utf8)
      self.prepare(connection, request)
      connection.write("SUB \(inbox) 1\r\n")
      self.ready += 1
      guard self.ready == self.options.publishers else { return }
      self.report.latency = LatencyHistogram()
      self.startClock()
      for requester in self.starters { requester() }
    }
  }

  private var starters: [() -> Void] = []

  private func prepare(_ connection: LoadConnection, _ request: [UInt8]) {
    var rest = options.count
    var asked = MonotonicTime.origin
    func ask() {
      asked = MonotonicClock.now()
      connection.write(request)
      report.published += 1
    }
    connection.onMessage = { message in
      if message.headerSize > 0 { return self.fail("nobody answers on \(self.options.subject)") }
      self.report.latency.record(MonotonicClock.now() - asked)
      self.report.received += 1
      self.report.payloadBytes += message.body.count
      rest -= 1
      if self.report.received & 0xff == 0 || rest == 0 { self.progress() }
      if rest > 0 { return ask() }
      self.finished += 1
      if self.finished == self.options.publishers { self.finish() }
    }
    starters.append(ask)
  }
}
