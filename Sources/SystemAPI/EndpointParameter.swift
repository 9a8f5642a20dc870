import Wire

/// One query parameter of an endpoint: its HTTP name, what values it takes, and the option of the system request it becomes.
public struct EndpointParameter: Sendable {
  public enum Kind: Sendable {
    case boolean
    /// A whole number. Negative numbers become 0: one of them kills a 2.9.10 server with JetStream.
    case count
    case unsigned
    case text
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

  public static func boolean(_ value: String) -> Bool? {
    switch value {
    case "1", "t", "T", "TRUE", "true", "True": true
    case "0", "f", "F", "FALSE", "false", "False": false
    default: nil
    }
  }

  public static let acceptedBooleans = "true, false, 1, 0, t, f"

  /// The option as JSON members without braces, such as `"limit":10`.
  public func option(_ value: String) throws(Refusal) -> String {
    switch kind {
    case .boolean:
      guard let flag = EndpointParameter.boolean(value) else { throw refusal(value) }
      return "\"\(field)\":\(flag)"
    case .count: return "\"\(field)\":\(try count(value))"
    case .unsigned:
      guard let number = UInt64(value), !value.hasPrefix("+") else { throw refusal(value) }
      return "\"\(field)\":\(number)"
    case .text:
      var bytes: [UInt8] = []
      JSONEscaping.append(value, to: &bytes)
      return "\"\(field)\":" + String(decoding: bytes, as: UTF8.self)
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

  public var accepted: String {
    switch kind {
    case .boolean: EndpointParameter.acceptedBooleans
    case .count: "a whole number from 0"
    case .unsigned: "a whole number from 0 to \(UInt64.max)"
    case .text: "any text"
    case .booleanOrDetail: EndpointParameter.acceptedBooleans + ", detail"
    case .word(let words): words.map(\.word).joined(separator: ", ")
    case .choice(let words): words.joined(separator: ", ")
    }
  }

  private func refusal(_ value: String) -> Refusal { Refusal(parameter: name, value: value, accepted: accepted) }
}
