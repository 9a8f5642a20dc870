import HTTPServer
import Wire

extension RecordedMark {
  /// The members of a gathered answer that say which moment it is about.
  func write(to json: inout JSONWriter) {
    json.member("at", at.rfc3339)
    json.member("epoch", epoch)
  }

  /// The fields of every answer about it.
  var fields: [HTTPHeader] { [AnswerField.at(at.rfc3339), AnswerField.epoch(String(epoch))] }
}
