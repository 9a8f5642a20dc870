/// The subjects of a record's messages.
///
/// What an epoch is made of is found by the sequences that its head names; subjects tell a person what a message is, and stay few.
struct StreamSubjects: Sendable {
  /// Hours since 1970 that moments may lie in: until the year 2255.
  private static let hours = 0...2_500_000

  let stream: String

  /// All of them, as the stream's configuration has it.
  var all: String { "\(stream).>" }
  /// An epoch that is whole: small, written last.
  func head(_ number: Int) -> String { "\(stream).epoch.\(number)" }
  var heads: String { "\(stream).epoch.*" }
  /// Who writes an epoch.
  var claim: String { "\(stream).claim" }
  /// What an epoch is made of, and what was believed.
  var contents: String { "\(stream).contents" }
  /// A server's documents.
  func documents(_ server: String) -> String { "\(stream).documents.\(StreamSubjects.token(server))" }
  /// The blocks of one kind within one hour, all of them; the last message holds.
  func series(_ kind: String, _ hour: Int) -> String { "\(series(kind))\(hour)" }
  /// All hours of a kind.
  func allSeries(_ kind: String) -> String { "\(series(kind))*" }
  /// What does not fit into that message.
  var pieces: String { "\(stream).pieces" }

  private func series(_ kind: String) -> String { "\(stream).series.\(StreamSubjects.token(kind))." }

  /// The hour of a subject of a kind; nil for other subjects.
  func hour(of kind: String, in subject: String) -> Int? {
    let prefix = series(kind)
    guard subject.utf8.starts(with: prefix.utf8), let hour = Int(subject.dropFirst(prefix.count)) else { return nil }
    return StreamSubjects.hours.contains(hour) ? hour : nil
  }

  /// The epoch of a head's subject; nil for other subjects.
  func number(ofHead subject: String) -> Int? {
    let prefix = "\(stream).epoch."
    guard subject.utf8.starts(with: prefix.utf8) else { return nil }
    return Int(subject.dropFirst(prefix.count))
  }

  /// A text as one token of a subject: what may not stand there becomes `_`.
  static func token(_ text: String) -> String {
    let safe = text.utf8.prefix(64).map { StreamPlace.isNameByte($0) ? $0 : UInt8(ascii: "_") }
    return safe.isEmpty ? "_" : String(decoding: safe, as: UTF8.self)
  }
}
