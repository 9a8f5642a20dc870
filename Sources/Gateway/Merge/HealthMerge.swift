import SystemAPI
import Wire

/// The health of many servers as that of one: the worst answer.
enum HealthMerge {
  private struct Health {
    let reply: Int
    let code: Int
    let status: String
    let error: String
    let errors: MergeValue?
  }

  /// An expected server that did not answer is as bad as one that is unavailable.
  static func document(
    _ plan: MergePlan, _ replies: [MergeReply], missing: [String], failures: [MergeFailure]
  ) -> MergedDocument {
    let all = replies.indices.map { health(replies[$0], $0) }
    let worst = all.max { $0.code < $1.code }
    // Who refused or sent nothing is not well as far as anybody knows.
    let missing = missing + failures.map(\.serverName)
    let isMissingWorst = !missing.isEmpty && (worst?.code ?? 0) < 503
    var json = JSONWriter()
    json.beginObject()
    var status = worst?.code ?? 503
    if isMissingWorst {
      status = 503
      json.member("status", "unavailable")
      json.member("error", "no answer from " + missing.prefix(5).joined(separator: ", "))
    } else if let worst {
      json.member("status", worst.status)
      if !worst.error.isEmpty {
        json.member("error", worst.error)
        json.member("server_name", replies[worst.reply].serverName)
        json.member("server_id", replies[worst.reply].serverID)
        json.member("cluster", unlessEmpty: replies[worst.reply].cluster)
      }
    }
    let lists = all.compactMap(\.errors)
    if !lists.isEmpty {
      var merger = DocumentMerger(plan, replies, now: .zero)
      _ = merger.writeRows(lists)
      json.member("errors", raw: merger.out)
    }
    json.endObject()
    return MergedDocument(body: plan.laidOut(json.bytes), status: status, failures: failures)
  }

  private static func health(_ reply: MergeReply, _ index: Int) -> Health {
    reply.bytes.withUnsafeBufferPointer { bytes in
      func text(_ name: StaticString) -> String {
        JSONBytes.member(name, bytes, reply.data).flatMap { JSONBytes.string(bytes, $0) } ?? ""
      }
      let status = text("status")
      let code = JSONBytes.member("status_code", bytes, reply.data).flatMap { JSONBytes.integer(bytes, $0) }
      let errors = JSONBytes.member("errors", bytes, reply.data).flatMap { range in
        bytes[range.lowerBound] == UInt8(ascii: "[") ? MergeValue(reply: index, range: range) : nil
      }
      // Servers before 2.10 send no code.
      let known = code.flatMap { (200...599).contains($0) ? $0 : nil } ?? (status == "ok" ? 200 : 503)
      return Health(reply: index, code: known, status: status, error: text("error"), errors: errors)
    }
  }
}
