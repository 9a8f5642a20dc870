import HTTPServer
import Reactor
import SystemAPI
import Wire

extension Gateway {
  /// One server a line as replies arrive, then the summary; a stream without it was cut short.
  ///
  /// The stream begins with the first reply. Where none comes the answer is the error that it would be without streaming.
  func stream(_ plan: RequestPlan, _ request: GatewayRequest, _ responder: HTTPResponder) throws(Refusal) {
    var request = request
    request.deadline = request.deadline ?? shard.now + plan.options.ownTimeout
    let retry = { [self, request] in
      do throws(Refusal) { try stream(plan, request, responder) } catch { Gateway.send(error.response, responder) }
    }
    guard let gather = try complete(plan, request, retry: retry) else { return }
    let output = LateStream(responder, ignored: plan.options.ignored)
    let rates = rateWindow(plan)
    let waiter = GatherWaiter(
      deadline: request.deadline ?? shard.now + plan.options.ownTimeout,
      onReply: { reply in
        var line: [UInt8] = []
        GatheredShape.append(reply, plan, rates: rates, to: &line)
        output.write(line)
      },
      completion: { outcome in
        if !output.hasBegun, let refusal = AnswerShape.refusal(outcome, plan) {
          return Gateway.send(refusal, responder)
        }
        output.write(GatheredShape.summary(outcome, plan))
        output.end()
      })
    gatherer.ask(gather, waiter: waiter)
  }
}

/// A stream of lines that opens with its first one. Confined to the gateway's shard.
private final class LateStream {
  private let responder: HTTPResponder
  private let ignored: [String]
  private var stream: HTTPStream?

  init(_ responder: HTTPResponder, ignored: [String]) {
    self.responder = responder
    self.ignored = ignored
  }

  var hasBegun: Bool { stream != nil }

  func write(_ line: [UInt8]) {
    if stream == nil {
      var headers = [HTTPHeader("Cache-Control", "no-store")]
      if !ignored.isEmpty {
        headers.append(HTTPHeader("Natsight-Ignored", GatherOutcome.fieldValue(ignored.joined(separator: ", "))))
      }
      stream = responder.stream(contentType: "application/x-ndjson", headers: headers)
    }
    stream?.write(line + [0x0A])
  }

  func end() { stream?.end() }
}
