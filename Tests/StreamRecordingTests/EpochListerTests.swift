import Recording
import TestSupport
import Testing
import Wire

@testable import StreamRecording

/// Which epochs a stream holds, where it tells of them in its own way.
struct EpochListerTests {
  private static let missing: (headers: String?, payload: String) = (nil, #"{"error":{"code":404,"err_code":10037,"description":"no"}}"#)

  /// The epochs of 500 minutes, named 100 at a time.
  @Test func namesThatComeInPagesAreAllRead() throws {
    let names = (0..<500).map { "NATSIGHT.epoch.\(1000 + $0)" }
    let played = try PlayedJetStream { subject, question in
      guard subject.hasPrefix("STREAM.INFO") else {
        // By its name alone: there is nothing behind the last one.
        guard let name = question["last_by_subj"]?.string, let number = Int(name.dropFirst("NATSIGHT.epoch.".count)) else {
          return Self.missing
        }
        return PlayedJetStream.head(number - 1000, at: 8_000 + number - 1000)
      }
      guard question["subjects_filter"] != nil else { return (nil, PlayedJetStream.information(last: 9_000)) }
      let offset = question["offset"]?.int ?? 0
      let page = Array(names.dropFirst(offset).prefix(100))
      let more = #""total":500,"offset":\#(offset),"limit":100,"#
      return (nil, PlayedJetStream.information(last: 9_000, more: more, subjects: page))
    }
    let lister = EpochLister(played.api, StreamSubjects(stream: "NATSIGHT"), portion: 50)
    let heads = try lister.look().index.heads
    #expect(heads.map(\.header.number) == (0..<500).map { 1000 + $0 })
    #expect(played.questions.count { $0.hasPrefix("STREAM.INFO") } <= 8)
    let found = try #require(try played.api.information(subjects: "NATSIGHT.epoch.*")).found
    #expect(found.sorted() == names.sorted())
  }

  /// A page that brings nothing new ends it, whatever is said to be there.
  @Test func pagesThatNeverEndAreLeft() throws {
    let played = try PlayedJetStream { _, _ in
      (nil, PlayedJetStream.information(last: 1, more: #""total":100000000,"#, subjects: []))
    }
    #expect(try played.api.information(subjects: "NATSIGHT.>")?.found.isEmpty == true)
    #expect(played.questions.count == 2)
  }

  /// Whoever may write into the stream, or answer in its place, ends no gateway and holds none up.
  @Test func hostileHeadsAreNone() throws {
    typealias Answer = (headers: String?, payload: String)
    let number = RecordBed.epoch(5).header.number
    func changed(_ text: String, _ other: String) -> Answer {
      let (headers, payload) = PlayedJetStream.head(5, at: 5)
      #expect(payload.contains(text))
      return (headers, payload.split(separator: text, omittingEmptySubsequences: false).joined(separator: other))
    }
    let rows: [(what: String, answer: Answer)] = [
      ("a place before the one that was asked for", PlayedJetStream.head(5, at: 0)),
      ("another epoch than its subject's", PlayedJetStream.head(5, at: 5, subject: "NATSIGHT.epoch.7")),
      ("a number without room", changed("\"epoch\":\(number)", "\"epoch\":\(Int.max)")),
      ("a count without room", changed("\"responded\":2", "\"responded\":\(Int.max)")),
      ("a count below zero", changed("\"missing\":0", "\"missing\":\(Int.min)")),
      ("a place before the first", changed("\"rests_on\":1", "\"rests_on\":-1")),
    ]
    for (what, answer) in rows {
      let played = try PlayedJetStream { subject, _ in
        if subject.hasPrefix("STREAM.INFO") { return (nil, PlayedJetStream.information(last: 5)) }
        return subject.hasPrefix("DIRECT") ? answer : Self.missing
      }
      let lister = EpochLister(played.api, StreamSubjects(stream: "NATSIGHT"))
      #expect(try lister.look().index.heads.isEmpty, "\(what)")
      #expect(played.questions.count < 5, "\(what)")
    }
  }

  @Test func hoursThatAreNoneAreNone() {
    let subjects = StreamSubjects(stream: "NATSIGHT")
    let rows: [(String, Int?)] = [
      ("498900", 498_900), ("0", 0), ("-1", nil), ("2500001", nil), ("\(Int.max)", nil), ("x", nil), ("", nil),
    ]
    for (text, hour) in rows { #expect(subjects.hour(of: "k", in: "NATSIGHT.series.k.\(text)") == hour, "\(text)") }
  }
}
