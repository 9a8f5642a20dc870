import Wire

/// What the operations share: parameters, headers, shapes, errors.
enum OpenAPIComponents {
  /// The errors of operations in this scope: status and component.
  static func errors(_ scope: OpenAPIScope) -> [(code: String, name: String)] {
    var codes = ["400", "401", "403", "404", "429", "501", "502", "503", "504"]
    if scope.isServer { codes.insert("409", at: 4) }
    return codes.map { ($0, "Error" + $0) } + [("default", "Error")]
  }

  private static let errorTexts: [(code: String, description: String)] = [
    ("400", "a parameter or a path segment is wrong, or every server refused"), ("401", "no valid credentials"),
    ("403", "these credentials may not read this path"), ("404", "unknown endpoint, server, cluster or account"),
    ("409", "more than one live server bears this name; the body lists them"), ("429", "over the request budget"),
    ("501", "no server in scope has the endpoint"), ("502", "the server's reply could not be understood"),
    ("503", "not connected, not in the system account, or the server is going"),
    ("504", "nobody answered in time, or the answer is incomplete"),
  ]

  private static let parameters: [(key: String, name: String, type: String, help: String)] = [
    ("timeout", "timeout", "string", "how long the answer may take, such as 500ms; default 2s"),
    ("max_age", "max_age", "string", "an answer this young may be reused, such as 1s; default 0"),
    ("require", "require", "string", "'complete': an incomplete answer is 504, with the same body"),
    ("format", "format", "string", "json, ndjson (one server a line, as they answer) or html"),
    ("name", "name", "string", "only servers whose name contains this"),
    ("host", "host", "string", "only servers whose host contains this"),
    ("cluster_filter", "cluster", "string", "only servers whose cluster contains this"),
    ("tags", "tags", "string", "only servers with all of these tags, separated by commas"),
    ("domain", "domain", "string", "only servers of this JetStream domain"),
    ("exact", "exact", "boolean", "name, host and cluster have to be equal instead of contained"),
  ]

  private static let variables: [(name: String, help: String)] = [
    ("server", "a server's name or id"), ("cluster", "a cluster's name"), ("account", "an account's id or name"),
  ]

  private static let headers: [(name: String, help: String)] = [
    ("Natsight-Complete", "true, false or unknown: whether every expected server answered"),
    ("Natsight-Responded", "how many of the expected servers answered, such as 5/6"),
    ("Natsight-Missing", "the names of those that did not"),
    ("Natsight-Ignored", "parameters that no endpoint knows"),
  ]

  static func write(to json: inout JSONWriter) {
    json.object { json in
      json.objectMember("schemas") { json in
        for (name, schema) in schemas {
          json.key(name)
          json.reindented(Array(schema.utf8)[...])
        }
      }
      json.objectMember("parameters") { json in
        for variable in variables { write("path_" + variable.name, variable.name, "path", "string", variable.help, to: &json) }
        for item in parameters { write(item.key, item.name, "query", item.type, item.help, to: &json) }
      }
      json.objectMember("headers") { json in
        for header in headers {
          json.key(header.name)
          json.object { json in
            json.member("description", header.help)
            json.objectMember("schema") { $0.member("type", "string") }
          }
        }
      }
      json.objectMember("responses") { json in
        error("Error", "an error", to: &json)
        for (code, description) in errorTexts { error("Error" + code, description, to: &json) }
      }
    }
  }

  private static func write(_ key: String, _ name: String, _ place: String, _ type: String, _ help: String, to json: inout JSONWriter) {
    json.key(key)
    json.object { json in
      json.member("name", name)
      json.member("in", place)
      if place == "path" { json.member("required", true) }
      json.member("description", help)
      json.objectMember("schema") { json in
        json.member("type", type)
        if name == "require" { json.member("enum", ["complete"]) }
        if name == "format" { json.member("enum", ["json", "ndjson", "html"]) }
      }
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
      "rtt":{"type":"string"},"rtt_seconds":{"type":"number"},
      "data":{"description":"the server's document"},
      "error":{"type":"object","properties":{"code":{"type":"integer"},"description":{"type":"string"}}}}}
      """#
    ),
    (
      "Missing",
      #"""
      {"type":"object","required":["code"],"properties":{"id":{"type":"string"},"name":{"type":"string"},"cluster":{"type":"string"},
      "last_seen":{"type":"string","format":"date-time"},
      "code":{"type":"string","enum":["timeout","slow","suspect","unreachable","unknown_server"]},
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
