/// Writes JSON bytes exactly as Go's `encoding/json` does (NATS monitoring documents are defined by it):
/// keys in the order of the calls, compact or indented, `<`, `>`, `&` escaped, shortest floats.
///
/// The writer owns commas and indentation. Calls must nest properly; a debug build traps on what does not.
public struct JSONWriter: Sendable {
  /// What has been written so far.
  public private(set) var bytes: [UInt8]
  /// Spaces per level; 0 writes no whitespace at all.
  public let indent: Int
  private var depth = 0
  private var needsComma = false
  private var afterKey = false

  /// - Parameters:
  ///   - indent: spaces per level; 0 for compact output, 2 or 3 on the monitoring port.
  ///   - capacity: bytes to reserve.
  public init(indent: Int = 0, capacity: Int = 256) {
    self.indent = indent
    self.bytes = []
    bytes.reserveCapacity(capacity)
  }

  /// What has been written, as text.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Makes room for so many bytes more.
  public mutating func reserve(_ count: Int) { bytes.reserveCapacity(bytes.count + count) }

  /// Forgets everything written and keeps the memory.
  public mutating func reset() {
    bytes.removeAll(keepingCapacity: true)
    depth = 0
    needsComma = false
    afterKey = false
  }

  /// Takes what has been written since the last call (for streaming), keeping the writer's place in the document.
  public mutating func take() -> [UInt8] {
    defer { bytes = [] }
    return bytes
  }

  public mutating func beginObject() { open(UInt8(ascii: "{")) }
  public mutating func endObject() { close(UInt8(ascii: "}")) }
  public mutating func beginArray() { open(UInt8(ascii: "[")) }
  public mutating func endArray() { close(UInt8(ascii: "]")) }

  /// An object whose members `body` writes.
  public mutating func object(_ body: (inout JSONWriter) throws -> Void) rethrows {
    beginObject()
    try body(&self)
    endObject()
  }

  /// An array whose elements `body` writes.
  public mutating func array(_ body: (inout JSONWriter) throws -> Void) rethrows {
    beginArray()
    try body(&self)
    endArray()
  }

  /// The name of the member whose value comes next.
  public mutating func key(_ name: StaticString) {
    separate()
    name.withUTF8Buffer { JSONEscaping.append(UnsafeRawBufferPointer($0), to: &bytes) }
    colon()
  }

  /// The name of the member whose value comes next.
  public mutating func key(_ name: String) {
    separate()
    JSONEscaping.append(name, to: &bytes)
    colon()
  }

  public mutating func string(_ value: String) {
    separate()
    JSONEscaping.append(value, to: &bytes)
  }

  public mutating func string(_ value: StaticString) {
    separate()
    value.withUTF8Buffer { JSONEscaping.append(UnsafeRawBufferPointer($0), to: &bytes) }
  }

  /// A string from bytes that need not be valid UTF-8: each invalid byte becomes `\ufffd`.
  public mutating func string(utf8 value: UnsafeRawBufferPointer) {
    separate()
    JSONEscaping.append(value, to: &bytes)
  }

  /// A string from bytes that need not be valid UTF-8: each invalid byte becomes `\ufffd`.
  public mutating func string(utf8 value: some Collection<UInt8>) {
    separate()
    if value.withContiguousStorageIfAvailable({ JSONEscaping.append(UnsafeRawBufferPointer($0), to: &bytes) }) == nil {
      Array(value).withUnsafeBytes { JSONEscaping.append($0, to: &bytes) }
    }
  }

  public mutating func integer(_ value: some FixedWidthInteger) {
    separate()
    DecimalText.append(value, to: &bytes)
  }

  /// Shortest form that reads back the same; a value JSON cannot hold (NaN, infinity) becomes `null`.
  public mutating func double(_ value: Double) {
    separate()
    DecimalText.append(value, to: &bytes)
  }

  public mutating func bool(_ value: Bool) {
    literal(value ? "true" : "false")
  }

  public mutating func null() {
    literal("null")
  }

  private mutating func literal(_ text: StaticString) {
    separate()
    text.withUTF8Buffer { bytes.append(contentsOf: $0) }
  }

  /// A value that is JSON already, byte for byte.
  public mutating func raw(_ value: some Collection<UInt8>) {
    separate()
    bytes.append(contentsOf: value)
  }

  /// A value that is JSON already, byte for byte.
  public mutating func raw(_ value: UnsafeRawBufferPointer) {
    separate()
    bytes.append(contentsOf: value)
  }

  /// A value that is JSON already, laid out again with this writer's indentation.
  public mutating func reindented(_ value: UnsafeRawBufferPointer) {
    separate()
    if indent == 0 {
      JSONIndenter.compact(value, into: &bytes)
    } else {
      JSONIndenter.append(value, indent: indent, level: depth, to: &bytes)
    }
  }

  /// A value that is JSON already, laid out again with this writer's indentation.
  public mutating func reindented(_ value: ArraySlice<UInt8>) {
    value.withUnsafeBytes { reindented($0) }
  }

  private mutating func open(_ byte: UInt8) {
    separate()
    bytes.append(byte)
    depth += 1
    needsComma = false
  }

  private mutating func close(_ byte: UInt8) {
    assert(depth > 0 && !afterKey, "an end without its beginning, or a key without its value")
    depth -= 1
    if needsComma { newLine() }
    bytes.append(byte)
    needsComma = true
  }

  private mutating func colon() {
    bytes.append(UInt8(ascii: ":"))
    if indent > 0 { bytes.append(UInt8(ascii: " ")) }
    afterKey = true
  }

  /// What has to stand before the next key or value.
  private mutating func separate() {
    if afterKey {
      afterKey = false
      needsComma = true
      return
    }
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
    if depth > 0 { newLine() }
  }

  private mutating func newLine() {
    guard indent > 0 else { return }
    bytes.append(UInt8(ascii: "\n"))
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth * indent))
  }
}

extension JSONWriter {
  public mutating func member(_ name: StaticString, _ value: String) {
    key(name)
    string(value)
  }

  public mutating func member(_ name: StaticString, _ value: some FixedWidthInteger) {
    key(name)
    integer(value)
  }

  public mutating func member(_ name: StaticString, _ value: Double) {
    key(name)
    double(value)
  }

  public mutating func member(_ name: StaticString, _ value: Bool) {
    key(name)
    bool(value)
  }

  /// An array of strings.
  public mutating func member(_ name: StaticString, _ values: [String]) {
    key(name)
    array { for value in values { $0.string(value) } }
  }

  /// A value that is JSON already, byte for byte.
  public mutating func member(_ name: StaticString, raw value: some Collection<UInt8>) {
    key(name)
    raw(value)
  }

  /// An object whose members `body` writes.
  public mutating func member(_ name: StaticString, object body: (inout JSONWriter) throws -> Void) rethrows {
    key(name)
    try object(body)
  }

  /// An array whose elements `body` writes.
  public mutating func member(_ name: StaticString, array body: (inout JSONWriter) throws -> Void) rethrows {
    key(name)
    try array(body)
  }

  /// Left out where empty, as Go's `omitempty` does.
  public mutating func member(_ name: StaticString, unlessEmpty value: String) {
    if !value.isEmpty { member(name, value) }
  }

  /// Left out where empty, as Go's `omitempty` does.
  public mutating func member(_ name: StaticString, unlessEmpty values: [String]) {
    if !values.isEmpty { member(name, values) }
  }

  /// Left out where zero, as Go's `omitempty` does.
  public mutating func member(_ name: StaticString, unlessZero value: some FixedWidthInteger) {
    if value != 0 { member(name, value) }
  }

  /// Left out where zero, as Go's `omitempty` does.
  public mutating func member(_ name: StaticString, unlessZero value: Double) {
    if value != 0 { member(name, value) }
  }

  /// Left out where false, as Go's `omitempty` does.
  public mutating func member(_ name: StaticString, ifTrue value: Bool) {
    if value { member(name, value) }
  }
}
