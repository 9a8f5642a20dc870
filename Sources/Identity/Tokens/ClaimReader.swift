/// Why a token was refused, in the words that NATS libraries use where they have any.
public struct TokenError: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}

/// Typed access to a claim object's members; `path` names the place in errors.
struct ClaimReader {
  let value: ClaimValue
  let path: String

  init(_ value: ClaimValue, path: String) {
    self.value = value
    self.path = path
  }

  private func wrong(_ name: String, _ expected: String) -> TokenError {
    TokenError("expected \(expected) in \"\(path.isEmpty ? name : path + "." + name)\"")
  }

  func string(_ name: String) throws(TokenError) -> String {
    switch value[name] {
    case nil, .null: return ""
    case .string(let text): return text
    default: throw wrong(name, "a string")
    }
  }

  func bool(_ name: String) throws(TokenError) -> Bool {
    switch value[name] {
    case nil, .null: return false
    case .bool(let flag): return flag
    default: throw wrong(name, "true or false")
    }
  }

  func integer(_ name: String, default missing: Int64 = 0) throws(TokenError) -> Int64 {
    switch value[name] {
    case nil, .null: return missing
    case .integer(let number): return number
    default: throw wrong(name, "an integer")
    }
  }

  func strings(_ name: String) throws(TokenError) -> [String] {
    var texts: [String] = []
    for element in try array(name) {
      guard case .string(let text) = element else { throw wrong(name, "an array of strings") }
      texts.append(text)
    }
    return texts
  }

  func array(_ name: String) throws(TokenError) -> [ClaimValue] {
    switch value[name] {
    case nil, .null: return []
    case .array(let values): return values
    default: throw wrong(name, "an array")
    }
  }

  func object(_ name: String) throws(TokenError) -> ClaimReader? {
    switch value[name] {
    case nil, .null: return nil
    case .object(let members): return ClaimReader(.object(members), path: path.isEmpty ? name : path + "." + name)
    default: throw wrong(name, "an object")
    }
  }

  /// Readers of an array of objects.
  func objects(_ name: String) throws(TokenError) -> [ClaimReader] {
    var readers: [ClaimReader] = []
    for element in try array(name) {
      guard case .object = element else { throw wrong(name, "an array of objects") }
      readers.append(ClaimReader(element, path: path.isEmpty ? name : path + "." + name))
    }
    return readers
  }

  /// A map of names to integers, as revocations are.
  func integers(_ name: String) throws(TokenError) -> [String: Int64] {
    guard let map = try object(name), case .object(let members) = map.value else { return [:] }
    var numbers: [String: Int64] = [:]
    for member in members { numbers[member.name] = try map.integer(member.name) }
    return numbers
  }
}

/// Builds an object in the order of the calls; empty values are left out, as the reference encoder does.
struct ClaimBuilder {
  private(set) var members: [ClaimMember] = []

  mutating func add(_ name: String, _ text: String) { add(name, .string(text)) }
  mutating func add(_ name: String, _ number: Int64) { add(name, .integer(number)) }
  mutating func add(_ name: String, _ flag: Bool) { add(name, .bool(flag)) }
  mutating func add(_ name: String, _ texts: [String]) { add(name, .strings(texts)) }
  mutating func add(_ name: String, _ numbers: [String: Int64]) {
    add(name, .object(numbers.sorted { $0.key < $1.key }.map { ClaimMember($0.key, .integer($0.value)) }))
  }
  mutating func add(_ name: String, _ value: ClaimValue?) { if let value, !value.isEmpty { always(name, value) } }
  mutating func always(_ name: String, _ value: ClaimValue) { members.append(ClaimMember(name, value)) }
  var value: ClaimValue { .object(members) }
}
