import Wire

/// Walks through nested values one after the other, so that each byte is looked at once or twice, however deep it lies: what is only passed over
/// would be looked at once for each level.
enum JSONPlace {
  /// Walks the elements of the array that begins at `start`.
  ///
  /// - Parameter body: Gets where an element begins and gives where it ends; nil where it has not looked for that.
  /// - Returns: Where the array ends; nil for what is none, or is cut short.
  static func elements(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ body: (Int) -> Int?) -> Int? {
    let (raw, end) = (UnsafeRawBufferPointer(bytes), bytes.count)
    guard start < end, bytes[start] == UInt8(ascii: "[") else { return nil }
    var index = JSONWalk.skipSpace(raw, start + 1, end)
    if index < end, bytes[index] == UInt8(ascii: "]") { return index + 1 }
    while index < end {
      guard let after = body(index) ?? JSONWalk.endOfValue(raw, index, end) else { return nil }
      index = JSONWalk.skipSpace(raw, after, end)
      guard index < end else { return nil }
      if bytes[index] == UInt8(ascii: "]") { return index + 1 }
      guard bytes[index] == UInt8(ascii: ",") else { return nil }
      index = JSONWalk.skipSpace(raw, index + 1, end)
    }
    return nil
  }

  /// Walks the members of the object that begins at `start`.
  ///
  /// - Parameter body: Gets the place of a member's name among `names`, nil for another, and where its value begins; gives where that ends, nil
  ///   where it has not looked for that. Of members of one name the first counts.
  /// - Returns: Where the object ends; nil for what is none, or is cut short.
  static func members(
    _ names: [StaticString], _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ body: (_ name: Int, _ value: Int) -> Int?
  ) -> Int? {
    let raw = UnsafeRawBufferPointer(bytes)
    var members = JSONMembers(bytes, start..<bytes.count)
    var seen: UInt64 = 0
    while let key = members.nextName() {
      let value = members.position
      var after: Int?
      for place in names.indices where seen & (1 << UInt64(place)) == 0 && same(names[place], bytes, key) {
        seen |= 1 << UInt64(place)
        after = body(place, value)
        break
      }
      guard let after = after ?? JSONWalk.endOfValue(raw, value, bytes.count) else { return nil }
      members.resume(at: after)
    }
    return members.malformed ? nil : members.position + 1
  }

  @inline(__always)
  private static func same(_ name: StaticString, _ bytes: UnsafeBufferPointer<UInt8>, _ key: Range<Int>) -> Bool {
    // Most names differ by their lengths; one with escapes is longer than what it says.
    guard key.count >= name.utf8CodeUnitCount else { return false }
    return JSONText.equals(UnsafeRawBufferPointer(bytes), key, UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
  }

  /// The end of a value that only its own reader needs.
  static func end(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int? {
    JSONWalk.endOfValue(UnsafeRawBufferPointer(bytes), start, bytes.count)
  }
}
