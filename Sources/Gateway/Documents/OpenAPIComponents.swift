import HTTPServer
import SystemAPI
import Wire

/// What the operations share: parameters, headers, shapes, errors.
enum OpenAPIComponents {
  /// The statuses of the gateway's problems, each with its problems, in order. What HTTP itself refuses is `default`.
  private static let errors: [(status: Int, problems: [GatewayProblem])] =
    Set(GatewayProblem.allCases.map(\.status)).sorted().map { status in
      (status, GatewayProblem.allCases.filter { $0.status == status })
    }

  /// The errors of operations in this scope: status and component. Only a single server's name can be ambiguous.
  static func errors(_ scope: OpenAPIScope) -> [(code: String, name: String)] {
    errors.map(\.status).filter { scope.isServer || $0 != GatewayProblem.ambiguousServer.status }.map { ("\($0)", "Error\($0)") }
      + [("default", "Error")]
  }

  private static let variables: [(name: String, help: String)] = [
    ("server", "a server's name or id"), ("cluster", "a cluster's name"), ("account", "an account's id or name"),
  ]

  static func write(to json: inout JSONWriter) {
    json.object { json in
      json.objectMember("schemas") { json in
        for (name, schema) in schemas {
          json.key(name)
          json.reindented(Array(schema.utf8)[...])
        }
        for (name, kind) in OpenAPISchema.shared {
          json.key(name)
          OpenAPISchema.define(kind, to: &json)
        }
      }
      json.objectMember("parameters") { json in
        for variable in variables { write(variable, to: &json) }
        for parameter in CommonParameters.request + CommonParameters.filters { write(parameter, to: &json) }
      }
      json.objectMember("headers") { json in
        for field in AnswerField.aboutServers {
          json.key(field.rawValue)
          json.object { json in
            json.member("description", field.meaning)
            json.objectMember("schema") { $0.member("type", "string") }
          }
        }
      }
      json.objectMember("responses") { json in
        error("Error", "an error", to: &json)
        for (status, problems) in errors {
          error("Error\(status)", problems.map { "`\($0.reason)`: \($0.meaning)" }.joined(separator: "\n\n"), to: &json)
        }
      }
    }
  }

  private static func write(_ variable: (name: String, help: String), to json: inout JSONWriter) {
    json.key("path_" + variable.name)
    json.object { json in
      json.member("name", variable.name)
      json.member("in", "path")
      json.member("required", true)
      json.member("description", variable.help)
      json.objectMember("schema") { $0.member("type", "string") }
    }
  }

  private static func write(_ parameter: EndpointParameter, to json: inout JSONWriter) {
    json.key(parameter.name)
    json.object { json in
      json.member("name", parameter.name)
      json.member("in", "query")
      json.member("description", "\(parameter.help). Accepted: \(parameter.accepted).")
      json.key("schema")
      OpenAPISchema.write(parameter.kind, to: &json)
    }
  }

  private static func error(_ name: String, _ description: String, to json: inout JSONWriter) {
    json.key(name)
    json.object { json in
      json.member("description", description)
      json.objectMember("content") { json in
        json.objectMember("application/json") { json in json.objectMember("schema") { $0.member("$ref", "#/components/schemas/Error") } }
      }
    }
  }

  private static let schemas: [(String, String)] = [
    ("Document", #"{"type":"object","description":"fields, types and order as the nats-server documents them"}"#),
    (
      "Error",
      #"""
      {"type":"object","required":["error"],"properties":{"error":{"type":"object","required":["code","reason","description"],
      "properties":{"code":{"type":"integer"},"reason":{"type":"string"},"description":{"type":"string"}}}}}
      """#
    ),
    (
      "Server",
      #"""
      {"type":"object","required":["server"],"properties":{
      "server":{"type":"object","description":"as the server describes itself","required":["name","id"],
      "properties":{"name":{"type":"string"},"id":{"type":"string"},"cluster":{"type":"string"},"ver":{"type":"string"}}},
      "rtt":{"type":"string","description":"from the question to the reply; replies that arrive together are taken as one moment"},
      "rtt_seconds":{"type":"number"},
      "data":{"description":"the server's document"},
      "error":{"type":"object","properties":{"code":{"type":"integer"},"description":{"type":"string"}}}}}
      """#
    ),
    (
      "Missing",
      #"""
      {"type":"object","required":["code"],"properties":{"id":{"type":"string"},"name":{"type":"string"},"cluster":{"type":"string"},
      "last_seen":{"type":"string","format":"date-time"},
      "code":{"type":"string","enum":["timeout","slow","suspect","unreachable","too_large","unknown_server"]},
      "reason":{"type":"string"},"count":{"type":"integer"}}}
      """#
    ),
    (
      "Completeness",
      ##"""
      {"type":"object","required":["complete","expected","responded","missing","unsupported"],"properties":{
      "complete":{"type":["boolean","null"]},"expected":{"type":["integer","null"]},"responded":{"type":"integer"},
      "missing":{"type":["array","null"],"items":{"$ref":"#/components/schemas/Missing"}},
      "unsupported":{"type":"array","items":{"type":"object","required":["name","version","reason"],
      "properties":{"name":{"type":"string"},"version":{"type":"string"},"reason":{"type":"string"}}}}}}
      """##
    ),
    (
      "Gathered",
      ##"""
      {"allOf":[{"$ref":"#/components/schemas/Completeness"},{"type":"object",
      "required":["endpoint","subject","now","elapsed","elapsed_seconds","servers"],"properties":{
      "endpoint":{"type":"string"},"subject":{"type":"string"},"now":{"type":"string","format":"date-time"},
      "elapsed":{"type":"string"},"elapsed_seconds":{"type":"number"},
      "servers":{"type":"array","items":{"$ref":"#/components/schemas/Server"}}}}]}
      """##
    ),
    (
      "Line",
      ##"""
      {"description":"one server, or at the end the summary; a stream without it was cut short",
      "oneOf":[{"$ref":"#/components/schemas/Server"},
      {"type":"object","required":["summary"],"properties":{"summary":{"$ref":"#/components/schemas/Completeness"}}}]}
      """##
    ),
  ]
}
