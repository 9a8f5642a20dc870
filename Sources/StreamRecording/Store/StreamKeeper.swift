import Logging
import Recording
import Synchronization
import Wire

/// Sees to the stream: makes it where there is none, and says what of one that is there is not as the settings have it. It never changes one.
final class StreamKeeper: Sendable {
  private let api: StreamAPI
  private let subjects: StreamSubjects
  private let log: Logger
  /// What was said last.
  private let said = Mutex<[String]>([])

  init(_ api: StreamAPI, _ subjects: StreamSubjects, log: Logger) {
    self.api = api
    self.subjects = subjects
    self.log = log
  }

  /// The stream, made where it is not there. Blocks.
  ///
  /// - Throws: Also where what is there cannot hold a record.
  func stream() throws(RecordError) -> StreamInformation {
    if let found = try api.information() {
      try check(found)
      return found
    }
    let made = try api.create()
    log.notice(
      "the stream of the record is made",
      metadata: ["stream": "\(api.place.stream)", "replicas": "\(made.replicas)", "bytes": "\(made.maxBytes)"])
    return made
  }

  private func check(_ stream: StreamInformation) throws(RecordError) {
    guard stream.subjects.contains(subjects.all) else {
      let found = stream.subjects.joined(separator: ", ")
      throw .failed(path: api.place.text, reason: "the stream has the subjects \(found), not \(subjects.all): give the record another name")
    }
    guard stream.retention.isEmpty || stream.retention == "limits" else {
      throw .failed(path: api.place.text, reason: "the stream keeps messages by \(stream.retention), not by limits")
    }
    let place = api.place
    let differences = place.differences(from: stream)
    let isNew = said.withLock { said in
      defer { said = differences }
      return said != differences
    }
    guard isNew, !differences.isEmpty else { return }
    log.warning(
      "the stream of the record is used as it is",
      metadata: ["stream": "\(place.stream)", "differs": "\(differences.joined(separator: "; "))"])
  }
}

extension StreamPlace {
  /// What of a stream is not as the settings would make it, in words.
  func differences(from stream: StreamInformation) -> [String] {
    var found: [String] = []
    func age(_ nanoseconds: Int) -> String { nanoseconds <= 0 ? "for ever" : DurationText.go(Int64(nanoseconds)) }
    func bytes(_ count: Int) -> String { count <= 0 ? "any number of" : String(count) }
    if max(0, stream.maxAge) != maxAge { found.append("it keeps messages \(age(stream.maxAge)), not \(age(maxAge))") }
    let wanted = keepBytes == .max ? -1 : keepBytes
    if max(0, stream.maxBytes) != max(0, wanted) { found.append("it takes \(bytes(stream.maxBytes)) bytes, not \(bytes(wanted))") }
    if stream.replicas != replicas { found.append("it has \(stream.replicas) replicas, not \(replicas)") }
    if stream.discard == "new" { found.append("it takes nothing more once it is full, instead of giving up the oldest") }
    return found
  }
}
