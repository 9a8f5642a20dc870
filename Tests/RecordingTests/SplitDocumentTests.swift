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
    var document = Array(String(repeating: "1,", count: DocumentShape.mostNumbers + 10).utf8)
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

  /// A document with more rows than one is taken apart for stays whole, and what rests on it does so all the same.
  @Test(arguments: ["[", "[],", "{},"]) func tooManyRowsStayWhole(_ row: String) throws {
    let frames = try #require(DocumentFrames())
    let document = Array(("[1," + String(repeating: row, count: DocumentShape.mostRows + 10)).utf8)
    let parts = SplitDocument(document)
    #expect(!parts.isSplit && parts.shape.rows.count == 1)
    #expect(SplitDocument(Array(document.dropLast(row.utf8.count * 11))).isSplit)
    let small = Array(#"{"a":1}"#.utf8)
    for (one, other) in [(document, nil), (document, small), (small, document)] {
      let frame = try #require(frames.pack(one, prefix: other))
      #expect(frames.unpack(frame, prefix: other, size: one.count) == one)
    }
  }

  /// Nobody packs such a frame: a text of very many rows or numbers in a few bytes.
  @Test(arguments: ["[", "0"]) func aFrameOfTooMuchIsRefused(_ byte: String) throws {
    let (frames, zstd) = (try #require(DocumentFrames()), try #require(Zstd()))
    func frame(_ count: Int) throws -> (bytes: [UInt8], document: [UInt8]) {
      let document = Array(String(repeating: byte, count: count).utf8)
      let text = try #require(zstd.pack(document, prefix: nil, level: 6))
      var body = VariableBytes()
      body.append(document.count)
      body.append(text.count)
      body.append(text)
      let sum = DocumentFrames.checksum(document)
      return ([0x41] + (0..<4).map { UInt8(truncatingIfNeeded: sum >> ($0 * 8)) } + body.bytes, document)
    }
    let most = byte == "[" ? DocumentShape.mostRows : DocumentShape.mostNumbers
    let (fits, document) = try frame(most)
    #expect(fits.count < 2_000 && frames.unpack(fits, prefix: nil, size: most) == document)
    for count in [most + 1, DocumentFrames.largest] {
      let (bytes, document) = try frame(count)
      #expect(bytes.count < 10_000 && frames.unpack(bytes, prefix: nil, size: document.count) == nil)
    }
  }

  /// What earlier versions wrote: plain frames, each after the one before; and one in parts behind them.
  @Test func plainFramesRestOnOneAnother() throws {
    let frames = try #require(DocumentFrames())
    var before: (document: [UInt8], parts: SplitDocument)?
    for minute in 1...4 {
      let document = Self.connections(1...100, minute: minute)
      let isPlain = minute < 4
      let packed = isPlain ? frames.pack(plain: document, prefix: before?.document) : frames.pack(document, prefix: before?.document)
      let frame = try #require(packed)
      #expect((frame.first == 0x28) == isPlain && (minute == 1 || frame.count * 10 < document.count))
      let unpacked = try #require(frames.unpackParts(frame, after: before?.parts, size: document.count))
      // What is plain is taken apart only where something in parts rests on it.
      #expect(unpacked.document == document && unpacked.parts.isSplit == !isPlain)
      before = unpacked
    }
  }

  /// What is held of a document has no room for more in it.
  @Test func whatIsHeldIsAsLargeAsItIsSaidToBe() {
    let document = Self.connections(1...1_000, minute: 1)
    let parts = SplitDocument(document)
    let room = parts.text.capacity + parts.numbers.capacity * 8 + parts.shape.contexts.capacity * 4 + parts.shape.rows.capacity * 8
    #expect(room < parts.footprint + parts.footprint / 7, "\(room) for \(parts.footprint)")
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
