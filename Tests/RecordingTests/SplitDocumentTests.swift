import Testing

@testable import Recording

/// Documents in two parts: what comes together is what was taken apart, whatever the digits.
struct SplitDocumentTests {
  private static let odd = [
    "", "0", "00", "007", "1", "10", "x", "-1", "1.50", "0.001", "2026-11-30T08:09:10.001002003Z", "2026-11-30T08:09:10.1Z",
    "10.0.1.23:4222",
    "999999999", "0999999999", "123456789012345678", "1234567890123456789", "12345678901234567890", "00000000000000000000000000000001",
    "18446744073709551615", "18446744073709551616", String(repeating: "9", count: 1000), String(repeating: "0", count: 1000),
    "1:2:3", "a1-02-3", #"{"a":1,"b":[1,2,3]}"#, "1T2", "\u{0}1\u{FF}2", "9" + String(repeating: "-9", count: 50),
  ]

  @Test(arguments: odd)
  func allOfItComesTogether(_ text: String) throws {
    let document = Array(text.utf8)
    let parts = SplitDocument(document)
    #expect(parts.isSplit)
    #expect(parts.whole == document)
    #expect(parts.document(size: document.count) == document)
    #expect(parts.document(size: document.count + 1) == nil)
    #expect(parts.text.count <= document.count)
  }

  /// Each after each other one, and after itself.
  @Test func documentsRestOnWhateverIsThere() throws {
    let frames = try #require(DocumentFrames())
    for before in Self.odd {
      for text in Self.odd {
        let (document, prefix) = (Array(text.utf8), Array(before.utf8))
        let frame = try #require(frames.pack(document, prefix: prefix))
        #expect(frames.unpack(frame, prefix: prefix, size: document.count) == document, "\(text) after \(before)")
      }
    }
  }

  /// Connections of a server, as one of a later minute has them.
  private static func connections(_ cids: some Sequence<Int>, minute: Int) -> [UInt8] {
    let rows = cids.map { cid in
      #"{"cid":\#(cid),"kind":"Client","start":"2026-11-30T08:0\#(cid % 10):00.123Z","idle":"\#(minute % 3)m\#(cid % 60)s","in_msgs":\#(cid * 100_000 + minute * cid % 977),"out_msgs":\#(cid * 31),"subscriptions_list":["orders.\#(cid)"]}"#
    }
    return Array(#"{"now":"2026-11-30T08:\#(10 + minute):00Z","connections":[\#(rows.joined(separator: ","))]}"#.utf8)
  }

  /// Rows are found again by what stands first in them, so that one that goes costs itself and not all that come behind it.
  @Test func aRowThatGoesCostsNoOther() throws {
    let frames = try #require(DocumentFrames())
    let before = Self.connections(1...1_000, minute: 1)
    func size(_ document: [UInt8]) throws -> Int {
      let frame = try #require(frames.pack(document, prefix: before))
      #expect(frames.unpack(frame, prefix: before, size: document.count) == document)
      return frame.count
    }
    let same = try size(Self.connections(1...1_000, minute: 2))
    let fewer = try size(Self.connections((1...1_000).filter { $0 % 100 != 7 }, minute: 2))
    let more = try size(Self.connections(1...1_010, minute: 2))
    let reversed = try size(Self.connections((1...1_000).reversed(), minute: 2))
    #expect(fewer < same + 400, "\(fewer) and \(same)")
    #expect(more < same + 400, "\(more) and \(same)")
    #expect(reversed < before.count / 10, "\(reversed)")
    #expect(same * 20 < before.count, "\(same) of \(before.count)")
  }

  @Test func tooManyNumbersStayWhole() throws {
    let frames = try #require(DocumentFrames())
    var document = Array(String(repeating: "1,", count: SplitDocument.mostNumbers + 10).utf8)
    #expect(!SplitDocument(document).isSplit)
    let frame = try #require(frames.pack(document, prefix: nil))
    #expect(frames.unpack(frame, prefix: nil, size: document.count) == document)
    // It rests on one in parts, and one in parts on it.
    let small = Array(#"{"a":1}"#.utf8)
    for (one, other) in [(document, small), (small, document)] {
      let frame = try #require(frames.pack(one, prefix: other))
      #expect(frames.unpack(frame, prefix: other, size: one.count) == one)
    }
    document.removeLast(2 * 11)
    #expect(SplitDocument(document).isSplit)
  }

  /// Bytes that were changed are refused, or what comes of them is what was packed.
  @Test func damageIsSeen() throws {
    let frames = try #require(DocumentFrames())
    let before = Self.connections(1...50, minute: 1)
    let document = Self.connections(2...51, minute: 2)
    let frame = try #require(frames.pack(document, prefix: before))
    for place in frame.indices {
      for mask in [UInt8(1), 0x80, 0xFF] {
        var damaged = frame
        damaged[place] ^= mask
        let unpacked = frames.unpack(damaged, prefix: before, size: document.count)
        #expect(unpacked == nil || unpacked == document, "byte \(place)")
      }
      #expect(frames.unpack(Array(frame[..<place]), prefix: before, size: document.count) == nil)
    }
    #expect(frames.unpack(frame, prefix: Self.connections(1...50, minute: 3), size: document.count) == nil)
    #expect(frames.unpack(frame, prefix: nil, size: document.count) == nil)
  }
}
