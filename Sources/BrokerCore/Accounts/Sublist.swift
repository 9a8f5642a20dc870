import Wire

/// The subscriptions of one account, found by subject: a trie of tokens with places of their own for `*` and `>`,
/// and a bounded cache of whole results. Confined to the broker's shard.
package final class Sublist {
  /// Who gets a message: every plain subscription, and one of each queue group.
  package final class Result {
    package var plain: [Subscription] = []
    package var groups: [Group] = []
    package var isEmpty: Bool { plain.isEmpty && groups.isEmpty }
    var fanOut: Int { plain.count + groups.reduce(0) { $0 + $1.members.count } }
  }

  package struct Group {
    package let name: [UInt8]
    package var members: [Subscription]
  }

  /// The numbers of SUBSZ.
  package struct Statistics: Sendable {
    package var subscriptions: UInt64 = 0
    package var cached: UInt64 = 0
    package var inserts: UInt64 = 0
    package var removes: UInt64 = 0
    package var matches: UInt64 = 0
    var cacheHits: UInt64 = 0
    package var maxFanOut: UInt64 = 0
    package var totalFanOut: UInt64 = 0
    package var cacheHitRate: Double { matches == 0 ? 0 : Double(cacheHits) / Double(matches) }

    package init() {}

    /// Adds another account's numbers.
    package mutating func add(_ other: Statistics) {
      subscriptions += other.subscriptions
      cached += other.cached
      inserts += other.inserts
      removes += other.removes
      matches += other.matches
      cacheHits += other.cacheHits
      maxFanOut = max(maxFanOut, other.maxFanOut)
      totalFanOut += other.totalFanOut
    }
  }

  fileprivate final class Node {
    var children = ByteTable<Node>()
    var star: Node?
    var tail: Node?
    package var plain: [Subscription] = []
    package var groups: [Group] = []
    package var isEmpty: Bool { children.count == 0 && star == nil && tail == nil && plain.isEmpty && groups.isEmpty }
  }

  private static let cacheLimit = 4096
  private let none = Result()

  private let root = Node()
  private var cache = ByteTable<Result>()
  private let caches: Bool
  package private(set) var count = 0
  private var inserts: UInt64 = 0
  private var removes: UInt64 = 0
  private var matches: UInt64 = 0
  private var cacheHits: UInt64 = 0
  private var walks: UInt32 = 0

  package init(caches: Bool = true) { self.caches = caches }

  /// Puts a subscription in. Its subject must be valid.
  func insert(_ subscription: Subscription) {
    var node = root
    subscription.subject.withUnsafeBytes { bytes in
      var reader = TokenReader(bytes)
      while let token = reader.next() { node = child(of: node, token) }
    }
    if let queue = subscription.queue {
      if let group = node.groups.firstIndex(where: { $0.name == queue }) {
        subscription.slot = node.groups[group].members.count
        node.groups[group].members.append(subscription)
      } else {
        subscription.slot = 0
        node.groups.append(Group(name: queue, members: [subscription]))
      }
    } else {
      subscription.slot = node.plain.count
      node.plain.append(subscription)
    }
    count += 1
    inserts += 1
    subscription.entered()
    forget(subscription.subject)
  }

  private func child(of node: Node, _ token: UnsafeRawBufferPointer) -> Node {
    if token.count == 1 {
      if token[0] == UInt8(ascii: "*") {
        if node.star == nil { node.star = Node() }
        return node.star.unsafelyUnwrapped
      }
      if token[0] == UInt8(ascii: ">") {
        if node.tail == nil { node.tail = Node() }
        return node.tail.unsafelyUnwrapped
      }
    }
    if let known = node.children[token] { return known }
    let fresh = Node()
    node.children.set(token, fresh)
    return fresh
  }

  /// Takes a subscription out. Unknown ones are ignored.
  package func remove(_ subscription: Subscription) {
    let found = subscription.subject.withUnsafeBytes { bytes in
      var reader = TokenReader(bytes)
      return remove(subscription, from: root, &reader)
    }
    guard found else { return }
    count -= 1
    removes += 1
    subscription.left()
    forget(subscription.subject)
  }

  /// Follows the reader's tokens down and prunes empty nodes on the way back.
  private func remove(_ subscription: Subscription, from node: Node, _ reader: inout TokenReader) -> Bool {
    guard let token = reader.next() else { return drop(subscription, from: node) }
    if token.count == 1 && token[0] == UInt8(ascii: "*") {
      guard let next = node.star, remove(subscription, from: next, &reader) else { return false }
      if next.isEmpty { node.star = nil }
    } else if token.count == 1 && token[0] == UInt8(ascii: ">") {
      guard let next = node.tail, remove(subscription, from: next, &reader) else { return false }
      if next.isEmpty { node.tail = nil }
    } else {
      guard let next = node.children[token], remove(subscription, from: next, &reader) else { return false }
      if next.isEmpty { node.children.remove(token) }
    }
    return true
  }

  private func drop(_ subscription: Subscription, from node: Node) -> Bool {
    if let queue = subscription.queue {
      guard let group = node.groups.firstIndex(where: { $0.name == queue }) else { return false }
      guard Self.drop(subscription, from: &node.groups[group].members) else { return false }
      if node.groups[group].members.isEmpty { node.groups.remove(at: group) }
      return true
    }
    return Self.drop(subscription, from: &node.plain)
  }

  /// Swaps the last one into the hole: order between subscriptions is not promised.
  private static func drop(_ subscription: Subscription, from list: inout [Subscription]) -> Bool {
    let slot = subscription.slot
    guard slot < list.count, list[slot] === subscription else { return false }
    let last = list.removeLast()
    if slot < list.count {
      list[slot] = last
      last.slot = slot
    }
    return true
  }

  /// A changed literal spoils one cached result, a changed wildcard may spoil any.
  private func forget(_ subject: [UInt8]) {
    guard cache.count > 0 else { return }
    subject.withUnsafeBytes { bytes in
      if Subject.isLiteral(bytes) { cache.remove(bytes) } else { cache.removeAll() }
    }
  }

  /// Who gets a message on `subject`. Wildcards in it are ordinary tokens; with an empty token nobody does.
  package func match(_ subject: UnsafeRawBufferPointer) -> Result {
    matches += 1
    if caches, let known = cache[subject] {
      cacheHits += 1
      return known
    }
    let result = look(subject)
    if caches {
      if cache.count >= Self.cacheLimit { cache.removeAll() }
      cache.set(subject, result)
    }
    return result
  }

  /// As `match`, without counting or caching: for questions the server asks itself.
  func look(_ subject: UnsafeRawBufferPointer) -> Result {
    guard count > 0, !Self.hasEmptyToken(subject) else { return none }
    let result = Result()
    collect(root, TokenReader(subject), into: result)
    return result.isEmpty ? none : result
  }

  private static func hasEmptyToken(_ subject: UnsafeRawBufferPointer) -> Bool {
    var previous = UInt8(ascii: ".")
    for byte in subject {
      if byte == UInt8(ascii: ".") && previous == byte { return true }
      previous = byte
    }
    return previous == UInt8(ascii: ".")
  }

  private func collect(_ node: Node, _ reader: TokenReader, into result: Result) {
    var rest = reader
    guard let token = rest.next() else { return Self.add(node, to: result) }
    if let tail = node.tail { Self.add(tail, to: result) }
    if let star = node.star { collect(star, rest, into: result) }
    if let next = node.children[token] { collect(next, rest, into: result) }
  }

  private static func add(_ node: Node, to result: Result) {
    result.plain.append(contentsOf: node.plain)
    for group in node.groups {
      if let known = result.groups.firstIndex(where: { $0.name == group.name }) {
        result.groups[known].members.append(contentsOf: group.members)
      } else {
        result.groups.append(group)
      }
    }
  }

  /// Somebody would get a message on this literal subject.
  package func hasInterest(_ subject: UnsafeRawBufferPointer) -> Bool {
    if caches, let known = cache[subject] { return !known.isEmpty }
    return !look(subject).isEmpty
  }

  package func forEach(_ body: (Subscription) -> Void) {
    var walk = walk()
    while walk.next(body) {}
  }

  /// A walk over all subscriptions that may be left off and gone on with. What comes or goes meanwhile is met or not.
  package func walk() -> Walk {
    walks &+= 1
    return Walk(root, serial: walks)
  }

  package struct Walk {
    /// A node whose children are not all on the way yet, or whose subscriptions are not all handed over.
    private struct Place {
      let node: Node
      var cursor = ByteTable<Node>.Cursor()
      var isFresh = true
      /// Its lists that are still to come: the plain one, which is the last to be handed over, and those of its groups.
      var lists: Int
      /// Entries of the first of them that are still to come.
      var left = Int.max

      init(_ node: Node) {
        self.node = node
        lists = node.groups.count + 1
      }
    }

    /// Slots of a table of children that one step looks at.
    package static let step = 16
    /// Subscriptions that one step hands over at most.
    package static let batch = 128
    private var places: [Place]
    /// Nodes that are on the way.
    package var waiting: Int { places.count }

    /// Which walk has met a subscription last.
    private let serial: UInt32

    fileprivate init(_ root: Node, serial: UInt32) {
      places = [Place(root)]
      self.serial = serial
    }

    /// Hands over some subscriptions more of one subject. False when there is none.
    package mutating func next(_ body: (Subscription) -> Void) -> Bool {
      guard var place = places.popLast() else { return false }
      let node = place.node
      hand(over: &place, body)
      var met: [Node] = []
      // The rest of a long list comes before anything else.
      if place.lists == 0 { node.children.visit(from: &place.cursor, slots: Self.step) { met.append($0) } }
      let showsWildcards = place.lists == 0 && place.isFresh
      if place.lists == 0 { place.isFresh = false }
      // What is behind these children comes before the children that follow them: so few wait at a time.
      if place.lists > 0 || !place.cursor.isOver { places.append(place) }
      for node in met { places.append(Place(node)) }
      guard showsWildcards else { return true }
      if let tail = node.tail { places.append(Place(tail)) }
      if let star = node.star { places.append(Place(star)) }
      return true
    }

    /// From behind, because whatever leaves a list is replaced by its last entry: one that was met already, as the walk's number tells.
    private func hand(over place: inout Place, _ body: (Subscription) -> Void) {
      var budget = Self.batch
      while budget > 0, place.lists > 0 {
        let node = place.node
        if place.lists > node.groups.count + 1 { (place.lists, place.left) = (node.groups.count + 1, .max) }
        let list = place.lists == 1 ? node.plain : node.groups[place.lists - 2].members
        let start = min(place.left, list.count)
        let end = max(0, start - budget)
        for index in stride(from: start - 1, through: end, by: -1) where list[index].walked != serial {
          list[index].walked = serial
          body(list[index])
        }
        budget -= max(1, start - end)
        place.left = end
        if end == 0 { (place.lists, place.left) = (place.lists - 1, .max) }
      }
    }
  }

  package var statistics: Statistics {
    var numbers = Statistics()
    numbers.subscriptions = UInt64(count)
    numbers.cached = UInt64(cache.count)
    numbers.inserts = inserts
    numbers.removes = removes
    numbers.matches = matches
    numbers.cacheHits = cacheHits
    cache.forEach { result in
      let fanOut = UInt64(result.fanOut)
      numbers.totalFanOut += fanOut
      numbers.maxFanOut = max(numbers.maxFanOut, fanOut)
    }
    return numbers
  }
}
