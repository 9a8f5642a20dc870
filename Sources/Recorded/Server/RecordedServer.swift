import SystemAPI
import Wire

/// One server at a moment that was recorded: it answers what it would have answered then.
public struct RecordedServer: Sendable {
  private let documents: RecordedDocuments

  public init(_ documents: RecordedDocuments) { self.documents = documents }

  /// The `server` object that goes with each of its replies.
  public var server: [UInt8] { documents.server }

  /// What the server would have said to a question that reached it.
  ///
  /// Neither `part` nor `rowsOf` of the form are applied: they say how a reply is read, live or not.
  public func answer(_ form: QuestionForm) -> RecordedReply {
    do throws(Obstacle) {
      return .data(try document(form))
    } catch {
      return error.reply
    }
  }

  private func document(_ form: QuestionForm) throws(Obstacle) -> [UInt8] {
    switch form.service {
    case .server(let name):
      guard let service = RecordedService.named(name), documents.isSince(service.since) else { throw .silent }
      return try service.answer(try payload(form, service.shape), documents)
    case .accountStatistics:
      return try AccountStatz.answer(try payload(form, RecordedService.accountStatz), documents)
    case .subject(let subject):
      let tokens = subject.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      guard tokens.count >= 3, tokens[tokens.count - 3] == "ACCOUNT",
        let service = RecordedAccountService.named(tokens[tokens.count - 1])
      else { throw .silent }
      return try service.answer(try payload(form, service.shape), documents, tokens[tokens.count - 2])
    }
  }

  /// The options, where they choose this server.
  private func payload(_ form: QuestionForm, _ shape: RequestShape?) throws(Obstacle) -> RequestPayload {
    guard let shape else { return RequestPayload() }
    var text = form.payload
    let read: Result<RequestPayload, EndpointError> = text.withUTF8 { bytes in
      do throws(EndpointError) {
        return .success(try RequestPayload(UnsafeRawBufferPointer(bytes), shape))
      } catch {
        return .failure(error)
      }
    }
    switch read {
    case .failure(let error): throw .error(ReplyError(code: error.code, description: error.text))
    case .success(let payload):
      guard ServerChoice.chooses(documents, payload) else { throw .silent }
      return payload
    }
  }
}
