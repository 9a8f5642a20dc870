import NATSClient
import Reactor
import SystemAPI

/// Reading what comes back.
extension Gatherer {
  func received(_ message: NATSMessage, _ gather: Gather) {
    lastHeard = shard.now
    guard !gather.finished else { return }
    let payload: [UInt8]
    if let encoding = message.headers?["Content-Encoding"], encoding != "identity" {
      guard let plain = ContentDecoder.decode(message.payload, encoding: encoding) else { return }
      payload = plain
    } else {
      payload = message.payload
    }
    guard var reply = read(payload, wireBytes: message.payload.count, gather) else { return }
    if !gather.request.rowsOf.isEmpty { reply = AccountRows.checked(reply, account: gather.request.rowsOf) }
    gather.lastReplyAt = shard.now
    guard gather.request.scope.includes(reply.server) else { return }
    guard gather.answered.insert(reply.server.id).inserted else { return }
    gather.replies.append(reply)
    gather.waiting.remove(reply.server.id)
    for waiter in gather.waiters { waiter.onReply?(reply) }
    if gather.request.firstAnswerEnds || (gather.waiting.isEmpty && mayEnd(gather)) { finish(gather, failure: nil) }
  }

  /// A reply that cannot be read is taken as a refusal by the server, if it says which one it is.
  private func read(_ payload: [UInt8], wireBytes: Int, _ gather: Gather) -> GatherReply? {
    payload.withUnsafeBufferPointer { bytes -> GatherReply? in
      let rtt = shard.now - gather.startedAt
      if gather.request.envelope == .bare { return readBare(payload, bytes, wireBytes, gather.request.endpoint, rtt) }
      guard let envelope = ReplyEnvelope(bytes), let range = envelope.server,
        let (entry, server) = identify(bytes, range)
      else {
        guard let id = gather.request.scope.serverID, let entry = roster.entry(id: id) else { return nil }
        return GatherReply(
          entry: entry, server: entry.description, payload: payload, serverRange: nil, data: nil,
          error: ReplyError(code: 502, description: "the server's reply could not be understood"), rtt: rtt)
      }
      count(entry, gather.request.endpoint, wireBytes, rtt)
      var data = envelope.statsz ?? envelope.data
      var error = envelope.error.flatMap { ReplyError(bytes, $0) }
      if let part = gather.request.part, let whole = data, error == nil {
        data = part.range(bytes, whole)
        if data == nil { error = part.absence(bytes, whole) }
      }
      return GatherReply(
        entry: entry, server: server, payload: payload, serverRange: range, data: data, error: error, rtt: rtt)
    }
  }

  /// The roster's entry of the server that wrote this; known ones are found by id alone.
  private func identify(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> (RosterEntry?, ServerDescription)? {
    if let idRange = ServerDescription.idRange(bytes, range) {
      let id = String(decoding: UnsafeBufferPointer(rebasing: bytes[idRange]), as: UTF8.self)
      if let entry = roster.entry(id: id) {
        roster.seen(entry, now: shard.now)
        return (entry, entry.description)
      }
    }
    guard let server = ServerDescription(bytes, range) else { return nil }
    return (onReplyFrom?(server, shard.now), server)
  }

  /// What a reply cost, for its server and for its endpoint.
  private func count(_ entry: RosterEntry?, _ endpoint: String, _ wireBytes: Int, _ rtt: Nanoseconds) {
    cost.answered(endpoint, bytes: wireBytes, nanoseconds: rtt)
    guard let entry else { return }
    entry.rtt = rtt
    entry.cost.answered(endpoint, bytes: wireBytes, nanoseconds: rtt)
  }

  private func readBare(
    _ payload: [UInt8], _ bytes: UnsafeBufferPointer<UInt8>, _ wireBytes: Int, _ endpoint: String, _ rtt: Nanoseconds
  ) -> GatherReply? {
    guard let (entry, server) = identify(bytes, 0..<bytes.count) else { return nil }
    count(entry, endpoint, wireBytes, rtt)
    return GatherReply(
      entry: entry, server: server, payload: payload, serverRange: nil, data: 0..<payload.count, error: nil, rtt: rtt)
  }

  func noResponders(_ gather: Gather) {
    guard !gather.finished else { return }
    lastHeard = shard.now
    guard hasRoster, let id = gather.request.scope.serverID, let entry = roster.entry(id: id) else {
      return finish(gather, failure: .noResponders)
    }
    guard entry.isWaitedFor else { return finish(gather, failure: nil) }
    gather.hasNoResponders = true
    probe(entry)
  }
}
