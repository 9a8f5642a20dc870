import Glibc
import HTTPServer
import Reactor
import SystemAPI
import Wire

extension Gateway {
  /// One server a line as replies arrive, then the summary; a stream without it was cut short.
  ///
  /// The stream begins with the first reply. Where none comes the answer is the error that it would be without streaming.
  func stream(_ plan: RequestPlan, _ request: GatewayRequest, _ responder: Exit, _ answerer: Answerer) {
    let output = LateStream(responder, ignored: plan.options.ignored)
    let rates = answerer.rateWindow(plan)
    func write(_ reply: Reply, _ used: UsedAccounts? = nil) {
      var line: [UInt8] = []
      GatheredShape.append(reply, used, rates: rates, to: &line)
      output.write(line)
    }
    // Whether an account is in use is known only when all have answered.
    let isHeldBack = plan.dropsUnusedRows
    answerer.ask(
      plan, until: request.deadline ?? shard.now + plan.options.ownTimeout, onReply: isHeldBack ? nil : { write($0) },
      completion: { outcome in
        let refusal = AnswerShape.refusal(outcome, plan, namesServers: request.maySeeServers)
        if !output.hasBegun, let refusal, outcome.replies.isEmpty {
          var reply = refusal.response
          reply.headers += outcome.completeness.headers()
          if !plan.options.ignored.isEmpty { reply.headers.append(StandardFields.ignored(plan.options.ignored)) }
          return responder.send(reply)
        }
        if isHeldBack {
          let used = UsedAccounts(outcome.replies)
          for reply in outcome.replies { write(reply, used) }
        }
        output.write(GatheredShape.summary(outcome, plan, namesServers: request.maySeeServers))
        output.end()
        // Whoever answers about a recorded moment is held by those who ask it.
        withExtendedLifetime(answerer) {}
      })
  }
}

/// A stream of lines that opens with its first one. Confined to the gateway's shard.
private final class LateStream {
  private let responder: Exit
  private let ignored: [String]
  private var stream: HTTPStream?

  init(_ responder: Exit, ignored: [String]) {
    self.responder = responder
    self.ignored = ignored
  }

  var hasBegun: Bool { stream != nil }

  func write(_ line: [UInt8]) {
    if stream == nil {
      var headers: [HTTPHeader] = []
      if !ignored.isEmpty {
        headers.append(StandardFields.ignored(ignored))
      }
      stream = responder.stream(contentType: "application/x-ndjson", headers: headers)
    }
    stream?.write(LateStream.oneLine(line))
  }

  /// A line feed within a server's document, where it is white space, would end the line: what follows it could pass for a line of
  /// the gateway's own. No text holds one.
  static func oneLine(_ line: [UInt8]) -> [UInt8] {
    var line = line
    let isBroken = line.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return false }
      return memchr(start, 0x0A, bytes.count) != nil || memchr(start, 0x0D, bytes.count) != nil
    }
    if isBroken {
      for index in line.indices where line[index] == 0x0A || line[index] == 0x0D { line[index] = 0x20 }
    }
    line.append(0x0A)
    return line
  }

  func end() { stream?.end() }
}
