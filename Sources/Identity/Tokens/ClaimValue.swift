/// A JSON value whose members keep their order: a JWT's hash and text depend on it.
public enum ClaimValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int64)
  /// A number that is no 64-bit integer, as it was written.
  case number(String)
  case string(String)
  case array([ClaimValue])
  case object([ClaimMember])

  /// The member of an object; nil when absent or no object.
  public subscript(name: String) -> ClaimValue? {
    guard case .object(let members) = self else { return nil }
    return members.last { $0.name == name }?.value
  }

  public var isEmpty: Bool {
    switch self {
    case .null: true
    case .bool(let value): !value
    case .integer(let value): value == 0
    case .number: false
    case .string(let value): value.isEmpty
    case .array(let value): value.isEmpty
    case .object(let value): value.isEmpty
    }
  }
}

public struct ClaimMember: Sendable, Equatable {
  public let name: String
  public let value: ClaimValue

  public init(_ name: String, _ value: ClaimValue) {
    self.name = name
    self.value = value
  }
}

extension ClaimValue {
  public static func strings(_ values: [String]) -> ClaimValue { .array(values.map { .string($0) }) }

  /// Compact text with the escapes of the reference encoder: `<`, `>`, `&`, U+2028 and U+2029 as `\u….`.
  public func encoded(sorted: Bool = false) -> [UInt8] {
    var writer = ClaimWriter(indent: nil, sorted: sorted)
    writer.write(self, depth: 0)
    return writer.bytes
  }

  /// Text on several lines, `indent` blanks a level; `sorted` orders members by name, `plain` leaves `<`, `>` and `&` as they are.
  public func pretty(indent: Int, sorted: Bool, plain: Bool = false) -> String {
    var writer = ClaimWriter(indent: indent, sorted: sorted, plain: plain)
    writer.write(self, depth: 0)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

private struct ClaimWriter {
  var bytes: [UInt8] = []
  let indent: Int?
  let sorted: Bool
  let plain: Bool

  init(indent: Int?, sorted: Bool, plain: Bool = false) {
    self.indent = indent
    self.sorted = sorted
    self.plain = plain
  }

  mutating func write(_ value: ClaimValue, depth: Int) {
    switch value {
    case .null: text("null")
    case .bool(let value): text(value ? "true" : "false")
    case .integer(let value): text(String(value))
    case .number(let value): text(value)
    case .string(let value): string(value)
    case .array(let values):
      list(open: "[", close: "]", count: values.count, depth: depth) { writer, index in writer.write(values[index], depth: depth + 1) }
    case .object(let members):
      let ordered = sorted ? members.sorted { $0.name < $1.name } : members
      list(open: "{", close: "}", count: ordered.count, depth: depth) { writer, index in
        writer.string(ordered[index].name)
        writer.text(writer.indent == nil ? ":" : ": ")
        writer.write(ordered[index].value, depth: depth + 1)
      }
    }
  }

  private mutating func list(open: String, close: String, count: Int, depth: Int, element: (inout ClaimWriter, Int) -> Void) {
    text(open)
    for index in 0..<count {
      if index > 0 { text(",") }
      line(depth + 1)
      element(&self, index)
    }
    if count > 0 { line(depth) }
    text(close)
  }

  private mutating func line(_ depth: Int) {
    guard let indent else { return }
    bytes.append(0x0A)
    for _ in 0..<(indent * depth) { bytes.append(0x20) }
  }

  private mutating func text(_ text: String) { bytes.append(contentsOf: text.utf8) }

  private mutating func string(_ value: String) {
    bytes.append(0x22)
    for scalar in value.unicodeScalars {
      switch scalar.value {
      case 0x22: text("\\\"")
      case 0x5C: text("\\\\")
      case 0x0A: text("\\n")
      case 0x0D: text("\\r")
      case 0x09: text("\\t")
      case 0x3C where plain, 0x3E where plain, 0x26 where plain: bytes.append(UInt8(scalar.value))
      case 0..<0x20, 0x3C, 0x3E, 0x26, 0x2028, 0x2029:
        let digits = String(scalar.value, radix: 16)
        text("\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits)
      default: bytes.append(contentsOf: String(scalar).utf8)
      }
    }
    bytes.append(0x22)
  }
}
