import Wire

/// Names of members that are wanted, each found by a step or two: the documents of a large system have millions of members.
///
/// Tables of such names are made once and stay: nothing of them is counted or copied where they are used.
struct MemberNames: Sendable {
  /// A name as three words, its first byte lowest.
  struct Text: Equatable, Sendable {
    var first: UInt64 = 0
    var second: UInt64 = 0
    var third: UInt64 = 0
    /// Bytes; beyond ``longest`` the words say nothing.
    var count = 0

    static let longest = 24

    init() {}

    /// The text between the quotes of a name, or of a string.
    init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
      count = range.count
      guard count <= Text.longest else { return }
      for (offset, index) in range.enumerated() {
        let byte = UInt64(bytes[index]) << UInt64(offset % 8 * 8)
        if offset < 8 { first |= byte } else if offset < 16 { second |= byte } else { third |= byte }
      }
    }

    @inline(__always)
    static func == (left: Text, right: Text) -> Bool {
      left.first == right.first && left.count == right.count && left.second == right.second && left.third == right.third
    }
  }

  private struct Slot: Sendable {
    var text = Text()
    /// -1 for an empty one.
    var place = -1
  }

  private static let slots = 64
  /// More would make long ways.
  private static let most = 32

  /// Unsafe by name only: what it leads to is never written once it has been filled, and never given back.
  private nonisolated(unsafe) let table: UnsafePointer<Slot>

  /// - Parameter names: 32 at most, of 24 bytes at most; the others are never found.
  init(_ names: [StaticString]) {
    let table = UnsafeMutablePointer<Slot>.allocate(capacity: MemberNames.slots)
    table.initialize(repeating: Slot(), count: MemberNames.slots)
    for (place, name) in names.prefix(MemberNames.most).enumerated() {
      let text = name.withUTF8Buffer { Text(UnsafeRawBufferPointer($0), 0..<$0.count) }
      guard text.count <= Text.longest else { continue }
      var slot = MemberNames.slot(text)
      while table[slot].place >= 0 { slot = (slot + 1) % MemberNames.slots }
      table[slot] = Slot(text: text, place: place)
    }
    self.table = UnsafePointer(table)
  }

  @inline(__always)
  private static func slot(_ text: Text) -> Int {
    let mixed = (text.first ^ (text.second &* 0x9E37_79B9_7F4A_7C15) &+ UInt64(truncatingIfNeeded: text.count)) &* 0xD6E8_FEB8_6659_FD93
    return Int(truncatingIfNeeded: mixed >> 58)
  }

  /// The place of a name among those that are wanted; -1 for another.
  @inline(__always)
  func place(_ text: Text) -> Int {
    var slot = MemberNames.slot(text)
    while true {
      // There are always empty ones.
      let found = table[slot].place
      if found < 0 || table[slot].text == text { return found }
      slot = (slot + 1) % MemberNames.slots
    }
  }
}
