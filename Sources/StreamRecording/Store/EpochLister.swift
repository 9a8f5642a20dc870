import Reactor
import Recording
import Synchronization
import Wire

/// Knows the epochs of the stream: it looks what is new whenever it is asked. Safe from any thread; callers may block.
final class EpochLister: Sendable {
  private struct State {
    var index = EpochIndex()
    /// When the last look began, and what came of it.
    var looked: (began: MonotonicTime, result: Result<StreamInformation?, RecordError>)?
  }

  /// Which stream was seen last, for those who fetch its messages.
  struct Seen: Sendable {
    /// When it was made.
    var created = ""
    var allowsDirect = false
  }

  /// How long what was seen is taken for what is: documents are read one name after the other.
  private static let moment = Span.seconds(2)

  private let api: StreamAPI
  private let subjects: StreamSubjects
  private let far: Int
  private let portion: Int
  /// Held by whoever looks; what is known is read meanwhile.
  private let looking = Mutex(())
  private let state = Mutex(State())

  var seen: Seen {
    state.withLock { state in
      guard case .success(let stream?)? = state.looked?.result else { return Seen(created: state.index.created) }
      return Seen(created: stream.created, allowsDirect: stream.allowsDirect)
    }
  }

  /// - Parameters:
  ///   - far: Messages behind the last known head from which on the stream is asked for the names of all heads, instead of for one head after
  ///     the other.
  ///   - portion: Heads that are asked for at once.
  init(_ api: StreamAPI, _ subjects: StreamSubjects, far: Int = 4_000, portion: Int = 1_000) {
    self.api = api
    self.subjects = subjects
    self.far = far
    self.portion = portion
  }

  /// What there is now.
  struct Sight: Sendable {
    let index: EpochIndex
    /// nil where there is none.
    let stream: StreamInformation?
  }

  /// Looks what there is.
  func look() throws(RecordError) -> Sight {
    let asked = MonotonicClock.now()
    let result = looking.withLock { _ -> Result<Sight, RecordError> in
      var state = self.state.withLock { $0 }
      // Who has waited here while another looked sees what that one saw.
      if state.looked.map({ $0.began < asked }) ?? true {
        let began = MonotonicClock.now()
        do throws(RecordError) {
          state.looked = (began, .success(try refresh(&state.index)))
        } catch {
          state.looked = (began, .failure(error))
        }
        let found = state
        self.state.withLock { $0 = found }
      }
      return (state.looked?.result ?? .success(nil)).map { Sight(index: state.index, stream: $0) }
    }
    return try result.get()
  }

  /// An epoch that was there a moment ago, or is there by now; nil for one that is not.
  func head(_ number: Int) throws(RecordError) -> EpochHead? {
    let known = state.withLock { state -> EpochHead? in
      guard let looked = state.looked, MonotonicClock.now() - looked.began < EpochLister.moment else { return nil }
      return state.index.head(number)
    }
    if let known { return known }
    return try look().index.head(number)
  }

  private func refresh(_ index: inout EpochIndex) throws(RecordError) -> StreamInformation? {
    guard let stream = try api.information() else {
      index = EpochIndex()
      return nil
    }
    index.follow(stream)
    if stream.lastSequence - index.scanned > far { try load(&index, stream) }
    if stream.lastSequence > index.scanned { try goOn(&index, stream) }
    return stream
  }

  /// Asks for one new head after the other.
  private func goOn(_ index: inout EpochIndex, _ stream: StreamInformation) throws(RecordError) {
    var from = max(index.scanned + 1, stream.firstSequence)
    var found: [(head: EpochHead, sequence: Int)] = []
    // What a copy that is behind does not have yet is found the next time: `scanned` is the last head's place, not the stream's end.
    while from <= stream.lastSequence,
      let message = try api.message(.next(subject: subjects.heads, from: from), direct: stream.allowsDirect), message.sequence >= from
    {
      if let head = head(of: message, in: stream) { found.append((head, message.sequence)) }
      from = message.sequence + 1
    }
    index.add(found)
  }

  /// Asks for the names of all heads, and for those that are not known.
  private func load(_ index: inout EpochIndex, _ stream: StreamInformation) throws(RecordError) {
    guard let named = try api.information(subjects: subjects.heads) else { return }
    var numbers = named.found.compactMap(subjects.number(ofHead:)).filter { index.head($0) == nil }.sorted()
    if numbers.count > EpochIndex.most { numbers.removeFirst(numbers.count - EpochIndex.most) }
    var found: [(head: EpochHead, sequence: Int)] = []
    for start in stride(from: 0, to: numbers.count, by: portion) {
      let some = numbers[start..<min(numbers.count, start + portion)]
      let keys = some.map { StreamMessageKey.last(subject: subjects.head($0)) }
      for message in try api.messages(keys, direct: stream.allowsDirect) {
        if let message, let head = head(of: message, in: stream) { found.append((head, message.sequence)) }
      }
    }
    index.add(found)
  }

  /// nil for a message that is no head of its subject's epoch, and for an epoch that is not whole any more.
  private func head(of message: StreamMessage, in stream: StreamInformation) -> EpochHead? {
    guard let head = EpochHead(message.payload), subjects.number(ofHead: message.subject) == head.header.number else { return nil }
    return head.restsOn >= stream.firstSequence ? head : nil
  }
}
