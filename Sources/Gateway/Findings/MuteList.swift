import Wire

/// A finding that somebody does not want to hear of for a while. It is told all the same, as muted, and counts for nothing.
public struct Mute: Sendable, Equatable {
  /// Of a check; `*` for all.
  public var code: String
  /// What it is about; `*` stands for any text.
  public var subject: String
  /// nil = for ever.
  public var until: Timestamp?
  public var reason: String
  /// Where it stands in its file.
  public var line: Int

  func isOver(at now: Timestamp) -> Bool { until.map { now >= $0 } ?? false }

  func fits(_ finding: Finding) -> Bool {
    // Whoever mutes a name means all servers that bear it.
    let texts = finding.serverID.isEmpty ? [finding.subject] : [finding.subject, finding.server]
    return (code == "*" || code == finding.code) && texts.contains { Mute.fits(Array(subject.utf8)[...], Array($0.utf8)[...]) }
  }

  /// Whether a text fits a pattern; in time that is at most their product.
  static func fits(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
    var (pattern, text) = (pattern, text)
    var retry: (pattern: ArraySlice<UInt8>, text: ArraySlice<UInt8>)?
    while true {
      if pattern.first == UInt8(ascii: "*") {
        pattern.removeFirst()
        retry = (pattern, text)
      } else if let byte = text.first, byte == pattern.first {
        pattern.removeFirst()
        text.removeFirst()
      } else if text.isEmpty, pattern.isEmpty {
        return true
      } else {
        guard var known = retry, !known.text.isEmpty else { return false }
        known.text.removeFirst()
        retry = known
        (pattern, text) = known
      }
    }
  }
}

/// What a file of mutes says: a line for each, of a code, a subject, until when, and why.
///
///     # code            subject            until                  reason
///     stream_no_leader  "APP > LEGACY-*"   2026-12-31T00:00:00Z   is moved until the end of the year
///     *                 a3                 -                      stands in the cellar
public struct MuteList: Sendable, Equatable {
  /// A sentence about a line that cannot be read.
  public struct Invalid: Error, Sendable, Equatable, CustomStringConvertible {
    public let line: Int
    public let reason: String
    public var description: String { "line \(line): \(reason)" }
  }

  public static let most = 1000
  public static let longestFile = 1 << 20

  public private(set) var mutes: [Mute] = []

  public init() {}

  /// - Parameter knows: Whether a code is that of a check.
  public init(parsing text: String, knows: (String) -> Bool) throws(Invalid) {
    for (place, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let number = place + 1
      let words = try MuteList.words(line, number)
      guard !words.isEmpty else { continue }
      guard words.count >= 4 else {
        throw Invalid(line: number, reason: "expected CODE SUBJECT UNTIL REASON, found \(words.count) of them")
      }
      guard words[0] == "*" || knows(words[0]) else { throw Invalid(line: number, reason: "no check is named \"\(words[0].prefix(64))\"") }
      var until: Timestamp?
      if words[2] != "-" {
        until = Timestamp(rfc3339: words[2])
        guard until != nil else {
          throw Invalid(
            line: number, reason: "expected a time such as 2026-12-31T00:00:00Z, or - for ever, found \"\(words[2].prefix(64))\"")
        }
      }
      guard mutes.count < MuteList.most else { throw Invalid(line: number, reason: "more than \(MuteList.most) mutes") }
      mutes.append(
        Mute(code: words[0], subject: words[1], until: until, reason: words[3...].joined(separator: " "), line: number))
    }
  }

  /// Words with blanks between them; one in quotes may hold blanks, and one that begins with # ends the line.
  private static func words(_ line: Substring, _ number: Int) throws(Invalid) -> [String] {
    var words: [String] = []
    var rest = line.drop(while: \.isWhitespace)
    while let first = rest.first, first != "#" {
      if first == "\"" {
        rest = rest.dropFirst()
        guard let end = rest.firstIndex(of: "\"") else { throw Invalid(line: number, reason: "a quotation mark is not closed") }
        words.append(String(rest[..<end]))
        rest = rest[rest.index(after: end)...]
      } else {
        words.append(String(rest.prefix { !$0.isWhitespace }))
        rest = rest.drop { !$0.isWhitespace }
      }
      rest = rest.drop(while: \.isWhitespace)
    }
    return words
  }

  /// Why a finding is not to be heard of now; nil where it is.
  func mute(of finding: Finding, at now: Timestamp) -> Mute? { mutes.first { !$0.isOver(at: now) && $0.fits(finding) } }
}
