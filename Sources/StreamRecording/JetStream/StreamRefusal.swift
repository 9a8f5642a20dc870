import Recording
import Wire

/// What JetStream refuses, by its error code (nats-server, `server/errors.json`).
struct StreamRefusal: Error, Equatable {
  let code: Int
  let description: String

  init(code: Int, description: String) {
    self.code = code
    self.description = description
  }

  /// nil where an answer holds no error.
  init?(_ answer: JSONValue) {
    guard let error = answer["error"], error != .null else { return nil }
    // Errors without a code of their own have that of HTTP.
    code = error["err_code"]?.int ?? error["code"]?.int ?? 0
    description = error["description"]?.string ?? "an error without words"
  }

  /// The stream is not there.
  var isMissingStream: Bool { code == 10_059 }
  /// The message is not there.
  var isMissingMessage: Bool { code == 10_037 || code == 404 }
  /// Somebody was first with this subject.
  var isTaken: Bool { code == 10_071 || code == 10_164 }
  /// The stream, the account or the server has no room.
  var isFull: Bool { [10_002, 10_023, 10_028, 10_047, 10_077, 10_109, 10_122].contains(code) }
  /// JetStream is there, and cannot answer at the moment.
  private var isPassing: Bool { [10_008, 10_009].contains(code) }

  func error(of record: String) -> RecordError {
    if isFull { return .full(path: record) }
    if isPassing { return .away(path: record, reason: description) }
    return .failed(path: record, reason: "JetStream says: \(description)")
  }
}
