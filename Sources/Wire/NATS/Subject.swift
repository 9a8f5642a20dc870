/// The rules of NATS subjects, on bytes: tokens separated by `.`, `*` for one token, `>` for one or more at the end.
/// Both are wildcards only when they are a whole token, and `>` only as the last one.
public enum Subject {
  @usableFromInline static let dot = UInt8(ascii: ".")
  @usableFromInline static let star = UInt8(ascii: "*")
  @usableFromInline static let tail = UInt8(ascii: ">")

  /// May be subscribed to: no empty token, no blank or line break, `>` only at the end.
  public static func isValid(_ subject: UnsafeRawBufferPointer) -> Bool {
    guard !subject.isEmpty else { return false }
    var start = 0
    var sawTail = false
    for index in 0...subject.count {
      if index < subject.count {
        let byte = subject[index]
        if byte != dot {
          if byte == 0x20 || (0x09...0x0D).contains(byte) && byte != 0x0B { return false }
          continue
        }
      }
      if index == start || sawTail { return false }
      if index == start + 1 && subject[start] == tail { sawTail = true }
      start = index + 1
    }
    return true
  }

  /// Has no wildcard token. Does not check validity.
  public static func isLiteral(_ subject: UnsafeRawBufferPointer) -> Bool {
    let count = subject.count
    for index in 0..<count {
      let byte = subject[index]
      guard byte == star || byte == tail else { continue }
      let opens = index == 0 || subject[index - 1] == dot
      let closes = index + 1 == count || (byte == star && subject[index + 1] == dot)
      if opens && closes { return false }
    }
    return true
  }

  /// Two dots in a row, or one at an end: no subject.
  public static func hasEmptyToken(_ subject: UnsafeRawBufferPointer) -> Bool {
    var tokens = TokenReader(subject)
    while let token = tokens.next() { if token.isEmpty { return true } }
    return false
  }

  /// A literal subject as `pattern` sees it: wildcards of `subject` itself count as ordinary tokens.
  public static func matches(_ subject: UnsafeRawBufferPointer, pattern: UnsafeRawBufferPointer) -> Bool {
    var left = TokenReader(subject)
    var right = TokenReader(pattern)
    while let want = right.next() {
      if isTail(want) { return left.next() != nil }
      guard let have = left.next() else { return false }
      if !isStar(want) && !equal(have, want) { return false }
    }
    return left.next() == nil
  }

  /// Everything that `inner` matches is matched by `outer` too.
  public static func isSubset(_ inner: UnsafeRawBufferPointer, of outer: UnsafeRawBufferPointer) -> Bool {
    var left = TokenReader(inner)
    var right = TokenReader(outer)
    while let want = right.next() {
      guard let have = left.next() else { return false }
      if isTail(want) { return true }
      if isTail(have) { return false }
      if isStar(want) { continue }
      if isStar(have) || !equal(have, want) { return false }
    }
    return left.next() == nil
  }

  /// Some subject is matched by both.
  public static func overlaps(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Bool {
    var left = TokenReader(first)
    var right = TokenReader(second)
    while true {
      switch (left.next(), right.next()) {
      case (nil, nil): return true
      case (nil, _), (_, nil): return false
      case (let have?, let want?):
        if isTail(have) || isTail(want) { return true }
        if !isStar(have) && !isStar(want) && !equal(have, want) { return false }
      }
    }
  }

  /// The pattern that matches exactly what both match; nil when nothing does.
  public static func intersection(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> [UInt8]? {
    var left = TokenReader(first)
    var right = TokenReader(second)
    var result: [UInt8] = []
    func add(_ token: UnsafeRawBufferPointer) {
      if !result.isEmpty { result.append(dot) }
      result.append(contentsOf: token)
    }
    while true {
      switch (left.next(), right.next()) {
      case (nil, nil): return result
      case (nil, _), (_, nil): return nil
      case (let have?, let want?):
        if isTail(have) || isTail(want) {
          let (rest, reader) = isTail(have) ? (want, right) : (have, left)
          add(rest)
          var more = reader
          while let token = more.next() { add(token) }
          return result
        }
        if isStar(have) {
          add(want)
        } else if isStar(want) || equal(have, want) {
          add(have)
        } else {
          return nil
        }
      }
    }
  }

  public static func tokenCount(_ subject: UnsafeRawBufferPointer) -> Int {
    var count = 1
    for byte in subject where byte == dot { count += 1 }
    return count
  }

  /// The tokens, copied.
  public static func tokens(_ subject: [UInt8]) -> [[UInt8]] {
    subject.split(separator: dot, omittingEmptySubsequences: false).map(Array.init)
  }

  public static func isValid(_ subject: [UInt8]) -> Bool { subject.withUnsafeBytes { isValid($0) } }
  public static func isLiteral(_ subject: [UInt8]) -> Bool { subject.withUnsafeBytes { isLiteral($0) } }
  public static func isValid(_ subject: String) -> Bool { isValid(Array(subject.utf8)) }
  public static func isLiteral(_ subject: String) -> Bool { isLiteral(Array(subject.utf8)) }

  public static func matches(_ subject: [UInt8], pattern: [UInt8]) -> Bool {
    subject.withUnsafeBytes { left in pattern.withUnsafeBytes { matches(left, pattern: $0) } }
  }

  public static func isSubset(_ inner: [UInt8], of outer: [UInt8]) -> Bool {
    inner.withUnsafeBytes { left in outer.withUnsafeBytes { isSubset(left, of: $0) } }
  }

  public static func overlaps(_ first: [UInt8], _ second: [UInt8]) -> Bool {
    first.withUnsafeBytes { left in second.withUnsafeBytes { overlaps(left, $0) } }
  }

  public static func intersection(_ first: [UInt8], _ second: [UInt8]) -> [UInt8]? {
    first.withUnsafeBytes { left in second.withUnsafeBytes { intersection(left, $0) } }
  }

  static func isStar(_ token: UnsafeRawBufferPointer) -> Bool { token.count == 1 && token[0] == star }
  static func isTail(_ token: UnsafeRawBufferPointer) -> Bool { token.count == 1 && token[0] == tail }

  static func equal(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Bool {
    guard first.count == second.count else { return false }
    for index in 0..<first.count where first[index] != second[index] { return false }
    return true
  }
}

/// Walks the tokens of a subject in place.
public struct TokenReader {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  public init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The next token, possibly empty; nil at the end.
  public mutating func next() -> UnsafeRawBufferPointer? {
    guard position <= bytes.count else { return nil }
    var end = position
    while end < bytes.count && bytes[end] != Subject.dot { end += 1 }
    defer { position = end + 1 }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<end])
  }
}
