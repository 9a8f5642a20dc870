import HTTPServer
import SystemAPI
import Wire

extension MergePlan {
  /// Makes one document of the servers' answers.
  ///
  /// - Parameters:
  ///   - replies: one for each server that answered without an error.
  ///   - now: the gateway's clock.
  ///   - missing: names of expected servers that did not answer; they only matter for health.
  /// - Throws: ``Refusal`` where the rows are too many, where no server knows the order asked for, and where none sent a document.
  public func merge(_ replies: [MergeReply], now: Timestamp, missing: [String] = []) throws(Refusal) -> MergedDocument {
    var failures: [MergeFailure] = []
    var usable: [MergeReply] = []
    for reply in replies {
      if let cause = refusal(version: reply.version) ?? noDocument(in: reply) {
        failures.append(MergeFailure(serverID: reply.serverID, serverName: reply.serverName, cause: cause))
      } else {
        usable.append(reply)
      }
    }
    guard !usable.isEmpty else { throw nobody(failures) }
    usable.sort { ($0.cluster, $0.serverName, $0.serverID) < ($1.cluster, $1.serverName, $1.serverID) }
    if case .health = endpoint.merge { return HealthMerge.document(self, usable, missing: missing, failures: failures) }
    var merger = DocumentMerger(self, usable, now: now)
    let compact = try merger.document()
    return MergedDocument(body: laidOut(compact), status: 200, failures: failures)
  }

  private func nobody(_ failures: [MergeFailure]) -> Refusal {
    guard let first = failures.first else {
      return Refusal(.timeout, "nobody answered")
    }
    switch first.cause {
    case .sortUnknown:
      let all = failures.prefix(5).map { "\($0.serverName) \($0)" }.joined(separator: ", ")
      return Refusal(.unsupportedByServer, all)
    case .noDocument: return Refusal(.unreadableReply, "\(first.serverName) \(first)")
    }
  }

  private func noDocument(in reply: MergeReply) -> MergeFailure.Cause? {
    let isObject = reply.bytes.withUnsafeBufferPointer { bytes in
      let start = JSONWalk.skipSpace(UnsafeRawBufferPointer(bytes), reply.data.lowerBound, reply.data.upperBound)
      return start < reply.data.upperBound && bytes[start] == UInt8(ascii: "{")
    }
    return isObject ? nil : .noDocument(endpoint: endpoint.name)
  }

  func laidOut(_ compact: [UInt8]) -> [UInt8] {
    guard case .indented(let width) = endpoint.layout else { return compact }
    return JSONIndenter.indented(compact, indent: width)
  }
}
