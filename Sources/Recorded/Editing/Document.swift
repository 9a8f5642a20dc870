import SystemAPI
import Wire

/// The bytes of a document that was kept, read where they lie.
struct Document {
  let name: FullDocument.Name
  let bytes: [UInt8]

  init(_ name: FullDocument.Name, _ bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }

  /// Everything between its outermost braces.
  var whole: Range<Int> { 0..<bytes.count }

  /// The values of members of the outermost object.
  func members(_ names: StaticString...) throws(Obstacle) -> [Range<Int>?] {
    try bytes.withUnsafeBufferPointer { bytes throws(Obstacle) in
      let found = JSONBytes.members(names, bytes, 0..<bytes.count)
      guard isObject(bytes) else { throw .notRecorded(.unreadable(name)) }
      return found
    }
  }

  private func isObject(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    bytes.first { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 } == UInt8(ascii: "{")
  }

  /// The whole number of a member of the outermost object.
  func integer(_ member: StaticString) -> Int? {
    bytes.withUnsafeBufferPointer { bytes in
      JSONBytes.member(member, bytes, 0..<bytes.count).flatMap { JSONBytes.integer(bytes, $0) }
    }
  }

  /// The text of a member of the outermost object.
  func string(_ member: StaticString) -> String? {
    bytes.withUnsafeBufferPointer { bytes in
      JSONBytes.member(member, bytes, 0..<bytes.count).flatMap { JSONBytes.string(bytes, $0) }
    }
  }

  /// Whether a member of the outermost object is `true`.
  func isTrue(_ member: StaticString) -> Bool {
    bytes.withUnsafeBufferPointer { bytes in
      JSONBytes.member(member, bytes, 0..<bytes.count).map { JSONBytes.isTrue(bytes, $0) } ?? false
    }
  }

  /// The place of a member's value in the object in `range`.
  func member(_ name: StaticString, in range: Range<Int>) -> Range<Int>? {
    bytes.withUnsafeBufferPointer { JSONBytes.member(name, $0, range) }
  }

  /// The places of an array's elements; none for null and for what is no array.
  func elements(_ array: Range<Int>?) -> [Range<Int>] {
    guard let array else { return [] }
    return bytes.withUnsafeBufferPointer { bytes in
      var found: [Range<Int>] = []
      var elements = JSONElements(bytes, array)
      while let element = elements.next() { found.append(element) }
      return found
    }
  }

  /// The text of a member of the object in `range`.
  func string(_ member: StaticString, in range: Range<Int>) -> String? {
    bytes.withUnsafeBufferPointer { bytes in JSONBytes.member(member, bytes, range).flatMap { JSONBytes.string(bytes, $0) } }
  }

  /// The whole number of a member of the object in `range`.
  func integer(_ member: StaticString, in range: Range<Int>) -> Int? {
    bytes.withUnsafeBufferPointer { bytes in JSONBytes.member(member, bytes, range).flatMap { JSONBytes.integer(bytes, $0) } }
  }

  /// The members of the object in a place, with their names decoded.
  func entries(_ object: Range<Int>?) -> [(name: String, value: Range<Int>)] {
    guard let object else { return [] }
    return bytes.withUnsafeBufferPointer { bytes in
      var found: [(name: String, value: Range<Int>)] = []
      var members = JSONMembers(bytes, object)
      while let (name, value) = members.next() { found.append((JSONBytes.unescaped(bytes, name), value)) }
      return found
    }
  }

  /// Two counters of the object in `range`.
  func traffic(_ messages: StaticString, _ volume: StaticString, in range: Range<Int>) -> (messages: Int, bytes: Int) {
    (integer(messages, in: range) ?? 0, integer(volume, in: range) ?? 0)
  }
}
