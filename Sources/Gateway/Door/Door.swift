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
    let isLast = isClosed || !request.connection.isWelcome
    access.judge(request, mount: mount) { [self] judgement in
      let exit = { (secrets: Exit.Secrets) in
        Exit(request, responder, crossOrigin: judgement.crossOrigin, secrets: secrets, isLast: isLast)
      }
      switch judgement.verdict {
      case .preflight(let response): responder.respond(response)
      case .refused(let refusal): exit(.shown).send(refusal.response)
      case .admitted(let admitted):
        let way = exit(Door.secrets(for: admitted)).watched { [self] stream in
          let entry = OpenStreams.Entry(admitted: admitted, gate: gate, stream: stream)
          if streams.add(entry) != reviews { judge(entry) }
        }
        answer(admitted, way)
      }
    }
  }

  private static func secrets(for admitted: AdmittedRequest) -> Exit.Secrets {
    // The files of the browser pages are the same for everybody, and hold nobody's secrets.
    admitted.maySeeSecrets || admitted.path.hasPrefix("/assets/") ? .shown : .hidden(path: admitted.path)
  }
}
