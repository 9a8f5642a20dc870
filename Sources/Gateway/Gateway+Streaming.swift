import HTTPServer
import Reactor
import SystemAPI
import Wire

extension Gateway {
  /// One server a line as replies arrive, then the summary; a stream without it was cut short.
  func stream(_ plan: RequestPlan, _ request: GatewayRequest, _ responder: HTTPResponder) throws(GatewayError) {
    guard
      let gather = try complete(
        plan, request,
        retry: { [self] in
          do throws(GatewayError) { try self.stream(plan, request, responder) } catch { responder.respond(error.reply) }
        })
    else { return }
    guard client.isConnected else { throw GatewayError(503, "not_connected", notConnectedText) }
    var headers = [HTTPHeader("Cache-Control", "no-store")]
    if !plan.options.ignored.isEmpty {
      headers.append(HTTPHeader("Natsight-Ignored", GatherOutcome.fieldValue(plan.options.ignored.joined(separator: ", "))))
    }
    let output = responder.stream(contentType: "application/x-ndjson", headers: headers)
    let redact = request.maySeeSecrets ? nil : self.redact
    let rates = rateWindow(plan)
    let waiter = GatherWaiter(
      deadline: shard.now + plan.options.ownTimeout,
      onReply: { reply in
        var line: [UInt8] = []
        GatheredShape.append(reply, plan, rates: rates, to: &line)
        line.append(0x0A)
        output.write(redact?(line) ?? line)
      },
      completion: { outcome in
        var json = JSONWriter()
        json.beginObject()
        json.key("summary")
        json.beginObject()
        json.member("endpoint", plan.endpoint.name)
        json.member("elapsed", DurationText.go(Int64(outcome.elapsed)))
        json.member("elapsed_seconds", GatheredShape.seconds(outcome.elapsed))
        GatheredShape.writeCompleteness(outcome, to: &json)
        if let failure = outcome.failure { json.member("error", "\(failure)") }
        json.endObject()
        json.endObject()
        output.write(json.bytes + [0x0A])
        output.end()
      })
    gatherer.ask(gather, waiter: waiter)
  }
}
