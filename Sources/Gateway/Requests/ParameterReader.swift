import HTTPServer
import Reactor
import SystemAPI
import Wire

/// Reads the values of described parameters from a query. A value that cannot be read is refused with the parameter's own sentence.
struct ParameterReader {
  let query: HTTPQuery

  init(_ query: HTTPQuery) { self.query = query }

  /// The first value of a name; nil where it is not given. An empty one counts as not given.
  func value(_ name: String) -> String? {
    guard let value = query[name], !value.isEmpty else { return nil }
    return value
  }

  func value(_ parameter: EndpointParameter) -> String? { value(parameter.name) }

  /// The text, empty where it is not given.
  func text(_ parameter: EndpointParameter) -> String { value(parameter) ?? "" }

  /// Bytes of a part of a name that is looked for in many rows: each is held against each place of each row.
  static let longestSought = 200

  /// A part of a name that is looked for; empty where it is not given.
  func sought(_ parameter: EndpointParameter) throws(Refusal) -> String {
    let text = text(parameter)
    guard text.utf8.count <= ParameterReader.longestSought else {
      throw Refusal(
        .badParameter, "parameter '\(parameter.name)' has \(text.utf8.count) bytes; accepted: up to \(ParameterReader.longestSought)")
    }
    return text
  }

  /// The words of a `list` or of `words`.
  func words(_ parameter: EndpointParameter) throws(Refusal) -> [String] {
    try read(parameter) { value throws(EndpointParameter.Refusal) in try parameter.words(value) } ?? []
  }

  /// An `identifier` value.
  func identifier(_ parameter: EndpointParameter) throws(Refusal) -> String? {
    try read(parameter) { value throws(EndpointParameter.Refusal) in try parameter.identifier(value) }
  }

  /// An `unsigned` value.
  func unsigned(_ parameter: EndpointParameter) throws(Refusal) -> UInt64? {
    try read(parameter) { value throws(EndpointParameter.Refusal) in try parameter.unsigned(value) }
  }

  func flag(_ parameter: EndpointParameter) throws(Refusal) -> Bool? {
    guard let value = value(parameter) else { return nil }
    guard let flag = EndpointParameter.boolean(value) else { throw ParameterReader.refusal(parameter, value) }
    return flag
  }

  /// A `number` or `atMost` value.
  func number(_ parameter: EndpointParameter) throws(Refusal) -> Int? {
    try read(parameter) { value throws(EndpointParameter.Refusal) in try parameter.number(value) }
  }

  /// A `duration` value.
  func duration(_ parameter: EndpointParameter) throws(Refusal) -> Span? {
    try read(parameter) { value throws(EndpointParameter.Refusal) in Span(nanoseconds: try parameter.duration(value)) }
  }

  /// A `choice` value, as what its words stand for.
  func choice<Choice: RawRepresentable<String>>(_ parameter: EndpointParameter, of: Choice.Type) throws(Refusal) -> Choice? {
    guard let word = value(parameter) else { return nil }
    guard let known = Choice(rawValue: word) else { throw ParameterReader.refusal(parameter, word) }
    return known
  }

  /// A `moment` value.
  func moment(_ parameter: EndpointParameter, now: Timestamp) throws(Refusal) -> Timestamp? {
    try read(parameter) { value throws(EndpointParameter.Refusal) in try parameter.moment(value, now: now) }
  }

  /// An `earlier` value.
  func earlier(_ parameter: EndpointParameter) throws(Refusal) -> EarlierMoment? {
    try read(parameter) { value throws(EndpointParameter.Refusal) in try parameter.earlier(value) }
  }

  /// The option of a system request that the value becomes.
  func option(_ parameter: EndpointParameter) throws(Refusal) -> String? {
    try read(parameter) { value throws(EndpointParameter.Refusal) in try parameter.option(value) }
  }

  private func read<Value>(
    _ parameter: EndpointParameter, _ body: (String) throws(EndpointParameter.Refusal) -> Value
  ) throws(Refusal) -> Value? {
    guard let value = value(parameter) else { return nil }
    do throws(EndpointParameter.Refusal) {
      return try body(value)
    } catch {
      throw Refusal(.badParameter, error.sentence)
    }
  }

  /// The names that `known` does not hold, each once, and the parts of the query that have none.
  func ignored(known: (String) -> Bool) -> [String] {
    var seen: Set<String> = []
    return query.items.map(\.name).filter { seen.insert($0).inserted && !known($0) } + query.malformed
  }

  /// - Parameter accepted: What is accepted here, where that is not what the parameter says of itself.
  static func refusal(_ parameter: EndpointParameter, _ value: String, accepted: String? = nil) -> Refusal {
    .badParameter(parameter.name, value, accepted: accepted ?? parameter.accepted)
  }
}
