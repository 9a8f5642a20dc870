import NATSClient
import Reactor
import Recording
import Wire

/// The part of JetStream's interface that a record needs (ADR-1, ADR-31), for callers that may block.
///
/// What JetStream does not do is told as a ``RecordError``, but for what a caller decides by: a stream or a message that is not there.
final class StreamAPI: Sendable {
  /// How long an answer is waited for, in seconds: the first one, and each after the one before.
  static let patience = 5.0
  /// The largest message that is written where nothing forbids it, in bytes, and the room that subject and headers take of one.
  private static let largestPiece = 512 << 10
  private static let envelope = 1_024
  /// Subjects that are named at most; beyond them those that come last in their order, for these are the newest.
  private static let mostNamed = 1 << 20

  let place: StreamPlace
  private let connection: StreamConnection

  init(_ place: StreamPlace, _ connection: StreamConnection) {
    self.place = place
    self.connection = connection
  }

  // MARK: The stream

  /// What the stream is and holds; nil where there is none.
  ///
  /// - Parameter subjects: Name those of its subjects that this matches.
  func information(subjects: String? = nil) throws(RecordError) -> StreamInformation? {
    guard var all = try page(of: subjects, from: 0) else { return nil }
    // Servers name some at a time (nats-server: 100,000), in their order. Where some went meanwhile the others have moved up: each page
    // begins a little before the end of the last one.
    var (end, length) = (all.found.count, all.found.count)
    var found = Set(all.found)
    while end < all.total {
      let start = max(end - length / 100, all.total - StreamAPI.mostNamed)
      // Whatever is said to be there: a page that brings nothing new is the last one.
      guard let page = try self.page(of: subjects, from: start), page.created == all.created, !page.found.isEmpty,
        start + page.found.count > end
      else { break }
      found.formUnion(page.found)
      length = page.found.count
      end = start + length
    }
    all.found = Array(found)
    return all
  }

  private func page(of subjects: String?, from offset: Int) throws(RecordError) -> StreamInformation? {
    var json = JSONWriter()
    if let subjects {
      json.object { json in
        json.member("subjects_filter", subjects)
        if offset > 0 { json.member("offset", offset) }
      }
    }
    switch try call("STREAM.INFO.\(place.stream)", json.bytes) {
    case .success(let answer):
      guard let information = StreamInformation(answer) else { throw malformed("STREAM.INFO") }
      return information
    case .failure(let refusal):
      if refusal.isMissingStream { return nil }
      throw refusal.error(of: place.text)
    }
  }

  /// Makes the stream.
  func create() throws(RecordError) -> StreamInformation {
    switch try call("STREAM.CREATE.\(place.stream)", configuration) {
    case .success(let answer):
      guard let information = StreamInformation(answer) else { throw malformed("STREAM.CREATE") }
      return information
    case .failure(let refusal):
      guard refusal.isFull else { throw refusal.error(of: place.text) }
      // Servers set a stream's bytes apart when it is made.
      throw .failed(
        path: place.text,
        reason: "JetStream has no room for a stream of \(place.keepBytes) bytes with \(place.replicas) replicas (\(refusal.description))")
    }
  }

  /// Ages and bytes are the servers' to heed: the oldest messages go by themselves.
  private var configuration: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("name", place.stream)
      json.member("description", "What natsight records: moments of a NATS system")
      json.member("subjects", ["\(place.stream).>"])
      json.member("retention", "limits")
      json.member("storage", "file")
      json.member("discard", "old")
      json.member("max_age", place.maxAge)
      json.member("max_bytes", place.keepBytes == .max ? -1 : place.keepBytes)
      json.member("max_msgs", -1)
      json.member("max_msgs_per_subject", -1)
      json.member("max_msg_size", -1)
      json.member("max_consumers", -1)
      json.member("num_replicas", place.replicas)
      json.member("duplicate_window", Swift.min(Span.seconds(120).nanoseconds, Int64(place.maxAge > 0 ? place.maxAge : .max)))
      json.member("allow_direct", true)
      json.member("allow_rollup_hdrs", true)
    }
    return json.bytes
  }

  // MARK: Messages

  /// A message; nil where there is none.
  func message(_ key: StreamMessageKey, direct: Bool) throws(RecordError) -> StreamMessage? {
    try messages([key], direct: direct, areThere: key.isCertain)[0]
  }

  /// Messages in the order of their keys; nil for those that are not there.
  ///
  /// - Parameters:
  ///   - direct: Any server with a copy may answer.
  ///   - areThere: They were there a moment ago: a copy that has none may be behind, and the stream's leader is asked then.
  func messages(_ keys: [StreamMessageKey], direct: Bool, areThere: Bool = true) throws(RecordError) -> [StreamMessage?] {
    var found = [StreamMessage?](repeating: nil, count: keys.count)
    var asked = Array(keys.indices)
    if direct {
      var left: [Int] = []
      let questions = asked.map { StreamQuestion(subject: "\(place.apiPrefix).DIRECT.GET.\(place.stream)", payload: keys[$0].request) }
      for (index, answer) in zip(asked, connection.ask(questions, within: StreamAPI.patience)) {
        let reply = try take(answer, isPublish: false)
        found[index] = StreamMessage(direct: reply)
        if found[index] == nil, areThere { left.append(index) }
      }
      asked = left
    }
    let questions = asked.map { StreamQuestion(subject: "\(place.apiPrefix).STREAM.MSG.GET.\(place.stream)", payload: keys[$0].request) }
    for (index, answer) in zip(asked, connection.ask(questions, within: StreamAPI.patience)) {
      let json = try parsed(try take(answer, isPublish: false), "STREAM.MSG.GET")
      if let refusal = StreamRefusal(json) {
        guard refusal.isMissingMessage else { throw refusal.error(of: place.text) }
      } else {
        guard let message = StreamMessage(stored: json) else { throw malformed("STREAM.MSG.GET") }
        found[index] = message
      }
    }
    return found
  }

  /// Stores messages; each has its place or was refused.
  ///
  /// - Parameter seconds: How long the first answer is waited for, and each one after the one before.
  func publish(_ messages: [StreamQuestion], within seconds: Double) throws(RecordError) -> [Result<PublishedPlace, StreamRefusal>] {
    var places: [Result<PublishedPlace, StreamRefusal>] = []
    places.reserveCapacity(messages.count)
    for answer in connection.ask(messages, within: seconds) {
      let json = try parsed(try take(answer, isPublish: true), "a publish")
      if let refusal = StreamRefusal(json) {
        places.append(.failure(refusal))
      } else {
        guard let sequence = StreamMessage.sequence(json["seq"]?.int), json["stream"]?.string == place.stream else {
          throw malformed("a publish")
        }
        places.append(.success(PublishedPlace(sequence: sequence, isDuplicate: json["duplicate"]?.bool ?? false)))
      }
    }
    return places
  }

  /// How much of a frame goes into one message, in bytes: what server and stream take, less what subject and headers may.
  func largestPiece(_ stream: StreamInformation) throws(RecordError) -> Int {
    guard let most = [connection.largestMessage(), stream.maxMessageSize].filter({ $0 > 0 }).min() else { return StreamAPI.largestPiece }
    guard most >= 2 * StreamAPI.envelope else {
      throw .failed(path: place.text, reason: "it takes messages of \(most) bytes at most; \(2 * StreamAPI.envelope) are needed")
    }
    return min(most - StreamAPI.envelope, StreamAPI.largestPiece)
  }

  /// A frame in as many messages as it takes.
  static func pieces(of frame: [UInt8], _ most: Int, _ subject: String) -> [StreamQuestion] {
    stride(from: 0, to: max(1, frame.count), by: most).map { start in
      StreamQuestion(subject: subject, payload: Array(frame[start..<min(frame.count, start + most)]))
    }
  }

  // MARK: Asking

  private func call(_ name: String, _ payload: [UInt8]) throws(RecordError) -> Result<JSONValue, StreamRefusal> {
    let answer = connection.ask(StreamQuestion(subject: "\(place.apiPrefix).\(name)", payload: payload), within: StreamAPI.patience)
    let json = try parsed(try take(answer, isPublish: false), name)
    return StreamRefusal(json).map { .failure($0) } ?? .success(json)
  }

  private func take(_ answer: Result<NATSMessage, StreamSilence>, isPublish: Bool) throws(RecordError) -> NATSMessage {
    switch answer {
    case .success(let message): return message
    case .failure(.away(let reason)): throw .away(path: place.text, reason: reason)
    case .failure(.late): throw .late(path: place.text, seconds: Int(StreamAPI.patience))
    case .failure(.forbidden(let words)): throw .forbidden(path: place.text, reason: words)
    case .failure(.nobody) where isPublish:
      throw .failed(path: place.text, reason: "the stream is not there any more; it is looked for, or made, with the next epoch")
    case .failure(.nobody):
      throw .failed(path: place.text, reason: "no JetStream answers this account; the user has to be in an account that has it")
    }
  }

  private func parsed(_ message: NATSMessage, _ what: String) throws(RecordError) -> JSONValue {
    do { return try JSONValue(parsing: message.payload) } catch { throw malformed(what) }
  }

  private func malformed(_ what: String) -> RecordError {
    .failed(path: place.text, reason: "the answer to \(what) is not JetStream's")
  }
}

extension StreamPlace {
  /// Nanoseconds that a message is kept; 0 = for ever. Epochs go in rows, whose first ones hold up the others: a row's time is added.
  var maxAge: Int {
    let (sum, overflow) = keepSeconds.addingReportingOverflow(rowSeconds)
    let span = Span.wholeSeconds(Int64(sum))
    return overflow || span.nanoseconds == .max ? 0 : Int(span.nanoseconds)
  }
}

extension StreamMessageKey {
  /// It names a message that was there: that a copy has none may be the copy's delay.
  fileprivate var isCertain: Bool { if case .sequence = self { true } else { false } }
}
