import BrokerCore
import Reactor
import SystemAPI
import Wire

/// Large documents, one after the other, a slice in each turn of the shard.
struct SlicedReplies {
  /// Documents that may wait; a request beyond is refused.
  static let limit = 256

  private var waiting: [(target: ReplyTarget, document: any DocumentInSlices)] = []

  /// False where as many wait as may.
  mutating func add(_ document: any DocumentInSlices, _ target: ReplyTarget) -> Bool {
    guard waiting.count < Self.limit else { return false }
    waiting.append((target, document))
    return true
  }

  var count: Int { waiting.count }

  /// Does a slice of the first; what it gives back is whole.
  mutating func advance() -> (target: ReplyTarget, document: any DocumentInSlices)? {
    guard let first = waiting.first, first.document.advance() else { return nil }
    return waiting.removeFirst()
  }

  mutating func removeAll() { waiting = [] }
}

extension SystemService {
  /// A reply with a document that may be large. A small one is sent at once; a large one is written in slices, and whoever else has
  /// something to say is heard in between.
  func reply(to message: InternalMessage, inSlices make: (JSONWriter) throws(EndpointError) -> any DocumentInSlices) {
    let document: any DocumentInSlices
    do throws(EndpointError) {
      document = try make(begun())
    } catch {
      return refuse(message, error, withData: true)
    }
    let target = ReplyTarget(message, encoded: true)
    if document.advance() { return send(document, to: target) }
    guard slices.add(document, target) else {
      return refuse(message, .refused("too many large documents are asked for at one time"), withData: true)
    }
    if slices.count == 1 { scheduleSlice() }
  }

  private func scheduleSlice() {
    let step = ShardBound<Void>(server.shard) { [weak self] _ in self?.nextSlice() }
    server.shard.runBehindSockets { step.call(()) }
  }

  private func nextSlice() {
    guard !isSilent, !server.isStopped else { return slices.removeAll() }
    if let whole = slices.advance() { send(whole.document, to: whole.target) }
    if slices.count > 0 { scheduleSlice() }
  }

  private func send(_ document: any DocumentInSlices, to target: ReplyTarget) {
    document.json.endObject()
    send(document.json.take(), to: target)
  }
}
