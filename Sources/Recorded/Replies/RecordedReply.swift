import SystemAPI

/// What a server would have said to a question at the moment that was recorded.
public enum RecordedReply: Sendable, Equatable {
  /// Its document: the `data` of its reply, or its `statsz`, or the whole of a reply without envelope.
  case data([UInt8])
  /// It would have refused.
  case error(ReplyError)
  /// It would have said nothing: it was not meant, or had no such service.
  case silent
  /// What it would have said does not follow from what was kept.
  case notRecorded(NotRecorded)
}

/// What is missing to answer a question. Never an empty document that looks like an answer.
public enum NotRecorded: Hashable, Sendable {
  /// The document was not kept.
  case document(FullDocument.Name)
  /// An account's details were not kept.
  case account(String)
  /// The document was kept without what this parameter asks for.
  case parameter(FullDocument.Name, name: String, value: String)
  /// The question needs rows beyond those that were kept.
  case rows(FullDocument.Name, kept: Int, of: Int)
  /// The document that was kept cannot be read.
  case unreadable(FullDocument.Name)

  /// One clause, for people.
  public var sentence: String {
    switch self {
    case .document(let name): "\(name.rawValue) was not recorded"
    case .account(let account): "the details of account \(account) were not recorded"
    case .parameter(let name, let parameter, let value): "\(name.rawValue) was recorded without what \(parameter)=\(value) asks for"
    case .rows(let name, let kept, let all): "only \(kept) of the \(all) rows of \(name.rawValue) were recorded"
    case .unreadable(let name): "what was recorded as \(name.rawValue) cannot be read"
    }
  }
}
