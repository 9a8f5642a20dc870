import SystemAPI
import Wire

/// Walks the streams of a jsz document, or their consumers, from its beginning to its end once: of large systems it is the largest document.
struct StreamWalk {
  /// A stream or a consumer.
  struct Found {
    /// The account's id, the stream and the consumer.
    var parts: [String]
    var created = ""
    /// nil where it is no replicated one.
    var leader: String?
    /// From its opening bracket on; its end is found by who reads it.
    var start: Int
  }

  private let bytes: UnsafeBufferPointer<UInt8>
  private let wantsConsumers: Bool
  private var found: [Found] = []

  static func streams(_ bytes: UnsafeBufferPointer<UInt8>) -> [Found] { found(bytes, wantsConsumers: false) }

  static func consumers(_ bytes: UnsafeBufferPointer<UInt8>) -> [Found] { found(bytes, wantsConsumers: true) }

  private static func found(_ bytes: UnsafeBufferPointer<UInt8>, wantsConsumers: Bool) -> [Found] {
    var walk = StreamWalk(bytes: bytes, wantsConsumers: wantsConsumers)
    walk.whole()
    return walk.found
  }

  private init(bytes: UnsafeBufferPointer<UInt8>, wantsConsumers: Bool) {
    self.bytes = bytes
    self.wantsConsumers = wantsConsumers
  }

  private mutating func whole() {
    _ = members(from: 0) { walk, name, start in walk.equals(name, "account_details") ? walk.elements(from: start) { $0.account($1) } : nil }
  }

  private mutating func account(_ start: Int) -> Int? {
    let first = found.count
    var (id, name): (String?, String?) = (nil, nil)
    let end = members(from: start) { walk, key, start in
      if id == nil, walk.equals(key, "id") { return walk.text(start, &id) }
      if name == nil, walk.equals(key, "name") { return walk.text(start, &name) }
      return walk.equals(key, "stream_detail") ? walk.elements(from: start) { $0.stream($1) } : nil
    }
    guard let account = id.flatMap({ $0.isEmpty ? nil : $0 }) ?? name.flatMap({ $0.isEmpty ? nil : $0 }) else {
      found.removeSubrange(first...)
      return end
    }
    // Its name may stand behind its streams.
    for place in first..<found.count { found[place].parts.insert(account, at: 0) }
    return end
  }

  private mutating func stream(_ start: Int) -> Int? {
    let first = found.count
    var asset = Found(parts: [], start: start)
    var name: String?
    let end = members(from: start) { walk, key, start in
      if let end = walk.take(key, start, &asset, &name) { return end }
      return walk.wantsConsumers && walk.equals(key, "consumer_detail") ? walk.elements(from: start) { $0.consumer($1) } : nil
    }
    guard let name, !name.isEmpty else {
      found.removeSubrange(first...)
      return end
    }
    if wantsConsumers {
      for place in first..<found.count { found[place].parts.insert(name, at: 0) }
    } else {
      asset.parts = [name]
      found.append(asset)
    }
    return end
  }

  private mutating func consumer(_ start: Int) -> Int? {
    var asset = Found(parts: [], start: start)
    var name: String?
    let end = members(from: start) { walk, key, start in walk.take(key, start, &asset, &name) }
    if let name, !name.isEmpty {
      asset.parts = [name]
      found.append(asset)
    }
    return end
  }

  // MARK: Members

  /// Takes a member that streams and consumers have; nil for another one.
  private mutating func take(_ key: Range<Int>, _ start: Int, _ asset: inout Found, _ name: inout String?) -> Int? {
    switch key.count {
    case 4 where name == nil && equals(key, "name"): return text(start, &name)
    case 7 where asset.created.isEmpty && equals(key, "created"):
      var created: String?
      let end = text(start, &created)
      asset.created = created ?? ""
      return end
    case 7 where asset.leader == nil && equals(key, "cluster"):
      // Nobody leads where it has no member of the name.
      var leader: String?
      let end = members(from: start) { walk, key, start in leader == nil && walk.equals(key, "leader") ? walk.text(start, &leader) : nil }
      asset.leader = leader ?? ""
      return end
    default: return nil
    }
  }

  private func equals(_ key: Range<Int>, _ name: StaticString) -> Bool { JSONBytes.equals(bytes, key, name) }

  private func end(_ start: Int) -> Int? { JSONWalk.endOfValue(UnsafeRawBufferPointer(bytes), start, bytes.count) }

  private func text(_ start: Int, _ text: inout String?) -> Int? {
    guard let end = end(start) else { return nil }
    text = JSONBytes.string(bytes, start..<end) ?? ""
    return end
  }

  /// Walks an object.
  ///
  /// - Parameter each: Given a name and where its value begins; gives where that ends, or nil for one that is passed over.
  /// - Returns: Where it ends; nil where it is no object, or is cut short.
  private mutating func members(from start: Int, _ each: (inout StreamWalk, Range<Int>, Int) -> Int?) -> Int? {
    var members = JSONMembers(bytes, start..<bytes.count)
    while let key = members.nextName() {
      let value = members.position
      guard let after = each(&self, key, value) ?? end(value) else { return nil }
      members.resume(at: after)
    }
    return members.malformed ? nil : members.position + 1
  }

  /// Walks an array.
  private mutating func elements(from start: Int, _ each: (inout StreamWalk, Int) -> Int?) -> Int? {
    var elements = JSONElements(bytes, start..<bytes.count)
    while let element = elements.nextStart() {
      guard let after = each(&self, element) ?? end(element) else { return nil }
      elements.resume(at: after)
    }
    return elements.malformed ? nil : elements.position + 1
  }
}
