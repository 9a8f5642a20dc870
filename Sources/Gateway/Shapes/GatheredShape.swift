import HTTPServer
import Reactor
import SystemAPI
import Wire

/// The one shape of answers from several servers: the head, then one line for each server.
enum GatheredShape {
  static func body(_ outcome: Outcome, _ plan: RequestPlan, rates: RateWindow? = nil) -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.member("endpoint", plan.endpoint.name)
    json.member("subject", plan.subject)
    json.member("now", outcome.now.rfc3339)
    outcome.mark?.write(to: &json)
    json.member("elapsed", DurationText.go(outcome.elapsed.nanoseconds))
    json.member("elapsed_seconds", seconds(outcome.elapsed))
    outcome.completeness.write(to: &json, needs: plan.endpoint.needs)
    var body = json.bytes
    body.reserveCapacity(outcome.replies.reduce(1024) { $0 + $1.payload.count + 96 })
    body.append(contentsOf: ",\"servers\":[".utf8)
    let used = plan.dropsUnusedRows ? UsedAccounts(outcome.replies) : nil
    for (index, reply) in outcome.replies.enumerated() {
      body.append(contentsOf: index == 0 ? "\n".utf8 : ",\n".utf8)
      append(reply, used, rates: rates, to: &body)
    }
    body.append(contentsOf: outcome.replies.isEmpty ? "]}\n".utf8 : "\n]}\n".utf8)
    return body
  }

  /// The last line of a stream.
  static func summary(_ outcome: Outcome, _ plan: RequestPlan, namesServers: Bool) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.objectMember("summary") { json in
        json.member("endpoint", plan.endpoint.name)
        outcome.mark?.write(to: &json)
        json.member("elapsed", DurationText.go(outcome.elapsed.nanoseconds))
        json.member("elapsed_seconds", seconds(outcome.elapsed))
        outcome.completeness.write(to: &json, needs: plan.endpoint.needs)
        if let refusal = AnswerShape.refusal(outcome, plan, namesServers: namesServers) {
          json.member("error", object: refusal.write)
        }
      }
    }
    return json.bytes
  }

  /// `{"server":…,"rtt":…,"data":…}` with the server's own bytes.
  ///
  /// - Parameter used: The accounts whose rows stay; nil for all.
  static func append(_ reply: Reply, _ used: UsedAccounts?, rates: RateWindow? = nil, to body: inout [UInt8]) {
    reply.payload.withUnsafeBufferPointer { bytes in
      body.append(contentsOf: "{\"server\":".utf8)
      if let range = reply.serverRange {
        body.append(contentsOf: bytes[range])
      } else {
        appendServer(reply.server, to: &body)
      }
      body.append(contentsOf: ",\"rtt\":\"\(DurationText.rtt(reply.rtt.nanoseconds))\",\"rtt_seconds\":".utf8)
      DecimalText.append(seconds(reply.rtt), to: &body)
      if let error = reply.error {
        body.append(contentsOf: ",\"error\":{\"code\":\(error.code),\"description\":".utf8)
        JSONEscaping.append(error.description, to: &body)
        body.append(UInt8(ascii: "}"))
      } else {
        body.append(contentsOf: ",\"data\":".utf8)
        if let data = reply.data {
          DataFilter.append(bytes, data, used, to: &body)
        } else {
          body.append(contentsOf: "null".utf8)
        }
        if let rates, let data = reply.data, let known = StatszRates(reply.server.id, bytes, data, rates) {
          body.append(UInt8(ascii: ","))
          known.append(to: &body)
        }
      }
      body.append(UInt8(ascii: "}"))
    }
  }

  /// What the roster knows, where the reply says nothing about its server.
  static func appendServer(_ server: ServerDescription, to body: inout [UInt8]) {
    var json = JSONWriter()
    json.object { json in
      json.member("name", server.name)
      json.member("host", server.host)
      json.member("id", server.id)
      json.member("cluster", unlessEmpty: server.cluster)
      json.member("domain", unlessEmpty: server.domain)
      json.member("ver", server.version)
      json.member("tags", unlessEmpty: server.tags)
      json.member("jetstream", server.jetstream)
    }
    body.append(contentsOf: json.bytes)
  }

  /// Seconds with microseconds' precision.
  static func seconds(_ span: Span) -> Double { Double(span.nanoseconds / 1000) / 1e6 }
}
