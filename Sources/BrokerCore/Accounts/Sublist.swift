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
  package func walk() -> Walk { Walk(root) }

  package struct Walk {
    /// A node whose children are not all on the way yet.
    private struct Place {
      let node: Node
      var cursor = ByteTable<Node>.Cursor()
      var isFresh = true
    }

    /// Slots of a table of children that one step looks at.
    package static let step = 16
    private var places: [Place]
    /// Nodes that are on the way.
    package var waiting: Int { places.count }

    fileprivate init(_ root: Node) { places = [Place(node: root)] }

    /// Hands over the subscriptions of one subject more at most. False when there is none.
    package mutating func next(_ body: (Subscription) -> Void) -> Bool {
      guard var place = places.popLast() else { return false }
      let node = place.node
      var met: [Node] = []
      node.children.visit(from: &place.cursor, slots: Self.step) { met.append($0) }
      let isFresh = place.isFresh
      place.isFresh = false
      // What is behind these children comes before the children that follow them: so few wait at a time.
      if !place.cursor.isOver { places.append(place) }
      for node in met { places.append(Place(node: node)) }
      guard isFresh else { return true }
      if let tail = node.tail { places.append(Place(node: tail)) }
      if let star = node.star { places.append(Place(node: star)) }
      node.plain.forEach(body)
      for group in node.groups { group.members.forEach(body) }
      return true
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
