import HTTPServer
import Logging
import SystemAPI

/// Stands between the listeners and the gateway: who may not come in is told so, and who may gets a way back that shows no more than
/// the caller may see.
public final class Door: Sendable {
  typealias Answerer = @Sendable (AdmittedRequest, Exit) -> Void

  private let access: AccessControl
  private let answer: Answerer

  init(_ options: AccessOptions, log: Logger, answer: @escaping Answerer) throws(AccessError) {
    access = try AccessControl(options, log: log)
    self.answer = answer
  }

  /// Uses other rules from the next request on, also on connections that exist.
  public func replace(_ options: AccessOptions) throws(AccessError) { try access.replace(options) }

  /// Admits or refuses one request. Call it on the connection's shard.
  ///
  /// - Parameter isLast: The connection ends with the answer.
  public func handle(_ request: HTTPRequest, _ responder: HTTPResponder, mount: ListenerMount, isLast: Bool = false) {
    access.judge(request, mount: mount) { [answer] judgement in
      func exit(_ secrets: Exit.Secrets) -> Exit {
        Exit(request, responder, crossOrigin: judgement.crossOrigin, secrets: secrets, isLast: isLast)
      }
      switch judgement.verdict {
      case .preflight(let response): responder.respond(response)
      case .refused(let refusal): exit(.shown).send(refusal.response)
      case .admitted(let admitted): answer(admitted, exit(Door.secrets(for: admitted)))
      }
    }
  }

  private static func secrets(for admitted: AdmittedRequest) -> Exit.Secrets {
    // The files of the browser pages are the same for everybody, and hold nobody's secrets.
    admitted.maySeeSecrets || admitted.path.hasPrefix("/assets/") ? .shown : .hidden(path: admitted.path)
  }
}
