/// Where the parts of a system reply lie in its bytes: `{"server":{…},"data":{…}}`, `{"server":{…},"statsz":{…}}`,
/// or with an `error` beside or instead of the data.
public struct ReplyEnvelope: Sendable {
  public var server: Range<Int>?
  public var data: Range<Int>?
  public var statsz: Range<Int>?
  public var error: Range<Int>?

  /// Finds the parts; nil when the payload is not a JSON object from end to end.
  public init?(_ bytes: UnsafeBufferPointer<UInt8>) {
    var members = JSONMembers(bytes, 0..<bytes.count)
    var seen = 0
    var last = 0
    while let (key, value) = members.next() {
      seen += 1
      last = value.upperBound
      if JSONBytes.equals(bytes, key, "server") {
        server = value
      } else if JSONBytes.equals(bytes, key, "data") {
        data = value
      } else if JSONBytes.equals(bytes, key, "statsz") {
        statsz = value
      } else if JSONBytes.equals(bytes, key, "error") {
        error = value
      }
    }
    guard !members.malformed else { return nil }
    // Whatever follows the closing brace is not part of one reply.
    let start = seen == 0 ? JSONBytes.skipSpace(bytes, 0, bytes.count) + 1 : last
    let brace = JSONBytes.skipSpace(bytes, start, bytes.count)
    guard brace < bytes.count, JSONBytes.skipSpace(bytes, brace + 1, bytes.count) == bytes.count else { return nil }
    if let data, JSONBytes.isNull(bytes, data) { self.data = nil }
  }
}

/// The `error` of a reply.
public struct ReplyError: Sendable, Equatable {
  public let code: Int
  public let description: String

  public init(code: Int, description: String) {
    self.code = code
    self.description = description
  }

  public init?(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
    var code = 0
    var description = ""
    var members = JSONMembers(bytes, range)
    while let (key, value) = members.next() {
      if JSONBytes.equals(bytes, key, "code") {
        code = JSONBytes.integer(bytes, value) ?? 0
      } else if JSONBytes.equals(bytes, key, "description") {
        description = JSONBytes.string(bytes, value) ?? ""
      }
    }
    guard !members.malformed else { return nil }
    self.init(code: code, description: description)
  }
}

/// What a server says about itself in each reply and event.
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

  /// nil when the text is not an object or has no `id`.
  public init?(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
    var members = JSONMembers(bytes, range)
    while let (key, value) = members.next() {
      switch key.count {
      case 2 where JSONBytes.equals(bytes, key, "id"): id = JSONBytes.string(bytes, value) ?? ""
      case 3 where JSONBytes.equals(bytes, key, "ver"): version = JSONBytes.string(bytes, value) ?? ""
      case 4 where JSONBytes.equals(bytes, key, "name"): name = JSONBytes.string(bytes, value) ?? ""
      case 4 where JSONBytes.equals(bytes, key, "host"): host = JSONBytes.string(bytes, value) ?? ""
      case 4 where JSONBytes.equals(bytes, key, "tags"): tags = JSONBytes.strings(bytes, value)
      case 6 where JSONBytes.equals(bytes, key, "domain"): domain = JSONBytes.string(bytes, value) ?? ""
      case 7 where JSONBytes.equals(bytes, key, "cluster"): cluster = JSONBytes.string(bytes, value) ?? ""
      case 9 where JSONBytes.equals(bytes, key, "jetstream"): jetstream = JSONBytes.isTrue(bytes, value)
      default: break
      }
    }
    guard !members.malformed, !id.isEmpty else { return nil }
  }

  /// The `id` alone, as a range of the text between its quotes.
  public static func idRange(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Range<Int>? {
    guard let value = JSONBytes.member("id", bytes, range), value.count > 2, bytes[value.lowerBound] == 0x22 else { return nil }
    return value.lowerBound + 1..<value.upperBound - 1
  }
}
