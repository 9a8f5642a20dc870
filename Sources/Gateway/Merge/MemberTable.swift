import SystemAPI
import Wire

/// One value of one reply: where it lies.
struct MergeValue {
  /// Index into the merge's replies.
  let reply: Int
  let range: Range<Int>
}

/// The members of many objects by name (of repeated ones the first), in the order of one of them; names that it lacks follow the name that they
/// follow elsewhere.
struct MemberTable {
  struct Entry {
    let name: [UInt8]
    var values: [MergeValue] = []
    /// Next entry in the order; -1 = none.
    fileprivate var next = -1
    /// The last walk that met it.
    fileprivate var lastWalk = -1
  }

  private(set) var entries: [Entry] = []
  private var first = -1
  private var walks = 0
  private var index: [[UInt8]: Int] = [:]

  /// - Parameter pattern: the place in `values` of the object whose order is kept.
  init(_ values: [MergeValue], pattern: Int, in replies: [MergeReply]) {
    if values.indices.contains(pattern) { walk(values[pattern], replies) { _, _ in } }
    for value in values { walk(value, replies) { table, place in table.entries[place.entry].values.append(place.value) } }
  }

  private typealias Place = (entry: Int, value: MergeValue)

  private mutating func walk(_ object: MergeValue, _ replies: [MergeReply], _ visit: (inout MemberTable, Place) -> Void) {
    var previous = -1
    walks += 1
    replies[object.reply].bytes.withUnsafeBufferPointer { bytes in
      var members = JSONMembers(bytes, object.range)
      while let (key, value) = members.next() {
        let entry = find(bytes, key, after: previous)
        if entries[entry].lastWalk == walks { continue }
        entries[entry].lastWalk = walks
        visit(&self, (entry, MergeValue(reply: object.reply, range: value)))
        previous = entry
      }
    }
  }

  /// Documents of one kind mostly have the same order, so that the next entry is the first guess.
  private mutating func find(_ bytes: UnsafeBufferPointer<UInt8>, _ key: Range<Int>, after previous: Int) -> Int {
    let guess = previous < 0 ? first : entries[previous].next
    if guess >= 0, entries[guess].name.count == key.count,
      entries[guess].name.withUnsafeBufferPointer({ $0.elementsEqual(UnsafeBufferPointer(rebasing: bytes[key])) })
    {
      return guess
    }
    let name = MemberTable.name(bytes, key)
    if let known = index[name] { return known }
    let place = entries.count
    var entry = Entry(name: name)
    entry.next = guess
    entries.append(entry)
    if previous < 0 { first = place } else { entries[previous].next = place }
    index[name] = place
    return place
  }

  /// The name as it is written out: escapes that are not needed go, so that equal names are equal text.
  private static func name(_ bytes: UnsafeBufferPointer<UInt8>, _ key: Range<Int>) -> [UInt8] {
    let text = UnsafeBufferPointer(rebasing: bytes[key])
    guard text.contains(UInt8(ascii: "\\")) else { return Array(text) }
    var name: [UInt8] = []
    JSONEscaping.append(JSONBytes.unescaped(bytes, key), to: &name)
    return Array(name.dropFirst().dropLast())
  }

  /// Entries in order.
  var order: [Int] {
    var places: [Int] = []
    places.reserveCapacity(entries.count)
    var place = first
    while place >= 0 {
      places.append(place)
      place = entries[place].next
    }
    return places
  }

  /// Entries as Go prints a map: by name.
  var sorted: [Int] { entries.indices.sorted { entries[$0].name.lexicographicallyPrecedes(entries[$1].name) } }

  func values(_ name: String) -> [MergeValue]? { index[Array(name.utf8)].map { entries[$0].values } }
}
