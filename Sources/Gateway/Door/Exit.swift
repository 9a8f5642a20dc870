import HTTPServer
import SystemAPI
import SystemModel

/// The way back to one caller: what leaves through it bears the standard fields and holds no secret that the caller may not see.
///
/// Use it once, from any thread. Letting go of it without an answer is a 500.
public final class Exit: Sendable {
  /// Whether secrets are taken out of what leaves.
  enum Secrets: Sendable {
    case shown
    /// By the rules for an answer under this path.
    case hidden(path: String)

    /// Made only for what nobody has looked through yet.
    var filter: SecretFilter? {
      guard case .hidden(let path) = self else { return nil }
      return SecretFilter(commandLines: EndpointTable.mayHoldCommandLines(path))
    }
  }

  /// How the answer gets to the caller, whatever it is.
  struct Way: Sendable {
    let responder: HTTPResponder
    /// Of the request, for whoever has to report an error.
    let requestID: UInt64
    let crossOrigin: [HTTPHeader]
    /// The connection ends with this answer: its listener is closed.
    let isLast: Bool

    init(_ responder: HTTPResponder, requestID: UInt64, crossOrigin: [HTTPHeader], isLast: Bool) {
      self.responder = responder
      self.requestID = requestID
      self.crossOrigin = crossOrigin
      self.isLast = isLast
    }
  }

  private let way: Way
  private let secrets: Secrets
  private let more: [HTTPHeader]
  /// Told of an answer that begins to be written in pieces.
  private let watch: StreamWatch?
  /// What leaves is about servers: an error that does not say how many of them answered says that none was asked.
  private let isAboutServers: Bool

  init(_ way: Way, secrets: Secrets, more: [HTTPHeader] = [], watch: StreamWatch? = nil, isAboutServers: Bool = false) {
    self.way = way
    self.secrets = secrets
    self.more = more
    self.watch = watch
    self.isAboutServers = isAboutServers
  }

  /// The same way back, for an answer about servers.
  func aboutServers() -> Exit { Exit(way, secrets: secrets, more: more, watch: watch, isAboutServers: true) }

  /// The same way back, with one more field on what leaves through it.
  func bearing(_ field: HTTPHeader) -> Exit {
    Exit(way, secrets: secrets, more: more + [field], watch: watch, isAboutServers: isAboutServers)
  }

  /// Sends an answer that may hold secrets.
  func send(_ response: HTTPResponse) { send(Answer(response: response)) }

  func send(_ answer: Answer) {
    var response = answer.response
    if !answer.isDisclosed, let body = secrets.filter?.redacted(response.body) {
      response.body = body
      response.gzippedBody = nil
      response.sharedCompression = nil
    }
    way.responder.respond(dressed(response, isStandard: answer.isStandard))
  }

  /// Begins an answer whose body follows in pieces.
  ///
  /// - Parameters:
  ///   - endless: True for event streams, which a stopping server ends at once.
  ///   - isDisclosed: The pieces hold nothing that the caller may not see.
  func stream(contentType: String, headers: [HTTPHeader] = [], endless: Bool = false, isDisclosed: Bool = false) -> HTTPStream {
    var transform: (@Sendable ([UInt8]) -> [UInt8])?
    if !isDisclosed, let filter = secrets.filter { transform = { @Sendable bytes in filter.redacted(bytes) ?? bytes } }
    let stream = way.responder.stream(
      dressed(HTTPResponse(contentType: contentType, headers: headers)), endless: endless, transform: transform)
    watch?.began(stream)
    return stream
  }

  private func dressed(_ response: HTTPResponse, isStandard: Bool = false) -> HTTPResponse {
    var response = response
    if !isStandard { StandardFields.add(to: &response) }
    if !more.isEmpty { response.headers += more }
    if !way.crossOrigin.isEmpty { response.headers += way.crossOrigin }
    if isAboutServers, response.status >= 400, !response.has(.complete) {
      response.headers += Completeness(complete: false, expected: 0, responded: 0).headers()
    }
    if response.status >= 400 { response.headers.append(AnswerField.requestID(HTTPRequest.text(ofID: way.requestID))) }
    if way.isLast { response.closesConnection = true }
    return response
  }
}
