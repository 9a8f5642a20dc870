/// The header block of a message as it lies in a buffer: `NATS/1.0`, with a status where there is one, then a line for each
/// field, then an empty line. Nothing is copied or decoded until it is asked for; what is handed out points into the buffer.
///
/// Lines end with LF, and a CR before it belongs to the end. A line without a colon is passed over. Blanks and tabs in front of
/// a value do not belong to it.
public struct HeaderBlock {
  private static let version: StaticString = "NATS/1.0"

  public let bytes: UnsafeRawBufferPointer

  /// - Parameter bytes: Has to outlive the block. Any bytes will do: what is no header block has no fields.
  public init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// One line of the block.
  public struct Field {
    public let name: UnsafeRawBufferPointer
    public let value: UnsafeRawBufferPointer
    /// The whole line with its end, within the block.
    let line: Range<Int>

    /// The value as text; invalid UTF-8 becomes U+FFFD.
    public var text: String { String(decoding: value, as: UTF8.self) }

    /// Whether the name is exactly this one, as nats-server looks fields up.
    public func isNamed(exactly name: String) -> Bool {
      self.name.elementsEqual(name.utf8)
    }

    /// Whether the name is this one, letters of ASCII in either case.
    public func isNamed(_ name: String) -> Bool {
      func lower(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }
      return self.name.elementsEqual(name.utf8) { lower($0) == lower($1) }
    }
  }

  /// The fields in order.
  public struct Fields: Sequence, IteratorProtocol {
    private let bytes: UnsafeRawBufferPointer
    private var index: Int

    fileprivate init(_ bytes: UnsafeRawBufferPointer) {
      self.bytes = bytes
      // The first line is the version's.
      index = bytes.lineFeed.map { $0 + 1 } ?? bytes.count
    }

    public mutating func next() -> Field? {
      while index < bytes.count {
        let start = index
        let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
        let length = rest.lineFeed
        index = start + (length.map { $0 + 1 } ?? rest.count)
        let text = HeaderBlock.withoutReturn(UnsafeRawBufferPointer(rebasing: rest[..<(length ?? rest.count)]))
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")) else { continue }
        let value = text[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
        return Field(
          name: UnsafeRawBufferPointer(rebasing: text[..<colon]), value: UnsafeRawBufferPointer(rebasing: value), line: start..<index)
      }
      return nil
    }
  }

  public var fields: Fields { Fields(bytes) }

  /// What stands behind the version in the first line, without blanks around it; nil where the block does not begin with the
  /// version. Servers put a status there: `503`, `404 No Messages`.
  public var status: UnsafeRawBufferPointer? {
    let line = HeaderBlock.withoutReturn(UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.lineFeed ?? bytes.count)]))
    let length = HeaderBlock.version.utf8CodeUnitCount
    guard line.count >= length, HeaderBlock.version.withUTF8Buffer({ line[..<length].elementsEqual($0) }) else { return nil }
    return UnsafeRawBufferPointer(rebasing: line[length...]).trimmed()
  }

  /// The first value under exactly this name.
  public func value(exactly name: String) -> String? { fields.first { $0.isNamed(exactly: name) }?.text }

  /// All values of a name, letters in either case.
  public func values(_ name: String) -> [String] { fields.filter { $0.isNamed(name) }.map(\.text) }

  /// The block without the lines of exactly this name, its closing empty line kept.
  public func removing(exactly name: String) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var kept = 0
    for field in fields where field.isNamed(exactly: name) {
      result.append(contentsOf: bytes[kept..<field.line.lowerBound])
      kept = field.line.upperBound
    }
    result.append(contentsOf: bytes[kept...])
    return result
  }

  /// The block with one line of exactly this name, the last one, in place of those that there are.
  public func setting(exactly name: String, to value: String) -> [UInt8] {
    var result = removing(exactly: name)
    // The closing empty line.
    if result.last == 0x0A { result.removeLast() }
    if result.last == 0x0D { result.removeLast() }
    result += Array("\(name): \(value)\r\n\r\n".utf8)
    return result
  }

  private static func withoutReturn(_ line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    line.last == 0x0D ? UnsafeRawBufferPointer(rebasing: line.dropLast()) : line
  }
}
