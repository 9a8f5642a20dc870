import SystemAPI
import Wire

extension FuzzTarget {
  /// The walk finds in text that has passed what the strict scanner finds in it, and does no harm in any other text.
  public static let jsonWalk = FuzzTarget(name: "json-walk") { input in
    input.withUnsafeBytes { bytes -> String? in
      let accepted = (try? JSONScanner.validate(bytes)) != nil
      var walk = WalkRun(bytes)
      walk.value(0..<bytes.count, depth: 0)
      guard accepted else { return walk.broken }
      var scan = ScanRun(bytes)
      guard scan.document() else { return "the scanner refuses what it has accepted" }
      if walk.broken == nil, walk.found != scan.found { return "the walk finds \(walk.found), the scanner \(scan.found)" }
      if walk.broken != nil { return walk.broken }
      return members(bytes, input)
    }
  }

  /// The first of a name counts, in the view, in the tree and in the walk.
  private static func members(_ bytes: UnsafeRawBufferPointer, _ input: [UInt8]) -> String? {
    // Names that are no UTF-8 become others when they are decoded.
    guard String(validating: input, as: UTF8.self) != nil, let view = try? JSONView(validating: input), view.kind == .object else {
      return nil
    }
    let tree = JSONValue(view)
    let buffer = bytes.bindMemory(to: UInt8.self)
    for member in tree.members ?? [] {
      // Byte by byte: texts that Unicode calls equal are two names.
      guard let first = tree.members?.first(where: { $0.name.utf8.elementsEqual(member.name.utf8) })?.value else { continue }
      guard let viewed = view.member(named: member.name), JSONValue(viewed) == first else { return "the view finds another member" }
      var walked: Range<Int>?
      var members = JSONMembers(buffer, 0..<buffer.count)
      while walked == nil, let (key, value) = members.next() { if JSONBytes.equals(buffer, key, member.name) { walked = value } }
      guard let walked, walked == viewed.range else { return "the walk finds another member" }
      if JSONBytes.string(buffer, walked) != first.string { return "the walk reads another text" }
      if JSONBytes.integer(buffer, walked) != viewed.int || JSONBytes.unsigned(buffer, walked) != viewed.uint64 {
        return "the walk reads another number"
      }
      if let number = JSONBytes.double(buffer, walked), !number.isFinite { return "a number that is none" }
    }
    return nil
  }
}

/// Every range that the walk comes upon, depth first.
private struct WalkRun {
  let bytes: UnsafeRawBufferPointer
  var found: [Range<Int>] = []
  var broken: String?

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  mutating func value(_ range: Range<Int>, depth: Int) {
    guard depth <= JSONScanner.defaultMaximumDepth, found.count < 100_000, broken == nil else { return }
    var members = JSONMembers(bytes, range)
    while let (key, value) = members.next() {
      guard check(key, range), check(value, range) else { return }
      self.value(value, depth: depth + 1)
    }
    guard members.malformed else { return }
    var elements = JSONElements(bytes, range)
    while let value = elements.next() {
      guard check(value, range) else { return }
      self.value(value, depth: depth + 1)
    }
  }

  private mutating func check(_ range: Range<Int>, _ whole: Range<Int>) -> Bool {
    if range.lowerBound < whole.lowerBound || range.upperBound > whole.upperBound {
      broken = "a range outside of its value"
      return false
    }
    found.append(range)
    return true
  }
}

/// The same from the strict scanner.
private struct ScanRun {
  var scanner: JSONScanner
  var found: [Range<Int>] = []

  init(_ bytes: UnsafeRawBufferPointer) { scanner = JSONScanner(bytes) }

  mutating func document() -> Bool { inside() != nil }

  /// Goes through one value; its range, or nil where it is malformed.
  private mutating func inside() -> Range<Int>? {
    guard let first = scanner.peek() else { return nil }
    let start = scanner.position
    guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else { return try? scanner.value() }
    let isObject = first == UInt8(ascii: "{")
    let close = first + 2
    _ = scanner.consume(first)
    if scanner.consume(close) { return start..<scanner.position }
    repeat {
      if isObject {
        guard scanner.peek() != nil, let key = try? scanner.string(), scanner.consume(UInt8(ascii: ":")) else { return nil }
        found.append(key)
      }
      let place = found.count
      found.append(0..<0)
      guard let value = inside() else { return nil }
      found[place] = value
    } while scanner.consume(UInt8(ascii: ","))
    return scanner.consume(close) ? start..<scanner.position : nil
  }
}
