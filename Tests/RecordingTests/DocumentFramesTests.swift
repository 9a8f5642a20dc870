import Testing

@testable import Recording

struct DocumentFramesTests {
  private func text(_ count: Int, _ seed: Int = 7) -> [UInt8] {
    var state = UInt64(seed)
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(ascii: "a") + UInt8(state >> 33 & 15)
    }
  }

  @Test(arguments: [0, 1, 100, 5_000, 300_000])
  func documentsComeBackAsTheyWere(_ count: Int) throws {
    let frames = try #require(DocumentFrames())
    let document = text(count)
    let frame = try #require(frames.pack(document, prefix: nil))
    #expect(frames.unpack(frame, prefix: nil, size: count) == document)
    var next = document
    if count > 10 { next[count / 2] = UInt8(ascii: "Z") }
    let after = try #require(frames.pack(next, prefix: document))
    #expect(frames.unpack(after, prefix: document, size: count) == next)
    if count >= 5_000 { #expect(after.count * 20 < frame.count, "\(after.count) of \(frame.count)") }
  }

  @Test func whatIsNoFrameOfThisDocumentIsRefused() throws {
    let frames = try #require(DocumentFrames())
    let document = text(10_000)
    let frame = try #require(frames.pack(document, prefix: nil))
    let after = try #require(frames.pack(text(10_000, 9) + document, prefix: document))
    #expect(frames.unpack(frame, prefix: nil, size: 9_999) == nil)
    #expect(frames.unpack(frame, prefix: nil, size: 10_001) == nil)
    #expect(frames.unpack(frame, prefix: nil, size: -1) == nil)
    #expect(frames.unpack(after, prefix: nil, size: 20_000) == nil)
    #expect(frames.unpack(after, prefix: text(10_000, 3), size: 20_000) == nil)
    for place in [0, 5, frame.count / 2, frame.count - 1] {
      var damaged = frame
      damaged[place] ^= 0x55
      #expect(frames.unpack(damaged, prefix: nil, size: 10_000) == nil, "byte \(place)")
    }
    #expect(frames.unpack(Array(frame.dropLast()), prefix: nil, size: 10_000) == nil)
    #expect(frames.unpack([], prefix: nil, size: 10) == nil)
    // It is of use afterwards.
    #expect(frames.unpack(frame, prefix: nil, size: 10_000) == document)
  }
}
