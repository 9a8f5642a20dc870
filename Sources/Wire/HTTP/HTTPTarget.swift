/// Paths and queries of request targets.
public enum HTTPTarget {
  /// The segments of a path that begins with a slash, each percent-decoded once.
  ///
  /// - Throws: 400 for a broken escape, text that is not UTF-8, and the dot segments `.` and `..`.
  public static func segments(of path: ArraySlice<UInt8>) throws(HTTPRequestError) -> [String] {
    guard path.first == UInt8(ascii: "/") else { throw .malformed("the path has to begin with a slash") }
    if path.count == 1 { return [] }
    var segments: [String] = []
    for part in path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      guard let segment = decode(part, plusIsSpace: false) else {
        throw HTTPRequestError(
          .badPath, "the path segment \"\(String(decoding: part, as: UTF8.self))\" is not percent-encoded UTF-8")
      }
      // RFC 3986 section 5.2.4 lets a server resolve them; refusing leaves one spelling for each resource.
      guard segment != ".", segment != ".." else {
        throw HTTPRequestError(.badPath, "a path may not hold the segments \".\" and \"..\"")
      }
      segments.append(segment)
    }
    return segments
  }

  /// Decodes `%hh` once; nil for a broken escape or what is not UTF-8 then.
  public static func decode(_ segment: String) -> String? { decode(Array(segment.utf8)[...], plusIsSpace: false) }

  /// Decodes `%hh` once; nil for a broken escape or text that is not UTF-8.
  static func decode(_ text: ArraySlice<UInt8>, plusIsSpace: Bool) -> String? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var index = text.startIndex
    while index < text.endIndex {
      switch text[index] {
      case UInt8(ascii: "%"):
        guard text.endIndex - index > 2, let high = Hexadecimal.value(text[index + 1]), let low = Hexadecimal.value(text[index + 2])
        else { return nil }
        bytes.append(high << 4 | low)
        index += 3
      case UInt8(ascii: "+") where plusIsSpace:
        bytes.append(UInt8(ascii: " "))
        index += 1
      case let byte:
        bytes.append(byte)
        index += 1
      }
    }
    return String(validating: bytes, as: UTF8.self)
  }

  /// A segment with everything but unreserved characters (RFC 3986 section 2.3) percent-encoded.
  public static func encode(_ segment: String) -> String {
    var bytes: [UInt8] = []
    for byte in segment.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "~"), UInt8(ascii: "$"):
        bytes.append(byte)
      default: bytes.append(contentsOf: "%\(Hexadecimal.encode([byte]))".uppercased().utf8)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// The parameters of a query: names are case-sensitive, and where one repeats the first counts.
public struct HTTPQuery: Sendable, Equatable {
  /// One `name=value`; a part without an equals sign has an empty value.
  public struct Item: Sendable, Equatable {
    public let name: String
    public let value: String
  }

  /// The readable parts in order.
  public private(set) var items: [Item] = []
  /// The parts that are not percent-encoded UTF-8 or hold a semicolon, as they were sent.
  public private(set) var malformed: [String] = []

  /// Reads `a=1&b=2`, without the question mark.
  public init(_ text: ArraySlice<UInt8>) {
    for part in text.split(separator: UInt8(ascii: "&")) {
      let halves = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      let value = halves.count > 1 ? halves[1] : []
      if part.contains(UInt8(ascii: ";")) {
        malformed.append(String(decoding: part, as: UTF8.self))
      } else if let name = HTTPTarget.decode(halves[0], plusIsSpace: true), let value = HTTPTarget.decode(value, plusIsSpace: true) {
        items.append(Item(name: name, value: value))
      } else {
        malformed.append(String(decoding: part, as: UTF8.self))
      }
    }
  }

  /// Reads `a=1&b=2`, without the question mark.
  public init(_ text: String) { self.init(Array(text.utf8)[...]) }

  /// The first value of that name; nil where it is absent.
  public subscript(_ name: String) -> String? { items.first { $0.name == name }?.value }
}
