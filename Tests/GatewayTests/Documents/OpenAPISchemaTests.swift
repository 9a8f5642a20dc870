import Foundation
import SystemAPI
import TestSupport
import Testing
import Wire

@testable import Gateway

/// The description of the interface takes and refuses what the interface does.
@Suite struct OpenAPISchemaTests {
  private static let values = [
    "true", "false", "1", "0", "t", "F", "TRUE", "yes", "-1", "5", "15", "16", "101", "1.5", "500ms", "0s", "2s", "-1s", "1d", "1y2d",
    "1m30s",
    ".5s", "5.s", "1x", "ms", "abc", "detail", "open", "closed", "any", "cid", "complete", "json", "html", "xml", "cpu", "cpu,mem", "cpu,x",
    "2026-11-20T21:35:18Z", "2026-11-20", "a,b", "x y", "größe", "nats_x", "_", "9x", "a-b",
  ]

  private static let parameters: [EndpointParameter] =
    CommonParameters.request + CommonParameters.filters + [CommonParameters.quorum("min")]
    + (EndpointTable.endpoints + EndpointTable.accountEndpoints).flatMap(\.parameters) + PageTable.all.flatMap(\.parameters)

  @Test func schemasSayWhatIsRead() throws {
    #expect(Self.parameters.count > 100)
    for parameter in Self.parameters {
      var json = JSONWriter()
      OpenAPISchema.define(parameter.kind, to: &json)
      let schema = try #require(try JSONSerialization.jsonObject(with: Data(json.bytes)) as? [String: Any])
      for value in Self.values {
        #expect(accepts(schema, value) == isRead(parameter, value), "\(parameter.name)=\(value): \(json.text)")
      }
    }
  }

  /// Requests made from the document: what its schemas accept is read, and what they do not is refused by the parameter's own sentence.
  @Test func theGatewayAgreesWithItsDescription() throws {
    let gateway = try PlayedSystem.shared.get().open
    let document = try gateway.json("/openapi.json")
    let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
    let client = try RawHTTP(port: gateway.port)
    // The servers judge these: those that are played take any.
    let judgedElsewhere = Set(
      (EndpointTable.endpoints + EndpointTable.accountEndpoints).flatMap(\.parameters).filter { $0.isChoice }.map(\.name))
    var asked = (taken: 0, refused: 0)
    for (index, path) in paths.keys.sorted().enumerated() where !path.hasSuffix("/events") {
      let target = path.replacing("{server}", with: "n1").replacing("{cluster}", with: "c1").replacing("{account}", with: "USERS")
      for parameter in paths[path]?["get"]?["parameters"] as? [[String: Any]] ?? [] {
        let described = try resolved(parameter, in: document)
        guard described["in"] as? String == "query", let name = described["name"] as? String else { continue }
        let schema = try resolved(try #require(described["schema"] as? [String: Any]), in: document)
        let values = Self.values.map { ($0, accepts(schema, $0)) }
        for isAccepted in [true, false] where isAccepted || !judgedElsewhere.contains(name) {
          let fitting = values.filter { $0.1 == isAccepted }.map(\.0)
          guard !fitting.isEmpty else { continue }
          let value = fitting[index % fitting.count]
          let text = value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
          let reply = try client.request("GET", "\(target)?\(name)=\(text)")
          let isRefused = reply.status == 400 && reply.text.contains("parameter '\(name)' has the value")
          #expect(isRefused != isAccepted, "\(target)?\(name)=\(value): \(reply.status) \(reply.text.prefix(200))")
          if isAccepted { asked.taken += 1 } else { asked.refused += 1 }
        }
      }
    }
    #expect(asked.taken > 500 && asked.refused > 200, "\(asked)")
  }

  private func resolved(_ item: [String: Any], in document: [String: Any]) throws -> [String: Any] {
    guard let reference = item["$ref"] as? String else { return item }
    let place = String(reference.dropFirst(2)).replacing("/", with: ".")
    return try #require(Captured.value(document, place) as? [String: Any], "\(reference)")
  }

  /// Every reference leads to a schema that is there.
  @Test func sharedSchemasAreDefined() throws {
    let document = String(decoding: OpenAPIDocument.text(pages: PageTable.all), as: UTF8.self)
    let names = Set(document.matches(of: /"#\/components\/schemas\/(?<name>\w+)"/).map { String($0.name) })
    #expect(names.isSuperset(of: OpenAPISchema.shared.map(\.name)))
    for name in names { #expect(document.contains("\"\(name)\": {"), "\(name)") }
  }

  /// As the gateway reads it. Words that the servers judge are listed as the table knows them.
  private func isRead(_ parameter: EndpointParameter, _ value: String) -> Bool {
    do {
      switch parameter.kind {
      case .choice(let words): return words.contains(value)
      case .moment: _ = try parameter.moment(value, now: .zero)
      default: _ = try parameter.option(value)
      }
      return true
    } catch {
      return false
    }
  }

  /// What of JSON Schema is written, on a parameter's text.
  private func accepts(_ schema: [String: Any], _ value: String) -> Bool {
    if let any = schema["anyOf"] as? [[String: Any]] { return any.contains { accepts($0, value) } }
    switch schema["type"] as? String {
    case "boolean": return value == "true" || value == "false"
    case "integer":
      guard let number = Int(value) else { return false }
      // Above what JSONSerialization gives as an Int there is no bound that a value of the table could reach.
      return number >= (schema["minimum"] as? Int ?? .min) && number <= (schema["maximum"] as? Int ?? .max)
    case "string":
      if let words = schema["enum"] as? [String] { return words.contains(value) }
      if let pattern = schema["pattern"] as? String { return value.range(of: pattern, options: .regularExpression) != nil }
      if schema["format"] as? String == "date-time" { return Timestamp(rfc3339: value) != nil }
      return true
    default: return false
    }
  }
}

extension EndpointParameter {
  fileprivate var isChoice: Bool { if case .choice = kind { true } else { false } }
}
