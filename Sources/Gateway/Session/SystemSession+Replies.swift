import NATSClient
import Reactor
import SystemAPI
import SystemModel
import Wire

/// What servers answer: from a message to an input of the model, and the bytes that are held for it.
extension SystemSession {
  /// A reply to a question. Long ones are read by a worker; what comes behind one waits its turn, so that replies count in the order in
  /// which they came.
  func received(_ message: NATSMessage, _ id: QuestionID) {
    // Nothing of the exchange is held here: its replies would be copied with each that is added.
    guard let sentAt = exchanges[id]?.sentAt, let form = exchanges[id]?.question.form else { return feed(.sound) }
    let arrived = Arrived(message: message, rtt: shard.now - sentAt)
    guard longReplies.isWaiting(id) || ReplyReader.isLong(message) else {
      return take(ReplyReader.parse(message, form), arrived, id)
    }
    if longReplies.append(arrived, id) { readNext(id) }
    if longReplies.isFull { client.pauseReading() }
  }

  /// Has the first of those that wait read, on a worker where it is long.
  private func readNext(_ id: QuestionID) {
    while let arrived = longReplies.first(id), let form = exchanges[id]?.question.form {
      let isLong = ReplyReader.isLong(arrived.message)
      let isTaken =
        isLong
        && WorkerQueue.shared.run { [weak self, shard] in
          let parsed = ReplyReader.parse(arrived.message, form)
          shard.run { [weak self] in self?.finishedReading(parsed, arrived, id) }
        }
      if isTaken { return }
      longReplies.removeFirst(id)
      take(ReplyReader.parse(arrived.message, form), arrived, id)
    }
    resume()
  }

  private func finishedReading(_ parsed: ParsedReply?, _ arrived: Arrived, _ id: QuestionID) {
    // The question may have ended meanwhile.
    guard longReplies.isWaiting(id) else { return feed(.sound) }
    longReplies.removeFirst(id)
    take(parsed, arrived, id)
    readNext(id)
  }

  private func resume() {
    if !longReplies.isFull { client.resumeReading() }
  }

  /// No reply to a question counts any more.
  func forget(_ id: QuestionID) {
    guard let exchange = exchanges.removeValue(forKey: id) else { return }
    heldBytes -= exchange.bytes
    if longReplies.isWaiting(id) {
      longReplies.remove(id)
      resume()
    }
    if let token = exchange.token { client.cancel(token) }
  }

  /// Tells the model of a reply, with its bytes at hand while the model decides whether it counts.
  private func take(_ parsed: ParsedReply?, _ arrived: Arrived, _ id: QuestionID) {
    guard let endpoint = exchanges[id]?.question.form.endpoint else { return feed(.sound) }
    guard let parsed, let speaker = parsed.speaker(beliefs.servers) else { return unreadable(arrived, id) }
    let bytes = arrived.message.payload.count
    costs.answered(endpoint, bytes: bytes, waited: arrived.rtt)
    if isRoom(for: parsed.payload.count, id) {
      reply = (id, parsed, arrived.rtt)
      feed(.reply(id, speaker, isRefusal: parsed.error != nil))
      reply = nil
    } else {
      feed(.tooLarge(id, speaker))
    }
    guard let ref = ref(of: speaker) else { return }
    costsByServer[ref, default: CostTable()].answered(endpoint, bytes: bytes, waited: arrived.rtt)
  }

  private func isRoom(for size: Int, _ id: QuestionID) -> Bool {
    size <= beliefs.limits.replyBytes - (exchanges[id]?.bytes ?? 0) && size <= beliefs.limits.heldBytes - heldBytes
  }

  /// Taken as a refusal by the one server that was asked; where all were, nobody knows whose it is.
  private func unreadable(_ arrived: Arrived, _ id: QuestionID) {
    let error = ReplyError(code: 502, description: "the server's reply could not be understood")
    reply = (id, ParsedReply(payload: [], error: error), arrived.rtt)
    feed(.unreadable(id))
    reply = nil
  }

  private func ref(of speaker: Speaker) -> ServerRef? {
    switch speaker {
    case .known(let ref): ref
    case .described(let server, _): beliefs.servers.server(id: server.id)?.ref
    }
  }

  /// The reply at hand counts.
  func keep(_ id: QuestionID, _ ref: ServerRef) {
    guard let held = reply, held.question == id, let server = beliefs.servers[ref] else { return }
    var kept = Reply(
      server: server.description, ordinal: server.ordinal, payload: held.read.payload, serverRange: held.read.serverRange,
      data: held.read.data, error: held.read.error, rtt: held.rtt)
    if let account = exchanges[id]?.question.form.rowsOf, !account.isEmpty {
      kept = AccountRows.checked(kept, account: account, now: WallClock.now())
    }
    exchanges[id]?.bytes += kept.payload.count
    heldBytes += kept.payload.count
    exchanges[id]?.replies.append(kept)
  }
}
