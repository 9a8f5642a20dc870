/// Builds the tree: maps, arrays, scalars, variables and includes.
///
/// The language is the one of nats-server's configuration files. Where nats-server stumbles over plain input
/// (`[1,2,3]`, `key{`), the plain meaning is taken.
struct ConfigurationParser {
  /// No configuration nests this deep; input that does would exhaust the stack.
  static let maximumDepth = 64
  static let maximumIncludes = 256

  private enum Surroundings { case top, map, array }

  private let sources: ConfigurationSources
  private(set) var texts: [[UInt8]] = []
  private var cursor = ConfigurationCursor(bytes: [], file: "")
  /// The maps around the current place, innermost last; what a variable may refer to.
  private var scopes: [ConfigurationMap] = []
  private var depth = 0
  private var openFiles: [String] = []
  private var openVariables: [String] = []

  init(sources: ConfigurationSources) {
    self.sources = sources
  }

  /// Keys whose values no sentence repeats.
  private static let secretKeys: Set<String> = ["password", "pass", "token", "secret"]
  /// The value that is being read is that of such a key.
  private var isSecret = false

  mutating func parseFile(_ bytes: [UInt8], name: String) throws(ConfigurationError) -> ConfigurationMap {
    texts.append(bytes)
    cursor = ConfigurationCursor(bytes: bytes, file: name)
    scopes = [ConfigurationMap()]
    openFiles = [name]
    try parseEntries(closing: nil)
    return scopes[0]
  }

  // MARK: Maps

  /// Entries up to the closing brace (consumed), or to the end of the text when there is none to wait for.
  private mutating func parseEntries(closing opening: ConfigurationPosition?) throws(ConfigurationError) {
    while true {
      cursor.skipBlanksAndComments()
      guard let byte = cursor.peek else {
        if let opening { throw ConfigurationError("this '{' is never closed", at: opening) }
        return
      }
      if byte == UInt8(ascii: "}"), opening != nil {
        cursor.advance()
        return
      }
      if opening == nil, skipTopLevelBrace(byte) { continue }
      try parseEntry(opening == nil ? .top : .map)
    }
  }

  /// Braces around the whole text, as JSON has them, group nothing.
  private mutating func skipTopLevelBrace(_ byte: UInt8) -> Bool {
    if byte == UInt8(ascii: "{") {
      cursor.advance()
      return true
    }
    guard byte == UInt8(ascii: "}"), cursor.peek(1).map(ConfigurationCursor.isBlank) ?? true else { return false }
    cursor.advance()
    return true
  }

  private mutating func parseEntry(_ surroundings: Surroundings) throws(ConfigurationError) {
    let position = cursor.position
    let (key, quoted) = try parseKey()
    if !quoted, key == "include", let next = cursor.peek, next == UInt8(ascii: " ") || next == UInt8(ascii: "\t") {
      cursor.skipBlanks()
      if let byte = cursor.peek, byte != UInt8(ascii: "="), byte != UInt8(ascii: ":") {
        try parseInclude(at: position, surroundings)
        return
      }
    }
    let wasSecret = isSecret
    isSecret = ConfigurationParser.secretKeys.contains(key.lowercased())
    // A block in a password's place is most likely the password.
    let value = try parseEntryValue(of: wasSecret ? "this key" : "the key '\(key)'", at: position, surroundings)
    isSecret = wasSecret
    scopes[scopes.count - 1].set(ConfigurationEntry(key: key, position: position, value: value))
    try endValue(surroundings)
  }

  private mutating func parseKey() throws(ConfigurationError) -> (text: String, quoted: Bool) {
    guard let first = cursor.peek else { return ("", false) }
    if first == UInt8(ascii: "=") || first == UInt8(ascii: ":") {
      throw ConfigurationError("expected a key before '\(Character(UnicodeScalar(first)))'", at: cursor.position)
    }
    if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") { return (try parseQuoted(), true) }
    // A brace ends no key, as on nats-server: `accounts{A` is one word.
    let bytes = cursor.take { byte in
      !ConfigurationCursor.isBlank(byte) && byte != UInt8(ascii: "=") && byte != UInt8(ascii: ":")
    }
    return (String(decoding: bytes, as: UTF8.self), false)
  }

  private mutating func parseEntryValue(
    of key: String, at position: ConfigurationPosition, _ surroundings: Surroundings
  ) throws(ConfigurationError) -> ConfigurationValue {
    cursor.skipBlanksAndNewlines()
    guard let byte = cursor.peek else {
      throw ConfigurationError("\(key) has no value", at: position)
    }
    guard byte == UInt8(ascii: "=") || byte == UInt8(ascii: ":") else {
      return try parseValue(surroundings)
    }
    cursor.advance()
    cursor.skipBlanks()
    if cursor.peek == nil { return ConfigurationValue(.string(""), at: cursor.position) }
    if cursor.atNewline {
      guard surroundings == .map else {
        throw ConfigurationError("expected the value of \(key) on the same line", at: cursor.position)
      }
      cursor.skipBlanksAndNewlines()
    }
    return try parseValue(surroundings)
  }

  /// What may stand between two values.
  private mutating func endValue(_ surroundings: Surroundings) throws(ConfigurationError) {
    cursor.skipBlanks()
    if cursor.atComment { cursor.skipComment() }
    guard let byte = cursor.peek else { return }
    if cursor.atNewline { return }
    switch byte {
    case UInt8(ascii: ","): cursor.advance()
    case UInt8(ascii: ";") where surroundings != .array: cursor.advance()
    case UInt8(ascii: "}") where surroundings == .top: cursor.advance()
    case UInt8(ascii: "}") where surroundings == .map: break
    case UInt8(ascii: "]") where surroundings == .array: break
    default:
      let expected =
        surroundings == .array ? "',', a new line or ']' after the array's element" : "the end of the value (a new line, ',' or ';')"
      throw ConfigurationError("expected \(expected), found '\(cursor.character)'", at: cursor.position)
    }
  }

  // MARK: Values

  private mutating func parseValue(_ surroundings: Surroundings) throws(ConfigurationError) -> ConfigurationValue {
    let position = cursor.position
    guard let byte = cursor.peek else { throw ConfigurationError("expected a value, found the end of the file", at: position) }
    switch byte {
    case UInt8(ascii: "{"): return try nested { parser throws(ConfigurationError) in .map(try parser.parseMap()) }
    case UInt8(ascii: "["): return try nested { parser throws(ConfigurationError) in .array(try parser.parseArray()) }
    case UInt8(ascii: "("): return ConfigurationValue(.string(try parseBlock()), at: position)
    case UInt8(ascii: "\""), UInt8(ascii: "'"): return ConfigurationValue(.string(try parseQuoted()), at: position)
    case UInt8(ascii: ","),
      UInt8(ascii: "]") where surroundings != .top,
      UInt8(ascii: "}") where surroundings != .top:
      throw ConfigurationError("expected a value, found '\(cursor.character)'", at: position)
    default: return try parseWord()
    }
  }

  private mutating func nested(
    _ body: (inout ConfigurationParser) throws(ConfigurationError) -> ConfigurationValue.Content
  ) throws(ConfigurationError) -> ConfigurationValue {
    let position = cursor.position
    guard depth < Self.maximumDepth else {
      throw ConfigurationError("more than \(Self.maximumDepth) levels of '{' and '['", at: position)
    }
    depth += 1
    defer { depth -= 1 }
    cursor.advance()
    return ConfigurationValue(try body(&self), at: position)
  }

  private mutating func parseMap() throws(ConfigurationError) -> ConfigurationMap {
    let opening = cursor.position(back: 1)
    scopes.append(ConfigurationMap())
    try parseEntries(closing: opening)
    return scopes.removeLast()
  }

  private mutating func parseArray() throws(ConfigurationError) -> [ConfigurationValue] {
    let opening = cursor.position(back: 1)
    var values: [ConfigurationValue] = []
    while true {
      cursor.skipBlanksAndComments()
      guard let byte = cursor.peek else { throw ConfigurationError("this '[' is never closed", at: opening) }
      if byte == UInt8(ascii: "]") {
        cursor.advance()
        return values
      }
      values.append(try parseValue(.array))
      try endValue(.array)
    }
  }

  private mutating func parseWord() throws(ConfigurationError) -> ConfigurationValue {
    let position = cursor.position
    var escaped = false
    let bytes = cursor.take { byte in
      if escaped {
        escaped = false
        return true
      }
      escaped = byte == UInt8(ascii: "\\")
      return !ConfigurationCursor.isBlank(byte) && !",;]}".utf8.contains(byte)
    }
    let word: ConfigurationWord
    do throws(ConfigurationWordError) {
      word = try ConfigurationWord.read(bytes)
    } catch {
      throw ConfigurationError(error.reason, at: position)
    }
    switch word {
    case .value(let content): return ConfigurationValue(content, at: position)
    case .variable(let name): return try resolve(name, at: position)
    }
  }

  private mutating func parseQuoted() throws(ConfigurationError) -> String {
    let position = cursor.position
    let quote = cursor.peek ?? 0
    cursor.advance()
    let double = quote == UInt8(ascii: "\"")
    var escaped = false
    let bytes = cursor.take { byte in
      if escaped {
        escaped = false
        return true
      }
      escaped = double && byte == UInt8(ascii: "\\")
      return byte != quote
    }
    guard cursor.peek == quote else { throw ConfigurationError("this quoted text is never closed", at: position) }
    cursor.advance()
    guard double else { return String(decoding: bytes, as: UTF8.self) }
    do throws(ConfigurationWordError) {
      return try ConfigurationWord.unescape(bytes)
    } catch {
      throw ConfigurationError(error.reason, at: position)
    }
  }

  /// Everything between `(` and a line that is just `)`.
  private mutating func parseBlock() throws(ConfigurationError) -> String {
    let position = cursor.position
    cursor.advance()
    guard let bytes = cursor.takeBlock() else {
      throw ConfigurationError("this '(' is never closed by a line that is just ')'", at: position)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  // MARK: Variables and includes

  private mutating func resolve(_ name: String, at position: ConfigurationPosition) throws(ConfigurationError) -> ConfigurationValue {
    for index in scopes.indices.reversed() {
      if let value = scopes[index][name] {
        scopes[index].markVariable(name)
        return ConfigurationValue(value.content, at: position)
      }
    }
    guard let text = sources.environment(name) else {
      // A password that begins with a dollar and stands without quotes is taken for a variable: it is not repeated.
      let what = isSecret ? "the value" : "'\(name)'"
      let hint = isSecret ? "; quote it where it is none" : ""
      throw ConfigurationError(
        "variable reference for \(what) on line \(position.line) can not be found\(hint)", at: position, isReference: true)
    }
    guard !openVariables.contains(name) else {
      throw ConfigurationError("variable reference cycle for '\(name)'", at: position, isReference: true)
    }
    openVariables.append(name)
    defer { openVariables.removeLast() }
    return ConfigurationValue(try parseEnvironment(text, name: name), at: position)
  }

  /// An environment variable's text means what it would mean if it stood in the file.
  private mutating func parseEnvironment(_ text: String, name: String) throws(ConfigurationError) -> ConfigurationValue.Content {
    let outer = cursor
    defer { cursor = outer }
    cursor = ConfigurationCursor(bytes: Array(text.utf8), file: "$\(name)")
    cursor.skipBlanks()
    if cursor.peek == nil { return .string("") }
    let value = try parseValue(.top)
    cursor.skipBlanksAndNewlines()
    guard cursor.peek == nil else {
      throw ConfigurationError("expected one value in the environment variable, found '\(cursor.character)' after it", at: cursor.position)
    }
    return value.content
  }

  private mutating func parseInclude(
    at position: ConfigurationPosition, _ surroundings: Surroundings
  ) throws(ConfigurationError) {
    let path: String
    if let byte = cursor.peek, byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
      path = try parseQuoted()
    } else {
      path = String(decoding: cursor.take { !ConfigurationCursor.isBlank($0) && !",;}".utf8.contains($0) }, as: UTF8.self)
    }
    guard !path.isEmpty else { throw ConfigurationError("expected a path after 'include'", at: position) }
    try readInclude(path, at: position)
    try endValue(surroundings)
  }

  private mutating func readInclude(_ path: String, at position: ConfigurationPosition) throws(ConfigurationError) {
    let joined = Self.join(cursor.file, path)
    guard !openFiles.contains(joined) else {
      throw ConfigurationError("error parsing include file '\(path)', it includes itself", at: position, isReference: true)
    }
    guard texts.count < Self.maximumIncludes else {
      throw ConfigurationError("more than \(Self.maximumIncludes) files are included", at: position, isReference: true)
    }
    let bytes: [UInt8]
    do {
      bytes = try sources.readFile(joined)
    } catch {
      throw ConfigurationError("error parsing include file '\(path)', \(error)", at: position, isReference: true)
    }
    texts.append(bytes)
    openFiles.append(joined)
    let outer = cursor
    cursor = ConfigurationCursor(bytes: bytes, file: joined)
    try parseEntries(closing: nil)
    cursor = outer
    openFiles.removeLast()
  }

  /// Includes are always sought from the including file's folder, even when the path is absolute.
  static func join(_ file: String, _ path: String) -> String {
    let relative = path.drop { $0 == "/" }
    guard let slash = file.lastIndex(of: "/") else { return String(relative) }
    return String(file[...slash]) + relative
  }
}
