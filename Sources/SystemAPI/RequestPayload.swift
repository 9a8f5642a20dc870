import Wire

/// Why a request could not be served: the code and sentence of the reply's `error`.
package struct EndpointError: Error, Equatable {
  package let code: Int
  package let text: String

  /// The payload is no JSON or of the wrong types.
  package static func badRequest(_ text: String) -> EndpointError { EndpointError(code: 400, text: text) }
  /// The endpoint refused.
  package static func refused(_ text: String) -> EndpointError { EndpointError(code: 500, text: text) }
}

/// The members that a request may have, with their types in the words of nats-server's decoder.
package struct RequestShape: Sendable {
  package enum Kind: Sendable {
    case string, bool, int, uint64, strings, state, duration

    var typeName: String {
      switch self {
      case .string: "string"
      case .bool: "bool"
      case .int: "int"
      case .uint64: "uint64"
      case .strings: "[]string"
      case .state: "server.ConnState"
      case .duration: "time.Duration"
      }
    }
  }

  package let typeName: String
  package let kinds: [String: Kind]

  /// Every request built on the common envelope may carry the filter's members too.
  static let filter: [String: Kind] = [
    "server_name": .string, "cluster": .string, "host": .string, "exact_match": .bool, "tags": .strings, "domain": .string,
  ]

  package init(_ typeName: String, _ kinds: [String: Kind] = [:]) {
    self.typeName = typeName
    self.kinds = kinds.merging(Self.filter) { own, _ in own }
  }

  /// The members that a row's parameters become.
  ///
  /// - Parameter typeName: The Go type that errors about them name.
  package init(_ typeName: String, _ row: Endpoint) {
    var kinds: [String: Kind] = [:]
    for parameter in row.parameters where !parameter.field.isEmpty {
      switch parameter.kind {
      case .boolean: kinds[parameter.field] = .bool
      case .booleanOrDetail:
        kinds[parameter.field] = .bool
        kinds[parameter.field + "_detail"] = .bool
      case .count, .number, .atMost: kinds[parameter.field] = .int
      case .unsigned: kinds[parameter.field] = .uint64
      case .word: kinds[parameter.field] = .state
      case .duration: kinds[parameter.field] = .duration
      case .list, .words: kinds[parameter.field] = .strings
      case .text, .identifier, .moment, .earlier, .choice: kinds[parameter.field] = .string
      }
    }
    self.init(typeName, kinds)
  }
}

/// The decoded members of a request; what is absent reads as zero.
package struct RequestPayload {
  private var members: [String: JSONView] = [:]

  /// A request without members.
  package init() {}

  /// - Throws: The error 400 that the reply carries.
  package init(_ bytes: UnsafeRawBufferPointer, _ shape: RequestShape) throws(EndpointError) {
    guard !bytes.isEmpty else { return }
    let view: JSONView
    do throws(JSONError) {
      view = try JSONView(validating: Array(bytes))
    } catch {
      throw .badRequest(GoJSONSyntax.fault(in: bytes) ?? error.reason)
    }
    switch view.kind {
    case .object: break
    case .null: return
    default: throw .badRequest("json: cannot unmarshal \(Self.kindName(view)) into Go value of type server.\(shape.typeName)")
    }
    var fault: EndpointError?
    view.forEachMember { name, value in
      let field = shape.kinds[name] == nil ? name.lowercased() : name
      guard let kind = shape.kinds[field], !value.isNull else { return }
      if let problem = Self.mismatch(value, kind, "\(shape.typeName).\(field)") {
        fault = fault ?? problem
      } else {
        members[field] = value
      }
    }
    if let fault { throw fault }
  }

  private static func kindName(_ view: JSONView) -> String {
    switch view.kind {
    case .object: "object"
    case .array: "array"
    case .string: "string"
    case .number: "number"
    case .bool: "bool"
    default: "null"
    }
  }

  private static func mismatch(_ value: JSONView, _ kind: RequestShape.Kind, _ field: String) -> EndpointError? {
    func wrong(_ what: String, _ type: String = kind.typeName) -> EndpointError {
      .badRequest("json: cannot unmarshal \(what) into Go struct field \(field) of type \(type)")
    }
    switch (kind, value.kind) {
    case (.string, .string), (.bool, .bool): return nil
    case (.int, .number), (.state, .number), (.duration, .number): return value.int == nil ? wrong("number \(value.rawText)") : nil
    case (.uint64, .number): return value.uint64 == nil ? wrong("number \(value.rawText)") : nil
    case (.strings, .array):
      let other = value.elements.first { $0.kind != .string && !$0.isNull }
      return other.map { wrong(kindName($0), "string") }
    default: return wrong(kindName(value))
    }
  }

  package func string(_ name: String) -> String { members[name]?.string ?? "" }
  package func bool(_ name: String) -> Bool { members[name]?.bool ?? false }
  package func int(_ name: String) -> Int { members[name]?.int ?? 0 }
  package func uint64(_ name: String) -> UInt64 { members[name]?.uint64 ?? 0 }
  package func strings(_ name: String) -> [String] { members[name]?.elements.map { $0.string ?? "" } ?? [] }
}
