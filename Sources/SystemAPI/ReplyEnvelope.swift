import Wire

/// Where the parts of a system reply lie in its bytes: `{"server":{…},"data":{…}}`, `{"server":{…},"statsz":{…}}`,
/// or with an `error` beside or instead of the data. Of repeated parts the first counts.
public struct ReplyEnvelope: Sendable {
  public var server: Range<Int>?
  public var data: Range<Int>?
  public var statsz: Range<Int>?
  public var error: Range<Int>?

  /// Finds the parts; nil when the payload is not JSON from end to end, or no object.
  ///
  /// This is the strict pass: what is spliced into an answer has gone through it.
  public init?(_ bytes: UnsafeBufferPointer<UInt8>) {
    var parts = ReplyEnvelope()
    do throws(JSONError) {
      try JSONScanner.validateObject(UnsafeRawBufferPointer(bytes)) { key, value in
        if parts.server == nil, JSONBytes.equals(bytes, key, "server") {
          parts.server = value
        } else if parts.data == nil, JSONBytes.equals(bytes, key, "data") {
          parts.data = value
        } else if parts.statsz == nil, JSONBytes.equals(bytes, key, "statsz") {
          parts.statsz = value
        } else if parts.error == nil, JSONBytes.equals(bytes, key, "error") {
          parts.error = value
        }
      }
    } catch {
      return nil
    }
    self = parts
    if let data, JSONBytes.isNull(bytes, data) { self.data = nil }
  }

  private init() {}
}

/// The `error` of a reply.
public struct ReplyError: Sendable, Hashable {
  public let code: Int
  public let description: String

  public init(code: Int, description: String) {
    self.code = code
    self.description = description
  }

  /// nil when the text is no object.
  public init?(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
    guard !range.isEmpty, bytes[range.lowerBound] == UInt8(ascii: "{") else { return nil }
    let found = JSONBytes.members(["code", "description"], bytes, range)
    self.init(
      code: found[0].flatMap { JSONBytes.integer(bytes, $0) } ?? 0, description: found[1].flatMap { JSONBytes.string(bytes, $0) } ?? "")
  }
}

/// What a server says about itself in each reply and event. Of repeated members the first counts.
public struct ServerDescription: Sendable, Hashable {
  public var name = ""
  public var host = ""
  public var id = ""
  public var cluster = ""
  public var domain = ""
  public var version = ""
  public var tags: [String] = []
  public var jetstream = false

  public init() {}

  private static let names: [StaticString] = ["id", "name", "host", "cluster", "domain", "ver", "tags", "jetstream"]

  /// nil when the text is not an object or has no `id`.
  ///
  /// - Parameter range: of text that has passed ``ReplyEnvelope`` or another strict pass.
  public init?(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
    let found = JSONBytes.members(ServerDescription.names, bytes, range)
    func text(_ place: Int) -> String { found[place].flatMap { JSONBytes.string(bytes, $0) } ?? "" }
    id = text(0)
    guard !id.isEmpty else { return nil }
    (name, host, cluster, domain, version) = (text(1), text(2), text(3), text(4), text(5))
    tags = found[6].map { JSONBytes.strings(bytes, $0) } ?? []
    jetstream = found[7].map { JSONBytes.isTrue(bytes, $0) } ?? false
  }

  /// What a whole message says, where it is nothing but a description; nil also when it is no JSON.
  public init?(message bytes: UnsafeBufferPointer<UInt8>) {
    guard (try? JSONScanner.validate(UnsafeRawBufferPointer(bytes))) != nil else { return nil }
    self.init(bytes, 0..<bytes.count)
  }

  /// The `id` alone, as a range of the text between its quotes.
  public static func idRange(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Range<Int>? {
    guard let value = JSONBytes.member("id", bytes, range), value.count > 2, bytes[value.lowerBound] == 0x22 else { return nil }
    return value.lowerBound + 1..<value.upperBound - 1
  }

  /// Whether a name stands there twice: readers who take the last would read another server than the one that is meant here.
  public static func isAmbiguous(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
    var seen = 0
    var members = JSONMembers(bytes, range)
    while let (key, _) = members.next() {
      guard let place = place(of: key, in: bytes) else { continue }
      if seen & 1 << place != 0 { return true }
      seen |= 1 << place
    }
    return false
  }

  /// Which of `names` a member's name is. All of them begin with letters of their own.
  private static func place(of key: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    let place: Int
    switch key.isEmpty ? 0 : bytes[key.lowerBound] {
    case UInt8(ascii: "i"): place = 0
    case UInt8(ascii: "n"): place = 1
    case UInt8(ascii: "h"): place = 2
    case UInt8(ascii: "c"): place = 3
    case UInt8(ascii: "d"): place = 4
    case UInt8(ascii: "v"): place = 5
    case UInt8(ascii: "t"): place = 6
    case UInt8(ascii: "j"): place = 7
    case UInt8(ascii: "\\"): return names.indices.first { JSONBytes.equals(bytes, key, names[$0]) }
    default: return nil
    }
    return JSONBytes.equals(bytes, key, names[place]) ? place : nil
  }
}
