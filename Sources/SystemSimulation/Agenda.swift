/// Something that is going to happen in a virtual system. The numbers are those of `Simulation`'s tables.
enum Happening: Sendable {
  case leaves(question: Int)
  case arrives(question: Int, life: Int)
  case answers(question: Int, life: Int)
  case reply(question: Int, life: Int, madeAt: Int)
  case noResponders(question: Int)
  case probeArrives(probe: Int, life: Int)
  case probeAnswered(probe: Int, life: Int)
  case probeFails(probe: Int)
  case pinged(discovery: Int, life: Int)
  case discovered(discovery: Int, life: Int)
  case discoveryRefused(discovery: Int)
  case sightings(link: Int)
  case checked(check: Int)
  case scouted(scout: Int)
  case beats(server: Int)
  case connects(attempt: Int, failures: Int)
  case dies(life: Int)
}

/// What happens next: a heap by time, and by order of entry where times are equal.
struct Agenda: Sendable {
  struct Entry: Sendable {
    let at: UInt64
    let order: UInt64
    let what: Happening

    func isBefore(_ other: Entry) -> Bool { at < other.at || (at == other.at && order < other.order) }
  }

  private var heap: [Entry] = []
  private var order: UInt64 = 0

  init() { heap.reserveCapacity(64) }

  var nextAt: UInt64? { heap.first?.at }

  mutating func add(_ what: Happening, at: UInt64) {
    order += 1
    heap.append(Entry(at: at, order: order, what: what))
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].isBefore(heap[parent]) else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  mutating func next() -> Entry? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    guard !heap.isEmpty else { return first }
    heap[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].isBefore(heap[least]) { least = child }
      guard least != parent else { return first }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
