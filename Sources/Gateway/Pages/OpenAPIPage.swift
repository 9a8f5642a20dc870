import HTTPServer
import SystemAPI
import Wire

/// `/openapi.json`, written from the table that routes the requests.
enum OpenAPIPage {
  static func reply(pages: [GatewayPage]) -> GatewayReply {
    var json = JSONWriter(indent: 1, capacity: 1 << 16)
    json.object { json in
      json.member("openapi", "3.1.0")
      json.objectMember("info") { json in
        json.member("title", "Natsight")
        json.member("version", "1")
        json.member("description", "An HTTP port for a whole NATS deployment")
      }
      json.objectMember("paths") { json in
        for page in pages.sorted(by: { $0.name < $1.name }) { write(page, to: &json) }
        for endpoint in EndpointTable.endpoints {
          for name in [endpoint.name] + endpoint.aliases {
            for scope in scopes { write(endpoint, "\(scope.prefix)/\(name)", scope, to: &json) }
          }
        }
        for endpoint in EndpointTable.accountEndpoints {
          for name in [endpoint.name] + endpoint.aliases {
            for scope in accountScopes { write(endpoint, "\(scope.prefix)/\(name)", scope, to: &json) }
          }
        }
      }
      json.objectMember("components") { json in
        json.objectMember("schemas") { json in
          json.key("Error")
          json.raw(Array(errorSchema.utf8))
          json.key("Gathered")
          json.raw(Array(gatheredSchema.utf8))
        }
      }
    }
    return .json(json.bytes + [0x0A])
  }

  private struct Scope {
    let prefix: String
    let variables: [String]
    let isGathered: Bool
    var isMerged: Bool { prefix.hasSuffix("/merged") }
    var summary: String
  }

  private static let scopes: [Scope] = [
    Scope(prefix: "", variables: [], isGathered: true, summary: "every server"),
    Scope(prefix: "/merged", variables: [], isGathered: false, summary: "every server, as one document"),
    Scope(prefix: "/cluster/{cluster}", variables: ["cluster"], isGathered: true, summary: "the servers of a cluster"),
    Scope(prefix: "/cluster/{cluster}/merged", variables: ["cluster"], isGathered: false, summary: "a cluster, as one document"),
    Scope(prefix: "/server/{server}", variables: ["server"], isGathered: false, summary: "one server"),
    Scope(
      prefix: "/cluster/{cluster}/server/{server}", variables: ["cluster", "server"], isGathered: false, summary: "one server of a cluster"),
  ]

  private static let accountScopes: [Scope] = [
    Scope(prefix: "/account/{account}", variables: ["account"], isGathered: true, summary: "an account on every server"),
    Scope(prefix: "/account/{account}/merged", variables: ["account"], isGathered: false, summary: "an account, as one document"),
  ]

  private static let errorSchema =
    #"{"type":"object","required":["error"],"properties":{"error":{"type":"object","required":["code","reason","description"],"properties":{"code":{"type":"integer"},"reason":{"type":"string"},"description":{"type":"string"}}}}}"#
  private static let gatheredSchema =
    #"{"type":"object","required":["endpoint","subject","now","elapsed","elapsed_seconds","complete","expected","responded","missing","unsupported","servers"],"properties":{"endpoint":{"type":"string"},"subject":{"type":"string"},"now":{"type":"string","format":"date-time"},"elapsed":{"type":"string"},"elapsed_seconds":{"type":"number"},"complete":{"type":["boolean","null"]},"expected":{"type":["integer","null"]},"responded":{"type":"integer"},"missing":{"type":["array","null"],"items":{"type":"object"}},"unsupported":{"type":"array","items":{"type":"object"}},"servers":{"type":"array","items":{"type":"object"}}}}"#

  private static func write(_ page: GatewayPage, to json: inout JSONWriter) {
    json.key("/" + page.name)
    json.object { json in
      json.objectMember("get") { json in
        json.member("summary", page.help)
        json.objectMember("responses") { json in
          json.objectMember("200") { json in json.member("description", page.help) }
        }
      }
    }
  }

  private static func write(_ endpoint: Endpoint, _ path: String, _ scope: Scope, to json: inout JSONWriter) {
    json.key(path)
    json.object { json in
      json.objectMember("get") { json in
        var summary = "\(endpoint.help): \(scope.summary)"
        if let since = endpoint.since.first { summary += " (nats-server \(since) and later)" }
        json.member("summary", summary)
        json.objectMember("parameters") { json in
          for name in scope.variables {
            parameter(name, in: "path", type: "string", "name" + (name == "cluster" ? "" : " or id"), to: &json)
          }
          for item in endpoint.parameters {
            var help = item.help
            if let since = item.since.first { help += " (nats-server \(since) and later)" }
            parameter(item.name, in: "query", type: type(item.kind), help + "; accepted: \(item.accepted)", to: &json)
          }
          if let rows = endpoint.rows, scope.isMerged {
            for name in ["sort", "offset", "limit"] where endpoint.parameter(name) == nil {
              parameter(name, in: "query", type: name == "sort" ? "string" : "integer", help(name, rows), to: &json)
            }
          }
          if endpoint.name == "healthz" { parameter("min", in: "query", type: "integer", "servers that suffice", to: &json) }
          for (name, help) in common where name != "format" || scope.isGathered {
            parameter(name, in: "query", type: "string", help, to: &json)
          }
          if !scope.variables.contains("server") {
            for (name, help) in filters { parameter(name, in: "query", type: "string", help, to: &json) }
          }
        }
        responses(scope, to: &json)
      }
    }
  }

  private static func help(_ name: String, _ rows: Endpoint.Rows) -> String {
    switch name {
    case "sort": "order of the rows: " + rows.sorts.map(\.name).joined(separator: ", ")
    case "offset": "rows to skip"
    default: "most rows on the page"
    }
  }

  private static func responses(_ scope: Scope, to json: inout JSONWriter) {
    json.objectMember("responses") { json in
      json.objectMember("200") { json in
        json.member("description", scope.isGathered ? "one entry for each server" : "the document of a nats-server's monitoring port")
        json.objectMember("content") { json in
          json.key("application/json")
          json.raw(
            Array((scope.isGathered ? ##"{"schema":{"$ref":"#/components/schemas/Gathered"}}"## : #"{"schema":{"type":"object"}}"#).utf8))
        }
      }
      json.objectMember("default") { json in
        json.member("description", "an error")
        json.objectMember("content") { json in
          json.key("application/json")
          json.raw(Array(##"{"schema":{"$ref":"#/components/schemas/Error"}}"##.utf8))
        }
      }
    }
  }

  private static let common: [(String, String)] = [
    ("timeout", "how long the answer may take, such as 500ms"), ("max_age", "an answer this young may be reused, such as 1s"),
    ("require", "complete: an incomplete answer is 504"), ("format", "json, ndjson or html"),
  ]
  private static let filters: [(String, String)] = [
    ("name", "servers whose name contains this"), ("host", "servers whose host contains this"),
    ("cluster", "servers whose cluster contains this"), ("tags", "servers with all of these tags, separated by commas"),
    ("domain", "servers of this JetStream domain"), ("exact", "name, host and cluster have to be equal"),
  ]

  private static func type(_ kind: EndpointParameter.Kind) -> String {
    switch kind {
    case .count, .unsigned: "integer"
    case .boolean: "boolean"
    default: "string"
    }
  }

  private static func parameter(_ name: String, in place: String, type: String, _ help: String, to json: inout JSONWriter) {
    json.object { json in
      json.member("name", name)
      json.member("in", place)
      if place == "path" { json.member("required", true) }
      json.member("description", help)
      json.objectMember("schema") { json in json.member("type", type) }
    }
  }
}
