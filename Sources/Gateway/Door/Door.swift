import HTTPServer
import Logging
import SystemAPI

/// Stands between the listeners and the gateway: who may not come in is told so, and who may gets a way back that shows no more than
/// the caller may see.
public final class Door: Sendable {
  typealias Answerer = @Sendable (AdmittedRequest, Exit) -> Void

  private let access: AccessControl
  private let answer: Answerer
  private let streams = OpenStreams()

  /// - Parameter opensRoot: A browser gets a page without anybody's data at the root, from which its user signs in.
  init(_ options: AccessOptions, log: Logger, opensRoot: Bool = true, answer: @escaping Answerer) throws(AccessError) {
    access = try AccessControl(options, log: log, opensRoot: opensRoot)
    self.answer = answer
  }

  /// Uses other rules from the next request on, also on connections that exist. Streams are judged by them in ``reviewStreams()``.
  public func replace(_ options: AccessOptions) throws(AccessError) { try access.replace(options) }

  /// Judges every answer that is still being written by what its caller is now, and ends those that would not be begun any more. Call it
  /// once everything that a reload changes is in force: rules, listeners and certificates.
  public func reviewStreams() {
    for entry in streams.review() { judge(entry) }
  }

  private func judge(_ entry: OpenStreams.Entry) {
    let (mount, isClosed) = entry.gate.now
    if isClosed || !access.stillAdmits(entry.admitted, mount: mount) { entry.stream.end() }
  }

  /// Admits or refuses one request. Call it on the connection's shard.
  public func handle(_ request: HTTPRequest, _ responder: HTTPResponder, gate: ListenerGate) {
    let reviews = streams.reviews
    let (mount, isClosed) = gate.now
    let isWelcome = request.connection.isWelcome
    let judgement = access.judge(request, mount: mount, isWelcome: isWelcome)
    let way = Exit.Way(
      responder, requestID: request.id, crossOrigin: judgement.crossOrigin, isLast: isClosed || !isWelcome)
    let visit = Visit(gate: gate, reviews: reviews, way: way)
    guard case .guessed(let guessed) = judgement.verdict else { return act(on: judgement.verdict, visit) }
    access.settle(guessed, request, mount: mount) { [self] verdict in act(on: verdict, visit) }
  }

  /// One request at the door.
  private struct Visit: Sendable {
    let gate: ListenerGate
    /// Reviews of streams before the request was judged.
    let reviews: UInt64
    let way: Exit.Way
  }

  private func act(on verdict: Admission.Verdict, _ visit: Visit) {
    switch verdict {
    case .admitted(let admitted):
      let watch = StreamWatch(door: self, admitted: admitted, gate: visit.gate, reviews: visit.reviews)
      answer(admitted, Exit(visit.way, secrets: Door.secrets(for: admitted), watch: watch))
    case .refused(let refusal): Exit(visit.way, secrets: .shown).send(refusal.response)
    case .preflight(let response): visit.way.responder.respond(response)
    case .guessed: break
    }
  }

  /// Keeps an eye on an answer that begins to be written in pieces.
  func watch(_ stream: HTTPStream, _ admitted: AdmittedRequest, _ gate: ListenerGate, reviews: UInt64) {
    let entry = OpenStreams.Entry(admitted: admitted, gate: gate, stream: stream)
    if streams.add(entry) != reviews { judge(entry) }
  }

  private static func secrets(for admitted: AdmittedRequest) -> Exit.Secrets {
    // The files of the browser pages are the same for everybody, and hold nobody's secrets.
    admitted.maySeeSecrets || admitted.path.hasPrefix("/assets/") ? .shown : .hidden(path: admitted.path)
  }
}
