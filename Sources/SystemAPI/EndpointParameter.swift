import Wire

/// One query parameter of an endpoint: its HTTP name, what values it takes, and the option of the system request it becomes.
public struct EndpointParameter: Sendable {
  public enum Kind: Sendable {
    case boolean
    /// A whole number. Negative numbers become 0: one of them kills a 2.9.10 server with JetStream.
    case count
    case unsigned
    case text
    /// A letter or underscore, then letters, digits and underscores: the beginning of a metric's name.
    case identifier
    /// A length of time, such as `500ms`.
    case duration(aboveZero: Bool = false)
    /// A time in RFC 3339, or how long ago it was, such as `15m`.
    case moment
    /// An earlier moment: a time in RFC 3339, how long ago it was, such as `-2h`, or the number of a recorded epoch.
    case earlier
    /// Words, separated by commas.
    case list
    /// Words of these, separated by commas.
    case words([String])
    /// A whole number within these bounds; others are refused.
    case number(ClosedRange<Int>)
    /// A whole number from 0; larger ones count as this one.
    case atMost(Int)
    /// A boolean, or `detail`, which sets the option's `_detail` twin.
    case booleanOrDetail
    /// A word, in any letter case, and the JSON text it becomes.
    case word([(word: String, json: String)])
    /// A word as written.
    case choice([String])
  }

  public let name: String
  public let field: String
  public let kind: Kind
  public let since: [ServerVersion]
  public let help: String

  public init(_ name: String, _ field: String? = nil, _ kind: Kind, since: [ServerVersion] = [], _ help: String) {
    self.name = name
    self.field = field ?? name
    self.kind = kind
    self.since = since
    self.help = help
  }

  /// A value that could not be read: what was given and what is accepted.
  public struct Refusal: Error, Equatable {
    public let parameter: String
    public let value: String
    public let accepted: String
    public init(parameter: String, value: String, accepted: String) {
      self.parameter = parameter
      self.value = value
      self.accepted = accepted
    }
    public var sentence: String { "parameter '\(parameter)' has the value \"\(value)\"; accepted: \(accepted)" }
  }

  /// Largest `offset` and `limit` sent to a server: their sum must not overflow in old ones.
  public static let countLimit = 1 << 31

  /// Every way to write a boolean.
  public static let booleans: [(text: String, value: Bool)] =
    ["true", "1", "t", "T", "TRUE", "True"].map { ($0, true) } + ["false", "0", "f", "F", "FALSE", "False"].map { ($0, false) }

  public static func boolean(_ value: String) -> Bool? { booleans.first { $0.text == value }?.value }

  public static let acceptedBooleans = "true, false, 1, 0, t, f"

  /// The option as JSON members without braces, such as `"limit":10`.
  public func option(_ value: String) throws(Refusal) -> String {
    switch kind {
    case .boolean:
      guard let flag = EndpointParameter.boolean(value) else { throw refusal(value) }
      return "\"\(field)\":\(flag)"
    case .count: return "\"\(field)\":\(try count(value))"
    case .unsigned: return "\"\(field)\":\(try unsigned(value))"
    case .identifier: return "\"\(field)\":\"\(try identifier(value))\""
    case .text, .moment, .earlier:
      if case .earlier = kind { _ = try earlier(value) }
      var bytes: [UInt8] = []
      JSONEscaping.append(value, to: &bytes)
      return "\"\(field)\":" + String(decoding: bytes, as: UTF8.self)
    case .list, .words:
      let words = try words(value)
      var bytes = [UInt8(ascii: "[")]
      for (index, word) in words.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        JSONEscaping.append(word, to: &bytes)
      }
      return "\"\(field)\":" + String(decoding: bytes, as: UTF8.self) + "]"
    case .duration: return "\"\(field)\":\(try duration(value))"
    case .number, .atMost: return "\"\(field)\":\(try number(value))"
    case .booleanOrDetail:
      if value.lowercased() == "detail" { return "\"\(field)_detail\":true" }
      guard let flag = EndpointParameter.boolean(value) else { throw refusal(value) }
      return "\"\(field)\":\(flag)"
    case .word(let words):
      guard let match = words.first(where: { $0.word == value.lowercased() }) else { throw refusal(value) }
      return "\"\(field)\":\(match.json)"
    case .choice:
      // The server's own sentence says what it knows; newer servers may know more than this table.
      var bytes: [UInt8] = []
      JSONEscaping.append(value, to: &bytes)
      return "\"\(field)\":" + String(decoding: bytes, as: UTF8.self)
    }
  }

  /// A `count` value, clamped to `0...countLimit`.
  public func count(_ value: String) throws(Refusal) -> Int {
    guard let number = Int(value) else { throw refusal(value) }
    return Swift.max(0, Swift.min(number, EndpointParameter.countLimit))
  }

  /// An `unsigned` value.
  public func unsigned(_ value: String) throws(Refusal) -> UInt64 {
    guard let number = UInt64(value), !value.hasPrefix("+") else { throw refusal(value) }
    return number
  }

  /// An `identifier` value: 64 letters at most.
  public func identifier(_ value: String) throws(Refusal) -> String {
    let fits = value.utf8.allSatisfy { $0 == 0x5F || (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) }
    guard fits, let first = value.utf8.first, !(0x30...0x39).contains(first), value.utf8.count <= 64 else { throw refusal(value) }
    return value
  }

  /// A `number` or `atMost` value.
  public func number(_ value: String) throws(Refusal) -> Int {
    guard let number = Int(value) else { throw refusal(value) }
    switch kind {
    case .number(let range) where range.contains(number): return number
    case .atMost(let most) where number >= 0: return Swift.min(number, most)
    default: throw refusal(value)
    }
  }

  /// A `list` or `words` value. The refusal names the one word that is none of them.
  public func words(_ value: String) throws(Refusal) -> [String] {
    let found = value.split(separator: ",").map(String.init)
    if case .words(let known) = kind, let other = found.first(where: { !known.contains($0) }) { throw refusal(other) }
    return found
  }

  /// A `duration` value in nanoseconds.
  public func duration(_ value: String) throws(Refusal) -> Int64 {
    guard case .duration(let aboveZero) = kind, let nanoseconds = DurationText.parse(value), nanoseconds >= (aboveZero ? 1 : 0) else {
      throw refusal(value)
    }
    return nanoseconds
  }

  /// A `moment` value.
  public func moment(_ value: String, now: Timestamp) throws(Refusal) -> Timestamp {
    if let time = Timestamp(rfc3339: value) { return time }
    if let ago = DurationText.parseUptime(value), ago >= 0 { return now - Span(nanoseconds: ago) }
    throw refusal(value)
  }

  /// An `earlier` value.
  public func earlier(_ value: String) throws(Refusal) -> EarlierMoment {
    guard let moment = EarlierMoment(value) else { throw refusal(value) }
    return moment
  }

  public var accepted: String {
    switch kind {
    case .boolean: EndpointParameter.acceptedBooleans
    case .count: "a whole number from 0"
    case .unsigned: "a whole number from 0 to \(UInt64.max)"
    case .text: "any text"
    case .identifier: "a letter or underscore, then letters, digits and underscores, 64 at most"
    case .duration(let aboveZero): aboveZero ? "a duration above zero, such as 500ms or 2s" : "a duration such as 500ms, 2s or 1m30s"
    case .moment: "a duration such as 15m or 24h, or a time such as 2026-11-20T21:35:18Z"
    case .earlier: "a time such as 2026-11-20T21:35:18Z, how long ago such as -2h, or the number of an epoch"
    case .list: "words, separated by commas"
    case .words(let words): words.joined(separator: ", ")
    case .number(1...Int.max): "a whole number above zero"
    case .number(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .atMost(let most): "a whole number from 0 to \(most)"
    case .booleanOrDetail: EndpointParameter.acceptedBooleans + ", detail"
    case .word(let words): words.map(\.word).joined(separator: ", ")
    case .choice(let words): words.joined(separator: ", ")
    }
  }

  private func refusal(_ value: String) -> Refusal { Refusal(parameter: name, value: value, accepted: accepted) }
}
