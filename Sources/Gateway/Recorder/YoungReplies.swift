import DequeModule
import Reactor
import Recorded
import SystemAPI
import SystemModel
import Wire

/// Asks servers for whoever asks about now, and holds for a moment what they said to questions that a recorder asks too: it takes that up
/// instead of asking again.
final class YoungReplies: ReplySource, @unchecked Sendable {
  // Sendable by confinement to the gateway's shard; what is asked comes back there.

  /// Bytes of replies that are held at most; the oldest go first.
  private static let mostBytes = 16 << 20

  private struct Key: Hashable {
    let server: ServerID
    let form: QuestionForm
  }

  private struct Held {
    let reply: Reply
    /// When it was asked for: it is no younger than that.
    let asked: MonotonicTime
  }

  private let source: any ReplySource
  private let shard: Shard
  private var held: [Key: Held] = [:]
  /// Each that is held, once: about in the order in which they were asked for. One that came again has a younger moment than it stands here with.
  private var order: Deque<(key: Key, asked: MonotonicTime)> = []
  private(set) var bytes = 0
  var count: Int { order.count }
  /// Whoever asked together shares an outcome.
  private weak var last: Outcome?
  /// How old a reply may be; zero where none is wanted.
  var age = Span.zero {
    didSet { trim(to: YoungReplies.mostBytes) }
  }

  init(_ source: any ReplySource, shard: Shard) {
    self.source = source
    self.shard = shard
  }

  /// What a recorder asks in one form, whatever the server's version is.
  private static let forms = Set(
    FullDocument.table.filter { $0.paging == nil && $0.account == nil && $0.name != .statsz }.map { plain($0.question(version: "")) })

  /// What a question asks of each server that it reaches: which these are, and how their replies travel, changes nothing in what they say.
  private static func plain(_ form: QuestionForm) -> QuestionForm {
    var form = form
    form.compress = false
    form.payload = options(form.payload).sorted().joined(separator: ",")
    return form
  }

  private static let filters = Set(CommonParameters.filters.map(\.field))

  /// The options that do not choose servers, each as it is written.
  private static func options(_ payload: String) -> [String] {
    guard !payload.isEmpty else { return [] }
    var payload = payload
    return payload.withUTF8 { bytes in
      var members = JSONMembers(bytes, 0..<bytes.count)
      var found: [String] = []
      while let (name, value) = members.next() {
        guard !filters.contains(JSONBytes.unescaped(bytes, name)) else { continue }
        found.append(String(decoding: bytes[name.lowerBound - 1..<value.upperBound], as: UTF8.self))
      }
      return found
    }
  }

  /// Whether a recorder asks servers the same.
  static func holds(_ form: QuestionForm) -> Bool { forms.contains(plain(form)) }

  func ask(_ question: Question, until: MonotonicTime, onReply: ((Reply) -> Void)?, completion: @escaping (Outcome) -> Void) {
    guard age > .zero else { return source.ask(question, until: until, onReply: onReply, completion: completion) }
    let form = YoungReplies.plain(question.form)
    guard YoungReplies.forms.contains(form) else {
      return source.ask(question, until: until, onReply: onReply, completion: completion)
    }
    source.ask(question, until: until, onReply: onReply) { [self] outcome in
      keep(outcome, form)
      completion(outcome)
    }
  }

  private func keep(_ outcome: Outcome, _ form: QuestionForm) {
    guard outcome !== last else { return }
    last = outcome
    let asked = outcome.finishedAt - outcome.elapsed
    guard isYoung(asked) else { return }
    for reply in outcome.replies where reply.error == nil && reply.data != nil {
      let key = Key(server: reply.server.id, form: form)
      let known = held[key]
      // A question that waited for somebody slow ends behind those that were asked later.
      if let known, known.asked >= asked { continue }
      bytes += reply.payload.count - (known?.reply.payload.count ?? 0)
      held[key] = Held(reply: reply, asked: asked)
      if known == nil { order.append((key, asked)) }
    }
    trim(to: YoungReplies.mostBytes)
  }

  private func trim(to most: Int) {
    while let oldest = order.first, bytes > most || !isYoung(oldest.asked) {
      order.removeFirst()
      guard let known = held[oldest.key] else { continue }
      guard known.asked == oldest.asked else {
        order.append((oldest.key, known.asked))
        continue
      }
      bytes -= known.reply.payload.count
      held[oldest.key] = nil
    }
  }

  private func isYoung(_ asked: MonotonicTime) -> Bool { shard.now <= asked + age }

  /// What a server has just said to a question; nil where it is not known, or too old.
  func reply(to form: QuestionForm, of server: ServerID) -> Reply? {
    shard.assertCurrent()
    trim(to: YoungReplies.mostBytes)
    // One that came late may stand behind younger ones, and is not trimmed yet.
    guard let known = held[Key(server: server, form: YoungReplies.plain(form))], isYoung(known.asked) else { return nil }
    return known.reply
  }
}
