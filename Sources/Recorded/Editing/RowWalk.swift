import Wire

/// Walks the objects of an array and their members in one pass: where a row ends is known once its members have been read.
struct RowWalk {
  private let bytes: UnsafeRawBufferPointer
  private let limit: Int
  private var position: Int
  private var start = 0
  private var isFirst = true
  /// The text is no array, or cut short, or a row is no object.
  private(set) var isMalformed: Bool

  /// - Parameter array: Where the array begins.
  init(_ bytes: UnsafeBufferPointer<UInt8>, at array: Int) {
    self.bytes = UnsafeRawBufferPointer(bytes)
    limit = bytes.count
    position = array + 1
    isMalformed = !(array < limit && bytes[array] == UInt8(ascii: "["))
  }

  /// The index behind the array, once ``next()`` has answered nil.
  var end: Int { position + 1 }

  /// The members of the next row; nil behind the last. Each has to be given back with ``finish(_:)``.
  mutating func next() -> JSONMembers? {
    guard !isMalformed else { return nil }
    position = JSONWalk.skipSpace(bytes, position, limit)
    if !isFirst, position < limit, bytes[position] == UInt8(ascii: ",") { position = JSONWalk.skipSpace(bytes, position + 1, limit) }
    isFirst = false
    guard position < limit else {
      isMalformed = true
      return nil
    }
    if bytes[position] == UInt8(ascii: "]") { return nil }
    start = position
    return JSONMembers(bytes, start..<limit)
  }

  /// Where the row lies whose members have been read to the end.
  mutating func finish(_ members: JSONMembers) -> Range<Int> {
    guard !members.malformed else {
      isMalformed = true
      return start..<start
    }
    position = members.position + 1
    return start..<position
  }
}
