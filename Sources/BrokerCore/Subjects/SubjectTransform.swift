import Wire

/// Why a mapping's destination was refused, in nats-server's words.
package struct SubjectTransformError: Error, Equatable {
  package let text: String
  package init(_ problem: String, in token: String) { text = "invalid mapping destination: \(problem) in \(token)" }
  package init(text: String) { self.text = text }
}

/// Turns a subject that matches a pattern into another: mappings, and the two names of an import.
package struct SubjectTransform: Sendable {
  package enum Piece: Sendable, Equatable {
    case literal([UInt8])
    /// The token that the n-th `*` of the source stands for, from 0.
    case wildcard(Int)
    /// Everything from the source's `>` on.
    case tail
    case partition(Int, [Int])
    case split(Int, [UInt8])
    case splitFromLeft(Int, Int)
    case splitFromRight(Int, Int)
    case sliceFromLeft(Int, Int)
    case sliceFromRight(Int, Int)
    case left(Int, Int)
    case right(Int, Int)
    case random(Int)
  }

  package let source: [UInt8]
  package let destination: [UInt8]
  private let pieces: [Piece]
  /// Token numbers of the source's `*`.
  private let wildcards: [Int]
  private let tailStart: Int?
  private let isFixed: Bool

  /// - Parameter namesStars: Each `*` of the destination stands for one of the source in their order, as in imports; else it is no destination.
  /// - Throws: What is wrong with the destination.
  package init(source: [UInt8], destination: [UInt8], namesStars: Bool = false) throws(SubjectTransformError) {
    guard Subject.isValid(source) else {
      throw SubjectTransformError(text: "invalid subject \(String(decoding: source, as: UTF8.self))")
    }
    self.source = source
    self.destination = destination
    let tokens = Subject.tokens(source)
    wildcards = tokens.indices.filter { tokens[$0] == [UInt8(ascii: "*")] }
    tailStart = tokens.last == [UInt8(ascii: ">")] ? tokens.count - 1 : nil
    var pieces: [Piece] = []
    var stars = 0
    let targets = Subject.tokens(destination)
    for (index, token) in targets.enumerated() {
      if token.isEmpty { throw SubjectTransformError(text: "invalid mapping destination: invalid subject") }
      if token == [UInt8(ascii: "*")] {
        guard namesStars else { throw SubjectTransformError(text: "invalid mapping destination: invalid subject") }
        guard stars < wildcards.count else { throw SubjectTransformError("wildcard index out of range", in: "*") }
        pieces.append(.wildcard(stars))
        stars += 1
      } else if token == [UInt8(ascii: ">")] {
        guard index == targets.count - 1, tailStart != nil else {
          throw SubjectTransformError(text: "invalid mapping destination: no > in the source")
        }
        pieces.append(.tail)
      } else {
        let piece = try TransformFunction.parse(token, wildcards: wildcards.count)
        if case .literal(let text) = piece, !Subject.isValid(text) {
          throw SubjectTransformError(text: "invalid mapping destination: invalid subject")
        }
        pieces.append(piece)
      }
    }
    guard tailStart == nil || pieces.last == .tail else {
      throw SubjectTransformError(text: "invalid mapping destination: invalid subject, no > for that of the source")
    }
    self.pieces = pieces
    isFixed = pieces.allSatisfy { if case .literal = $0 { true } else { false } }
  }

  /// One subject that gets a name, whatever that looks like.
  ///
  /// - Throws: Where one of the two is no subject at all.
  init(source: [UInt8], name: [UInt8]) throws(SubjectTransformError) {
    guard Subject.isValid(source), Subject.isValid(name) else {
      throw SubjectTransformError(text: "invalid mapping destination: invalid subject")
    }
    (self.source, destination) = (source, name)
    (wildcards, tailStart) = ([], nil)
    pieces = Subject.tokens(name).map(Piece.literal)
    isFixed = true
  }

  /// The destination with every placeholder as `*`: what subjects come out.
  package var pattern: [UInt8] {
    var tokens: [[UInt8]] = []
    for piece in pieces {
      switch piece {
      case .literal(let text): tokens.append(text)
      case .tail: tokens.append([UInt8(ascii: ">")])
      default: tokens.append([UInt8(ascii: "*")])
      }
    }
    return Array(tokens.joined(separator: [Subject.dotByte]))
  }

  /// Imports have names on both sides: what is before the border can be told from what is behind it.
  ///
  /// - Throws: A function other than a wildcard's, and a wildcard of the source that is not used.
  func requireReversible() throws(SubjectTransformError) {
    guard !wildcards.isEmpty || tailStart != nil else { return }
    let text = String(decoding: destination, as: UTF8.self)
    var used = 0
    for piece in pieces {
      switch piece {
      case .literal, .tail: break
      case .wildcard: used += 1
      default: throw SubjectTransformError("the only mapping function allowed for import transforms is {{Wildcard()}}", in: text)
      }
    }
    if used < wildcards.count { throw SubjectTransformError("not using all of the token wildcard(s)", in: text) }
  }

  /// The transform back, with `*` for what the destination does not tell; nil where a function stands in the way.
  var inverse: SubjectTransform? {
    var starOf: [Int: Int] = [:]
    var stars = 0
    for piece in pieces {
      switch piece {
      case .literal, .tail: break
      case .wildcard(let index):
        if starOf[index] == nil { starOf[index] = stars }
        stars += 1
      default: return nil
      }
    }
    return SubjectTransform(reversing: self, starOf: starOf)
  }

  /// A hole of the destination is filled with `*`, which only makes sense for patterns.
  private init(reversing other: SubjectTransform, starOf: [Int: Int]) {
    source = other.pattern
    destination = other.source
    let tokens = Subject.tokens(other.pattern)
    wildcards = tokens.indices.filter { tokens[$0] == [UInt8(ascii: "*")] }
    tailStart = tokens.last == [UInt8(ascii: ">")] ? tokens.count - 1 : nil
    var made: [Piece] = []
    var star = 0
    for token in Subject.tokens(other.source) {
      if token == [UInt8(ascii: "*")] {
        made.append(starOf[star].map { .wildcard($0) } ?? .literal(token))
        star += 1
      } else if token == [UInt8(ascii: ">")] {
        made.append(other.pieces.contains(.tail) ? .tail : .literal(token))
      } else {
        made.append(.literal(token))
      }
    }
    pieces = made
    isFixed = false
  }

  /// The subject (or pattern within `source`) under its new name; nil when it does not match.
  package func apply(_ subject: UnsafeRawBufferPointer) -> [UInt8]? {
    if isFixed { return destination }
    var tokens: [UnsafeRawBufferPointer] = []
    var reader = TokenReader(subject)
    while let token = reader.next() { tokens.append(token) }
    guard let last = wildcards.last ?? tailStart, last < tokens.count else {
      return wildcards.isEmpty && tailStart == nil ? destinationText(tokens) : nil
    }
    if let tailStart, tailStart >= tokens.count { return nil }
    return destinationText(tokens)
  }

  package func apply(_ subject: [UInt8]) -> [UInt8]? { subject.withUnsafeBytes { apply($0) } }

  private func destinationText(_ tokens: [UnsafeRawBufferPointer]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(64)
    for (index, piece) in pieces.enumerated() {
      if index > 0 { result.append(Subject.dotByte) }
      append(piece, tokens, to: &result)
    }
    return result
  }

  private func append(_ piece: Piece, _ tokens: [UnsafeRawBufferPointer], to result: inout [UInt8]) {
    func token(_ index: Int) -> UnsafeRawBufferPointer { tokens[wildcards[index]] }
    switch piece {
    case .literal(let text): result += text
    case .wildcard(let index): result += token(index)
    case .tail:
      for (offset, token) in tokens[(tailStart ?? tokens.count)...].enumerated() {
        if offset > 0 { result.append(Subject.dotByte) }
        result += token
      }
    case .partition(let buckets, let indices):
      var hash: UInt32 = 2_166_136_261
      for index in indices { for byte in token(index) { hash = (hash ^ UInt32(byte)) &* 16_777_619 } }
      // The whole subject, dots and all; a source without wildcards has one partition whatever is hashed, and nothing is.
      let isWhole = indices.isEmpty && (!wildcards.isEmpty || tailStart != nil)
      for (number, token) in (isWhole ? tokens : []).enumerated() {
        if number > 0 { hash = (hash ^ UInt32(Subject.dotByte)) &* 16_777_619 }
        for byte in token { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
      }
      result += String(hash % UInt32(buckets)).utf8
    case .split(let index, let delimiter):
      result += Array(TransformFunction.split(Array(token(index)), by: delimiter).joined(separator: [Subject.dotByte]))
    case .splitFromLeft(let index, let position): cut(Array(token(index)), at: [position], to: &result)
    case .splitFromRight(let index, let position):
      let text = Array(token(index))
      cut(text, at: [text.count - position], to: &result)
    case .sliceFromLeft(let index, let size):
      let text = Array(token(index))
      cut(text, at: Array(stride(from: size, to: text.count, by: size)), to: &result)
    case .sliceFromRight(let index, let size):
      let text = Array(token(index))
      cut(text, at: stride(from: text.count - size, to: 0, by: -size).reversed(), to: &result)
    case .left(let index, let count): result += token(index).prefix(count)
    case .right(let index, let count): result += token(index).suffix(count)
    case .random(let buckets): result += String(Int.random(in: 0..<buckets)).utf8
    }
  }

  /// Puts a dot before each position that lies inside the text.
  private func cut(_ text: [UInt8], at positions: [Int], to result: inout [UInt8]) {
    var start = 0
    for position in positions where position > 0 && position < text.count {
      result += text[start..<position]
      result.append(Subject.dotByte)
      start = position
    }
    result += text[start...]
  }
}

extension Subject {
  static let dotByte = UInt8(ascii: ".")
}
