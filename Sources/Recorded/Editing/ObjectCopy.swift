import SystemAPI
import Wire

/// What becomes of a member of an object that is written again.
enum MemberCopy {
  /// It stands there as it stood.
  case kept
  case leftOut
  /// It has been written already, in its place.
  case written
}

extension JSONWriter {
  /// Writes an object again, member by member, in its order and with its numbers as they are.
  mutating func copy(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>,
    member: (_ name: Range<Int>, _ value: Range<Int>, _ json: inout JSONWriter) -> MemberCopy
  ) {
    beginObject()
    var members = JSONMembers(bytes, range)
    while let (name, value) = members.next() {
      if member(name, value, &self) == .kept {
        raw(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[name.lowerBound - 1..<value.upperBound]))
      }
    }
    endObject()
  }

  /// Writes an object again without some of its members.
  mutating func copy(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, without names: MemberNames) {
    guard !names.isEmpty else { return raw(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[range])) }
    copy(bytes, range) { name, _, _ in names.contains(bytes, name) ? .leftOut : .kept }
  }
}

/// Names of members.
struct MemberNames {
  private let names: [StaticString]

  init(_ names: [StaticString]) { self.names = names }

  var isEmpty: Bool { names.isEmpty }

  func contains(_ bytes: UnsafeBufferPointer<UInt8>, _ name: Range<Int>) -> Bool {
    names.contains { JSONBytes.equals(bytes, name, $0) }
  }
}

extension JSONWriter {
  /// Writes an array of objects again without some of their members.
  mutating func copyRows(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, without names: MemberNames) {
    beginArray()
    var rows = JSONElements(bytes, range)
    while let row = rows.next() { copy(bytes, row, without: names) }
    endArray()
  }

  /// The name of the next member, as it stands in another document.
  mutating func key(_ bytes: UnsafeBufferPointer<UInt8>, _ name: Range<Int>) { key(JSONBytes.unescaped(bytes, name)) }
}
