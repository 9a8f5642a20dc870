@preconcurrency import Dispatch
import NATSClient
import Reactor
import Wire

/// One question to a NATS subject.
struct StreamQuestion: Sendable {
  var subject: String
  var headers: NATSHeaders?
  var payload: [UInt8] = []

  var size: Int { payload.count + subject.utf8.count + 128 }
}

/// Why a question has no answer.
enum StreamSilence: Error, Equatable {
  /// There is no connection, or it was lost meanwhile.
  case away(String)
  /// Nothing came in time.
  case late
  /// Nobody listens to the subject.
  case nobody
  /// The user may not ask this; the server's words.
  case forbidden(String)
}

/// Questions that leave together, a window of them at a time, and somebody who blocks until each has an answer or has none.
final class StreamExchange: @unchecked Sendable {
  // Sendable by confinement to the client's shard; `answers` is read by the caller once `done` was signalled, and touched by nobody then.

  /// Questions that are out at the same time, and what they may take together, in bytes.
  private static let window = (count: 128, bytes: 4 << 20)

  private let client: NATSClient
  private let questions: [StreamQuestion]
  private var answers: [Result<NATSMessage, StreamSilence>?]
  private let done = DispatchSemaphore(value: 0)
  private var next = 0
  private var open = 0
  private var openBytes = 0
  private var left: Int
  private var tokens: [Int: NATSClient.RequestToken] = [:]
  private var timer: ShardTimer?
  /// How long the next answer is waited for, in seconds, and since when.
  private var patience = 0.0
  private var heard = MonotonicTime.origin
  private var hasBegun = false

  init(_ questions: [StreamQuestion], _ client: NATSClient) {
    self.client = client
    self.questions = questions
    answers = Array(repeating: nil, count: questions.count)
    left = questions.count
  }

  var isOver: Bool { left == 0 }

  /// Blocks until every question has its answer or none.
  func wait() -> [Result<NATSMessage, StreamSilence>] {
    done.wait()
    return answers.map { $0 ?? .failure(.late) }
  }

  /// Lets the time run from now on, and anew from each answer: what takes long because it is much is not late.
  func limit(_ seconds: Double) {
    client.shard.assertCurrent()
    guard !isOver else { return }
    patience = seconds
    heard = client.shard.now
    watch(seconds)
  }

  private func watch(_ seconds: Double) {
    timer = client.shard.after(seconds) { [weak self] in self?.timePassed() }
  }

  private func timePassed() {
    guard !isOver else { return }
    let left = patience - (client.shard.now - heard).seconds
    if left > 0.001 { watch(left) } else { fail(.late) }
  }

  /// Sends what may leave. The connection stands.
  func begin() {
    client.shard.assertCurrent()
    hasBegun = true
    send()
  }

  private func send() {
    while next < questions.count, open < Self.window.count, open == 0 || openBytes + questions[next].size <= Self.window.bytes {
      let (place, question) = (next, questions[next])
      next += 1
      open += 1
      openBytes += question.size
      let token = client.request(question.subject, headers: question.headers?.encoded ?? [], payload: question.payload) {
        [weak self] event in
        self?.took(event, place)
      }
      guard let token else { return fail(.away("the connection was lost")) }
      tokens[place] = token
    }
  }

  private func took(_ event: NATSClient.RequestEvent, _ place: Int) {
    switch event {
    case .reply(let message): settle(place, .success(message))
    case .noResponders: settle(place, .failure(.nobody))
    case .disconnected: fail(.away("the connection was lost"))
    }
  }

  private func settle(_ place: Int, _ answer: Result<NATSMessage, StreamSilence>) {
    guard answers[place] == nil else { return }
    answers[place] = answer
    heard = client.shard.now
    open -= 1
    openBytes -= questions[place].size
    left -= 1
    if let token = tokens.removeValue(forKey: place) { client.cancel(token) }
    if isOver { finish() } else { send() }
  }

  /// The server refuses a subject: whoever asked it hears nothing else.
  func refused(_ refusal: ServerRefusal) {
    client.shard.assertCurrent()
    switch refusal {
    case .publish(let subject):
      for place in tokens.keys where questions[place].subject == subject { settle(place, .failure(.forbidden("\(refusal)"))) }
    case .subscription, .other: fail(.forbidden("\(refusal)"))
    }
  }

  /// What has no answer yet has none.
  func fail(_ silence: StreamSilence) {
    client.shard.assertCurrent()
    guard !isOver else { return }
    for token in tokens.values { client.cancel(token) }
    tokens.removeAll()
    for place in answers.indices where answers[place] == nil { answers[place] = .failure(silence) }
    left = 0
    finish()
  }

  private func finish() {
    timer?.cancel()
    done.signal()
  }
}
