import SystemAPI
import Wire

/// The interface as OpenAPI 3.1, written from the table that routes the requests.
struct OpenAPIDocument {
  private var json = JSONWriter(indent: 1, capacity: 1 << 18)

  /// - Parameter pages: the pages that are registered, in any order.
  static func text(pages: [PageDescription]) -> [UInt8] {
    var document = OpenAPIDocument()
    document.write(pages.sorted { $0.name < $1.name })
    return document.json.bytes + [0x0A]
  }

  private mutating func write(_ pages: [PageDescription]) {
    json.beginObject()
    json.member("openapi", "3.1.0")
    writeInformation()
    json.key("paths")
    json.beginObject()
    for page in pages { write(page) }
    for endpoint in EndpointTable.endpoints { for scope in OpenAPIScope.servers { write(endpoint, scope) } }
    for endpoint in EndpointTable.accountEndpoints { for scope in OpenAPIScope.accounts { write(endpoint, scope) } }
    json.endObject()
    json.key("components")
    OpenAPIComponents.write(to: &json)
    json.endObject()
  }

  private mutating func writeInformation() {
    json.key("info")
    json.beginObject()
    json.member("title", "Natsight")
    json.member("version", "1")
    json.member("summary", "An HTTP port for a whole NATS deployment")
    json.member(
      "description",
      "A path says which servers and which endpoint; the query says which part of the answer. "
        + "One server's path answers as that server's own monitoring port; a merged path as one server that is the whole scope; "
        + "all others with one entry for each server, and with what is missing.")
    json.endObject()
  }

  // MARK: Pages

  private mutating func write(_ page: PageDescription) {
    let places: [(PageDescription.Scopes, OpenAPIScope)] = [
      (.system, OpenAPIScope.servers[0]), (.cluster, OpenAPIScope.servers[2]), (.server, OpenAPIScope.servers[4]),
      (.account, OpenAPIScope.accounts[0]),
    ]
    for (place, scope) in places where page.scopes.contains(place) {
      json.key(scope.prefix + "/" + page.name)
      json.beginObject()
      json.key("get")
      json.beginObject()
      json.member("operationId", identifier(page.name.isEmpty ? "index" : page.name, scope))
      json.member("summary", scope.prefix.isEmpty ? page.help : "\(page.help): \(scope.summary)")
      writeParameters { document in
        for name in scope.variables { document.pathParameter(name) }
        for parameter in page.parameters { document.write(parameter, scope) }
      }
      json.key("responses")
      json.beginObject()
      json.key("200")
      json.beginObject()
      json.member("description", page.help)
      json.endObject()
      reference("default", "responses", "Error")
      json.endObject()
      json.endObject()
      json.endObject()
    }
  }

  // MARK: Endpoints

  private mutating func write(_ endpoint: Endpoint, _ scope: OpenAPIScope) {
    for name in [endpoint.name] + endpoint.aliases {
      json.key("\(scope.prefix)/\(name)")
      json.beginObject()
      json.key("get")
      json.beginObject()
      json.member("operationId", identifier(name, scope))
      json.member("summary", "\(endpoint.help): \(scope.summary)")
      if !endpoint.since.isEmpty { json.member("description", "Servers have this \(OpenAPIDocument.since(endpoint.since)).") }
      json.member("tags", [endpoint.name])
      writeParameters { $0.parameters(endpoint, scope) }
      writeResponses(endpoint, scope)
      json.endObject()
      json.endObject()
    }
  }

  /// Unique in the document: `merged_cluster_connz`.
  private func identifier(_ name: String, _ scope: OpenAPIScope) -> String {
    let plain = name.map { $0.isLetter || $0.isNumber ? $0 : "_" }
    return ([scope.identifier, String(plain)].filter { !$0.isEmpty }).joined(separator: "_")
  }

  private mutating func writeParameters(_ body: (inout OpenAPIDocument) -> Void) {
    json.key("parameters")
    json.beginArray()
    body(&self)
    json.endArray()
  }

  private mutating func parameters(_ endpoint: Endpoint, _ scope: OpenAPIScope) {
    for name in scope.variables { pathParameter(name) }
    var written: Set<String> = []
    for parameter in endpoint.parameters where written.insert(parameter.name).inserted { write(parameter, scope) }
    if scope.isMerged, let rows = endpoint.rows {
      let sorts = rows.sorts.map(\.name)
      if written.insert("sort").inserted { write(EndpointParameter("sort", nil, .choice(sorts), "order of the rows"), scope) }
      if written.insert("offset").inserted { write(EndpointParameter("offset", nil, .count, "rows to skip"), scope) }
      if written.insert("limit").inserted { write(EndpointParameter("limit", nil, .count, "most rows on the page"), scope) }
    }
    if let quorum = endpoint.quorum, scope.isGathered { write(CommonParameters.quorum(quorum), scope) }
    var shared = CommonParameters.request.filter { scope.isGathered || $0.name != CommonParameters.format.name }
    if !scope.isServer { shared += CommonParameters.filters }
    for parameter in shared where !written.contains(parameter.name) { item("parameters", parameter.name) }
  }

  private mutating func pathParameter(_ name: String) { item("parameters", "path_" + name) }

  private mutating func write(_ parameter: EndpointParameter, _ scope: OpenAPIScope) {
    json.beginObject()
    json.member("name", parameter.name)
    json.member("in", "query")
    var help = parameter.help
    if parameter.name == "cid", scope.isMerged { help += ", by the cid of a merged row" }
    if !parameter.since.isEmpty { help += "; servers have it \(OpenAPIDocument.since(parameter.since))" }
    json.member("description", "\(help). Accepted: \(parameter.accepted).")
    json.key("schema")
    OpenAPISchema.write(parameter.kind, to: &json)
    json.endObject()
  }

  /// `from 2.11.11 in the 2.11 line, from 2.12.2`.
  static func since(_ versions: [ServerVersion]) -> String {
    versions.enumerated().map { place, version in
      place == versions.count - 1 ? "from \(version)" : "from \(version) in the \(version.major).\(version.minor) line"
    }.joined(separator: ", ")
  }

  // MARK: Responses

  private mutating func writeResponses(_ endpoint: Endpoint, _ scope: OpenAPIScope) {
    json.key("responses")
    json.beginObject()
    json.key("200")
    writeSuccess(scope)
    if endpoint.isHealth {
      json.key("503")
      writeSuccess(scope)
    }
    for (code, name) in OpenAPIComponents.errors(scope) where code != "503" || !endpoint.isHealth {
      reference(code, "responses", name)
    }
    json.endObject()
  }

  private mutating func writeSuccess(_ scope: OpenAPIScope) {
    json.beginObject()
    json.member(
      "description", scope.isGathered ? "one entry for each server, and who is missing" : "the document of a nats-server's monitoring port")
    json.key("headers")
    json.beginObject()
    for field in AnswerField.aboutServers {
      reference(field.rawValue, "headers", field.rawValue)
    }
    json.endObject()
    json.key("content")
    json.beginObject()
    json.key("application/json")
    json.beginObject()
    reference("schema", "schemas", scope.isGathered ? "Gathered" : "Document")
    json.endObject()
    if scope.isGathered {
      json.key("application/x-ndjson")
      json.beginObject()
      reference("schema", "schemas", "Line")
      json.endObject()
    }
    json.endObject()
    json.endObject()
  }

  private mutating func reference(_ key: String, _ kind: String, _ name: String) {
    json.key(key)
    item(kind, name)
  }

  private mutating func item(_ kind: String, _ name: String) {
    json.beginObject()
    json.member("$ref", "#/components/\(kind)/\(name)")
    json.endObject()
  }
}
