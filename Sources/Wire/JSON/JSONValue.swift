/// A JSON document as a tree, for paths where convenience counts more than speed. Members keep their order
/// (and their repetitions), numbers keep their text.
public indirect enum JSONValue: Sendable, Equatable {
  /// One member of an object.
  public struct Member: Sendable, Equatable {
    public var name: String
    public var value: JSONValue

    public init(_ name: String, _ value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  case null
  case bool(Bool)
  /// The number's text as it was written.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([Member])

  /// Parses one whole document.
  public init(parsing bytes: [UInt8], maximumDepth: Int = JSONScanner.defaultMaximumDepth) throws(JSONError) {
    self.init(try JSONView(validating: bytes, maximumDepth: maximumDepth))
  }

  /// Parses one whole document.
  public init(parsing text: String) throws(JSONError) {
    try self.init(parsing: Array(text.utf8))
  }

  /// The tree below a view of a validated document.
  public init(_ view: JSONView) {
    switch view.kind {
    case .object:
      self = .object(
        view.memberRanges.map {
          Member(JSONText.decode(view.bytes, $0.name), JSONValue(JSONView(bytes: view.bytes, range: $0.value)))
        })
    case .array: self = .array(view.elements.map(JSONValue.init))
    case .string: self = .string(view.string ?? "")
    case .number: self = .number(view.rawText)
    case .bool: self = .bool(view.bool ?? false)
    case .null, nil: self = .null
    }
  }

  /// A whole number.
  public static func integer(_ value: some FixedWidthInteger) -> JSONValue { .number(String(value)) }

  /// A number in its shortest form.
  public static func double(_ value: Double) -> JSONValue {
    var bytes: [UInt8] = []
    DecimalText.append(value, to: &bytes)
    return .number(String(decoding: bytes, as: UTF8.self))
  }

  /// The first member of that name; setting replaces it in place, appends it where absent, removes it with nil.
  public subscript(_ name: String) -> JSONValue? {
    get { members?.first { $0.name == name }?.value }
    set {
      guard case .object(var members) = self else { return }
      let index = members.firstIndex { $0.name == name }
      switch (index, newValue) {
      case (let index?, let value?): members[index].value = value
      case (let index?, nil): members.remove(at: index)
      case (nil, let value?): members.append(Member(name, value))
      case (nil, nil): break
      }
      self = .object(members)
    }
  }

  /// The element at that place; nil beyond the end and for anything but an array.
  public subscript(_ index: Int) -> JSONValue? {
    guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
    return elements[index]
  }

  public var members: [Member]? { if case .object(let members) = self { members } else { nil } }
  public var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
  public var string: String? { if case .string(let text) = self { text } else { nil } }
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  /// A whole number within `Int`.
  public var int: Int? { if case .number(let text) = self { Int(text) } else { nil } }
  /// A whole number within `UInt64`.
  public var uint64: UInt64? { if case .number(let text) = self { UInt64(text) } else { nil } }
  public var double: Double? { if case .number(let text) = self { Double(text) } else { nil } }
  public var isNull: Bool { self == .null }

  /// Writes the tree as the writer's next value.
  public func write(to writer: inout JSONWriter) {
    switch self {
    case .null: writer.null()
    case .bool(let value): writer.bool(value)
    case .number(let text): writer.raw(text.utf8)
    case .string(let text): writer.string(text)
    case .array(let elements): writer.array { for element in elements { element.write(to: &$0) } }
    case .object(let members):
      writer.object {
        for member in members {
          $0.key(member.name)
          member.value.write(to: &$0)
        }
      }
    }
  }

  /// The document as bytes; 0 spaces for compact.
  public func bytes(indent: Int = 0) -> [UInt8] {
    var writer = JSONWriter(indent: indent)
    write(to: &writer)
    return writer.bytes
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int) { self = .number(String(value)) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(elements.map { Member($0.0, $0.1) }) }
  public init(nilLiteral: ()) { self = .null }
}
