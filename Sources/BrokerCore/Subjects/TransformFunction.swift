/// Reads one token of a mapping's destination: `$1`, `{{wildcard(1)}}`, `{{partition(10,1,2)}}` and their like.
package enum TransformFunction {
  package static func parse(_ token: [UInt8], wildcards: Int) throws(SubjectTransformError) -> SubjectTransform.Piece {
    let text = String(decoding: token, as: UTF8.self)
    if token.count > 1, token[0] == UInt8(ascii: "$"), let index = Int(text.dropFirst()), index >= 0 {
      return .wildcard(try check(index, wildcards, text))
    }
    guard text.hasPrefix("{{"), text.hasSuffix("}}"), text.utf8.count >= 4 else { return .literal(token) }
    let inner = String(text.dropFirst(2).dropLast(2))
    guard let open = inner.firstIndex(of: "("), let close = inner.lastIndex(of: ")"), open < close else {
      throw SubjectTransformError("unknown function", in: text)
    }
    let name = trim(String(inner[..<open])).lowercased()
    let arguments = inner[inner.index(after: open)..<close].split(separator: ",", omittingEmptySubsequences: false)
      .map { trim(String($0)) }
    return try make(name, arguments == [""] ? [] : arguments, wildcards, text)
  }

  private static func trim(_ text: String) -> String {
    var view = text[...]
    while let first = view.first, first == " " || first == "\t" { view = view.dropFirst() }
    while let last = view.last, last == " " || last == "\t" { view = view.dropLast() }
    return String(view)
  }

  private static func check(_ index: Int, _ wildcards: Int, _ token: String) throws(SubjectTransformError) -> Int {
    guard index >= 1 && index <= wildcards else {
      throw SubjectTransformError("wildcard index out of range", in: "\(token): [\(index)]")
    }
    return index - 1
  }

  private static func make(
    _ name: String, _ arguments: [String], _ wildcards: Int, _ token: String
  ) throws(SubjectTransformError) -> SubjectTransform.Piece {
    func number(_ position: Int) throws(SubjectTransformError) -> Int {
      guard let value = Int(arguments[position]), value >= 0 else {
        throw SubjectTransformError("function argument is invalid or in the wrong format", in: token)
      }
      return value
    }
    func count(_ allowed: ClosedRange<Int>) throws(SubjectTransformError) {
      if arguments.count < allowed.lowerBound { throw SubjectTransformError("not enough arguments passed to the function", in: token) }
      if arguments.count > allowed.upperBound { throw SubjectTransformError("too many arguments passed to the function", in: token) }
    }
    func pair() throws(SubjectTransformError) -> (Int, Int) {
      try count(2...2)
      return (try check(try number(0), wildcards, token), max(1, try number(1)))
    }
    switch name {
    case "wildcard":
      try count(1...1)
      return .wildcard(try check(try number(0), wildcards, token))
    case "partition":
      try count(1...Int.max)
      var indices: [Int] = []
      for position in arguments.indices.dropFirst() { indices.append(try check(try number(position), wildcards, token)) }
      return .partition(max(1, try number(0)), indices)
    case "random":
      try count(1...1)
      return .random(max(1, try number(0)))
    case "split":
      try count(2...2)
      let delimiter = Array(arguments[1].utf8)
      guard !delimiter.isEmpty, !delimiter.contains(UInt8(ascii: ".")), !delimiter.contains(UInt8(ascii: " ")) else {
        throw SubjectTransformError("function argument is invalid or in the wrong format", in: token)
      }
      return .split(try check(try number(0), wildcards, token), delimiter)
    case "splitfromleft": let (index, size) = try pair(); return .splitFromLeft(index, size)
    case "splitfromright": let (index, size) = try pair(); return .splitFromRight(index, size)
    case "slicefromleft": let (index, size) = try pair(); return .sliceFromLeft(index, size)
    case "slicefromright": let (index, size) = try pair(); return .sliceFromRight(index, size)
    case "left": let (index, size) = try pair(); return .left(index, size)
    case "right": let (index, size) = try pair(); return .right(index, size)
    default: throw SubjectTransformError("unknown function", in: token)
    }
  }

  /// The parts between delimiters, empty ones left out.
  package static func split(_ text: [UInt8], by delimiter: [UInt8]) -> [[UInt8]] {
    var parts: [[UInt8]] = []
    var part: [UInt8] = []
    var index = 0
    while index < text.count {
      if text[index...].starts(with: delimiter) {
        if !part.isEmpty { parts.append(part) }
        part = []
        index += delimiter.count
      } else {
        part.append(text[index])
        index += 1
      }
    }
    if !part.isEmpty { parts.append(part) }
    return parts
  }
}
