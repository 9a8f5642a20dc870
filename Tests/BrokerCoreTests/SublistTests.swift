import Dispatch
import Logging
import Reactor
import Testing
import Wire

@testable import BrokerCore

/// The trie against the plain rule: go through all subscriptions and ask each.
@Suite struct SublistTests {
  private static func withClient(_ body: (ClientConnection) throws -> Void) throws {
    let log = Logger(label: "sublist test", factory: { _ in SwiftLogNoOpLogHandler() })
    let server = try Server(BrokerConfiguration(), ListenerCertificates(), shard: Shard(label: "sublist-test"), log: log)
    try server.shard.queue.sync { try body(server.accounts.own) }
  }

  private static func subscription(_ client: ClientConnection, _ subject: String, _ queue: String?, _ id: Int) -> Subscription {
    Subscription(client: client, subject: Array(subject.utf8), queue: queue.map { Array($0.utf8) }, sid: Array("\(id)".utf8))
  }

  private static func pattern(_ generator: inout some RandomNumberGenerator) -> String {
    var tokens = (0..<Int.random(in: 1...4, using: &generator)).map { _ in ["a", "b", "c", "*"].randomElement(using: &generator) ?? "a" }
    if Int.random(in: 0..<4, using: &generator) == 0 { tokens[tokens.count - 1] = ">" }
    return tokens.joined(separator: ".")
  }

  @Test func agreesWithThePlainRule() throws {
    try Self.withClient { client in
      var generator = SystemRandomNumberGenerator()
      let sublist = Sublist()
      var all: [Subscription] = []
      for round in 0..<3000 {
        if Int.random(in: 0..<3, using: &generator) > 0 || all.isEmpty {
          let queue = Int.random(in: 0..<3, using: &generator) == 0 ? ["q", "r"].randomElement(using: &generator) : nil
          let made = Self.subscription(client, Self.pattern(&generator), queue, round)
          all.append(made)
          sublist.insert(made)
        } else {
          sublist.remove(all.remove(at: Int.random(in: 0..<all.count, using: &generator)))
        }
        let subject = Self.pattern(&generator).replacing("*", with: "a").replacing(">", with: "b.c")
        let bytes = Array(subject.utf8)
        let expected = all.filter { Subject.matches(bytes, pattern: $0.subject) }
        let result = bytes.withUnsafeBytes { sublist.match($0) }
        #expect(Set(result.plain.map(\.sidText)) == Set(expected.filter { $0.queue == nil }.map(\.sidText)))
        let grouped = Set(result.groups.flatMap { $0.members.map(\.sidText) })
        #expect(grouped == Set(expected.filter { $0.queue != nil }.map(\.sidText)))
        #expect(result.groups.count == Set(expected.compactMap(\.queueText)).count)
      }
      #expect(sublist.count == all.count)
      for subscription in all { sublist.remove(subscription) }
      let numbers = sublist.statistics
      #expect(numbers.subscriptions == 0 && numbers.inserts == numbers.removes && numbers.cacheHits <= numbers.matches)
      #expect("a.b".utf8.withContiguousStorageIfAvailable { sublist.look(UnsafeRawBufferPointer($0)).isEmpty } == true)
    }
  }

  /// A walk that is left off again and again meets everything that was there all the time, once.
  @Test func walksGoOnWhereTheyWereLeft() throws {
    try Self.withClient { client in
      let sublist = Sublist()
      func make(_ subject: String, _ id: Int) -> Subscription {
        let made = Self.subscription(client, subject, id.isMultiple(of: 3) ? "q" : nil, id)
        sublist.insert(made)
        return made
      }
      let staying = (0..<400).map { make("stays.\($0 % 40).\($0)\($0.isMultiple(of: 7) ? ".>" : ".*")", $0) }
      var going = (0..<100).map { make("goes.\($0)", 1_000 + $0) }
      var walk = sublist.walk()
      var met: [String] = []
      var number = 2_000
      while walk.next({ met.append($0.sidText) }) {
        if let gone = going.popLast() { sublist.remove(gone) }
        _ = make("comes.\(number)", number)
        number += 1
        if number > 3_000 { break }
      }
      #expect(Set(met).count == met.count)
      #expect(Set(met).isSuperset(of: staying.map(\.sidText)))
    }
  }

  /// However many subjects differ in one token, a step of a walk is small, also while they come and go and their table grows.
  @Test func aStepOfAWalkIsBounded() throws {
    try Self.withClient { client in
      let sublist = Sublist()
      func make(_ subject: String, _ id: Int) -> Subscription {
        let made = Self.subscription(client, subject, nil, id)
        sublist.insert(made)
        return made
      }
      let staying = (0..<3_000).map { make("_INBOX.stays\($0)", $0) }
      var going = (0..<3_000).map { make("_INBOX.goes\($0)", 10_000 + $0) }
      var walk = sublist.walk()
      var met: [String] = []
      var number = 20_000
      var (steps, most) = (0, 0)
      while walk.next({ met.append($0.sidText) }) {
        steps += 1
        most = max(most, walk.waiting)
        // Thrice as many come as there are steps, up to several doublings.
        for _ in 0..<3 where number < 60_000 {
          _ = make("_INBOX.comes\(number)", number)
          number += 1
        }
        if let gone = going.popLast() { sublist.remove(gone) }
      }
      #expect(most <= 2 * Sublist.Walk.step + 4 && steps > 3_000)
      #expect(Set(met).count == met.count)
      #expect(Set(met).isSuperset(of: staying.map(\.sidText)))
    }
  }

  /// Nor is it longer where many have subscribed to the same: alone, in one group, and in many of them.
  @Test func aStepOverOneSubjectIsBounded() throws {
    try Self.withClient { client in
      let sublist = Sublist()
      func make(_ queue: String?, _ id: Int) -> Subscription {
        let made = Self.subscription(client, "same", queue, id)
        sublist.insert(made)
        return made
      }
      func queue(_ id: Int) -> String? { id % 3 == 0 ? nil : id % 3 == 1 ? "q" : "q\(id % 50)" }
      let staying = (0..<4_000).map { make(queue($0), $0) }
      var going = (0..<4_000).map { make(queue($0 * 7), 10_000 + $0) }
      var alone = (0..<100).map { make("alone\($0)", 20_000 + $0) }
      going.shuffle()
      var walk = sublist.walk()
      var met: [String] = []
      var (steps, most, before) = (0, 0, 0)
      while walk.next({ met.append($0.sidText) }) {
        steps += 1
        most = max(most, met.count - before)
        before = met.count
        for _ in 0..<20 { if let gone = going.popLast() { sublist.remove(gone) } }
        if let gone = alone.popLast() { sublist.remove(gone) }
        _ = make(queue(steps), 30_000 + steps)
      }
      #expect(most <= Sublist.Walk.batch && steps > 4_000 / Sublist.Walk.batch)
      #expect(Set(met).count == met.count)
      #expect(Set(met).isSuperset(of: staying.map(\.sidText)))
    }
  }

  /// A cursor meets each entry that stays once, whatever becomes of the table meanwhile.
  @Test(arguments: 0..<20) func cursors(_ round: Int) {
    var table = ByteTable<Int>()
    func key(_ number: Int) -> [UInt8] { Array("key \(number)".utf8) }
    func set(_ number: Int) { key(number).withUnsafeBytes { table.set($0, number) } }
    let staying = 0..<(round * round * 3)
    staying.forEach(set)
    var (first, next) = (100_000, 100_000)
    for _ in 0..<round * 20 {
      set(next)
      next += 1
    }
    var met: [Int] = []
    var cursor = ByteTable<Int>.Cursor()
    var steps = 0
    while !cursor.isOver {
      let before = met.count
      table.visit(from: &cursor, slots: 16) { met.append($0) }
      #expect(met.count - before <= 16 + 64)
      steps += 1
      for _ in 0..<(steps < 400 ? round % 5 : 0) {
        set(next)
        next += 1
      }
      if round.isMultiple(of: 2), first < next {
        key(first).withUnsafeBytes { _ = table.remove($0) }
        first += 1
      }
    }
    #expect(Set(met).count == met.count)
    #expect(Set(met).isSuperset(of: staying))
  }

  @Test func aHundredThousandWildcards() throws {
    try Self.withClient { client in
      let sublist = Sublist()
      for index in 0..<100_000 { sublist.insert(Self.subscription(client, "dev.\(index % 1000).*.\(index / 1000).>", nil, index)) }
      #expect(sublist.count == 100_000)
      for index in stride(from: 0, to: 100_000, by: 997) {
        let subject = Array("dev.\(index % 1000).x.\(index / 1000).y.z".utf8)
        #expect(subject.withUnsafeBytes { sublist.match($0).plain.map(\.sidText) } == ["\(index)"])
      }
    }
  }

  @Test func tables() {
    var table = ByteTable<Int>()
    var oracle: [String: Int] = [:]
    for round in 0..<5000 {
      let key = "k\(Int.random(in: 0..<200))"
      Array(key.utf8).withUnsafeBytes { bytes in
        if Bool.random() {
          table.set(bytes, round)
          oracle[key] = round
        } else {
          #expect(table.remove(bytes) == oracle.removeValue(forKey: key))
        }
        #expect(table[bytes] == oracle[key])
      }
      #expect(table.count == oracle.count)
    }
  }

  @Test(arguments: [
    ("a.*", "b.$1", "a.x", "b.x"), ("a.*.*", "b.$2.$1", "a.x.y", "b.y.x"), ("a.>", "z.a.>", "a.b.c", "z.a.b.c"),
    ("*.*", "{{wildcard(2)}}.{{wildcard(1)}}", "x.y", "y.x"), ("p.*", "p.{{partition(10,1)}}", "p.abc", "p.1"),
    ("s.*", "{{split(1,-)}}", "s.-a--b-", "a.b"), ("l.*", "{{splitfromleft(1,2)}}", "l.12345", "12.345"),
    ("l.*", "{{SplitFromRight(1,2)}}", "l.12345", "123.45"), ("l.*", "{{slicefromleft(1,2)}}", "l.12345", "12.34.5"),
    ("l.*", "{{slicefromright(1,2)}}", "l.12345", "1.23.45"), ("l.*", "{{left(1,2)}}", "l.12345", "12"),
    ("l.*", "{{ right( 1 , 2 ) }}", "l.12345", "45"), ("x.*", "y.{{partition(10)}}.$1", "x.a", "y.2.a"),
    ("x.*", "y.{{partition(10)}}.$1", "x.12345", "y.4.12345"), ("x", "y.{{partition(3)}}", "x", "y.1"),
  ]) func transforms(_ source: String, _ destination: String, _ subject: String, _ expected: String) throws {
    let transform = try SubjectTransform(source: Array(source.utf8), destination: Array(destination.utf8))
    #expect(transform.apply(Array(subject.utf8)).map { String(decoding: $0, as: UTF8.self) } == expected)
  }

  @Test(arguments: [
    "b.$2", "b.{{wildcard(2)}}", "b.{{unknown(1)}}", "b.{{wildcard()}}", "b.{{wildcard(1,2)}}", "b.{{split(1)}}",
    "b.{{partition(x)}}", "b.>", "b.*",
  ])
  func badTransforms(_ destination: String) {
    #expect(throws: SubjectTransformError.self) { try SubjectTransform(source: Array("a.*".utf8), destination: Array(destination.utf8)) }
  }

  /// Imports have a name on both sides for all that passes.
  @Test(arguments: [
    ("a.*.*", "t.$1", "not using all of the token wildcard(s) in t.$1"), ("a.*", "t", "not using all of the token wildcard(s) in t"),
    ("a.*", "t.{{left(1,2)}}", "the only mapping function allowed for import transforms is {{Wildcard()}}"),
    ("a.*.*", "t.*.$1", nil as String?), ("a.>", "t.>", nil), ("a", "t", nil), ("a.*", "t.$1.$1", nil), ("a.>", "t", "no > for that"),
    ("a.*.>", "t.>", "not using all of the token wildcard(s) in t.>"),
  ])
  func reversibleTransforms(_ source: String, _ destination: String, _ refusal: String?) {
    do throws(SubjectTransformError) {
      let transform = try SubjectTransform(source: Array(source.utf8), destination: Array(destination.utf8), namesStars: true)
      try transform.requireReversible()
      #expect(refusal == nil)
    } catch {
      #expect(refusal.map { error.text.contains($0) } == true, "\(error)")
    }
  }
}
