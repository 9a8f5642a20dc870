import Testing
import Wire

@Suite struct JSONWalkTests {
  /// A value may be walked in another way than to its end, and the walk goes on behind it.
  @Test func namesAloneAndValuesWalkedByOthers() {
    let bytes = Array(#" {"a" : [1, {"b":"]"} ] , "c":{"d":null},"e":7 } "#.utf8)
    bytes.withUnsafeBufferPointer { bytes in
      var members = JSONMembers(bytes, 0..<bytes.count)
      var found: [String] = []
      while let name = members.nextName() {
        let start = members.position
        guard let end = JSONWalk.endOfValue(UnsafeRawBufferPointer(bytes), start, bytes.count) else { break }
        found.append(String(decoding: bytes[name], as: UTF8.self) + "=" + String(decoding: bytes[start..<end], as: UTF8.self))
        members.resume(at: end)
      }
      #expect(found == [#"a=[1, {"b":"]"} ]"#, #"c={"d":null}"#, "e=7"])
      #expect(!members.malformed)
      #expect(bytes[members.position] == UInt8(ascii: "}"))
    }
  }

  @Test(arguments: [#"{"a""#, #"{"a":"#, #"["a"]"#, ""]) func whatEndsEarlyIsMalformedOrHasNoValue(_ text: String) {
    let bytes = Array(text.utf8)
    bytes.withUnsafeBufferPointer { bytes in
      var members = JSONMembers(bytes, 0..<bytes.count)
      guard members.nextName() != nil else { return #expect(members.malformed) }
      #expect(JSONWalk.endOfValue(UnsafeRawBufferPointer(bytes), members.position, bytes.count) == nil)
    }
  }
}
