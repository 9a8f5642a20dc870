import SystemAPI

/// `docs/paths.md`: endpoints with their parameters, and the gateway's own pages, written from the tables that route the requests.
public enum PathReference {
  private static let introduction = """
    # Paths

    ```
    GET [scope] [/merged] /endpoint
    ```

    A path says which servers and which endpoint; the query says which part of the answer.

    | scope | asks | answer |
    |---|---|---|
    | *(none)* | every server | one entry for each server, with who is missing (docs/completeness.md) |
    | `/cluster/<name>` | the servers of one cluster | the same |
    | `/account/<id or name>` | one account on every server | the same |
    | `/server/<id or name>` | one server | the document that its own monitoring port gives |
    | `/cluster/<name>/server/<name>` | one server, where a name repeats across clusters | the same |
    | any of several servers, and `/merged` | the same servers | one document, as if they were one server; `/fields` has the rule of each field |

    A parameter that a path does not know is ignored, and named in `Natsight-Ignored`. A value that cannot be read is 400 (docs/errors.md).
    `/openapi.json` has all of this for programs.

    """

  /// Markdown: what is common, then one section for each endpoint and page.
  public static func markdown() -> String {
    var text = introduction
    text += "\n## Every endpoint\n\n" + parameters(CommonParameters.request)
    text += "\nWherever several servers are asked:\n\n" + parameters(CommonParameters.filters)
    text += "\n## Endpoints\n"
    for endpoint in EndpointTable.endpoints { text += section("/" + endpoint.name, endpoint) }
    text += "\n## Under `/account/<id or name>`\n"
    for endpoint in EndpointTable.accountEndpoints { text += section("/account/…/" + endpoint.name, endpoint) }
    text += "\n## The gateway's own pages\n\n"
    var table = MarkdownTable("path", "also under", "what")
    for page in PageTable.all { table.add("`/\(page.name)\(page.takesMore ? "/…" : "")`", scopes(page.scopes), page.help) }
    text += table.text
    for page in PageTable.all {
      let own = page.parameters.filter { $0.name != PageDescription.format.name }
      if !own.isEmpty { text += "\n### `/\(page.name)`\n\n" + parameters(own) }
    }
    text += "\nPages that have a view for browsers take `format=json` and `format=html`: "
    return text + PageTable.all.filter(\.hasView).map { "`/\($0.name)`" }.joined(separator: ", ") + ".\n"
  }

  private static func section(_ path: String, _ endpoint: Endpoint) -> String {
    var notes: [String] = []
    if !endpoint.aliases.isEmpty { notes.append("Also " + endpoint.aliases.map { "`/\($0)`" }.joined(separator: ", ") + ".") }
    if !endpoint.since.isEmpty { notes.append("Servers have it \(OpenAPIDocument.since(endpoint.since)).") }
    var own = endpoint.parameters
    if let quorum = endpoint.quorum { own.append(CommonParameters.quorum(quorum)) }
    var text = "\n### `\(path)`\n\n\(([sentence(endpoint.help)] + notes).joined(separator: " "))\n"
    if !own.isEmpty { text += "\n" + parameters(own) }
    if let rows = endpoint.rows {
      text += "\nOn merged paths rows are sorted by `sort` and paged by `offset` and `limit`: "
      text +=
        rows.sorts.map { "`\($0.name)`" + ($0.since.isEmpty ? "" : " (\(OpenAPIDocument.since($0.since)))") }.joined(separator: ", ")
        + ".\n"
    }
    return text
  }

  private static func parameters(_ parameters: [EndpointParameter]) -> String {
    var table = MarkdownTable("parameter", "accepted", "meaning")
    for parameter in parameters {
      let since = parameter.since.isEmpty ? "" : "; servers have it \(OpenAPIDocument.since(parameter.since))"
      table.add("`\(parameter.name)`", parameter.accepted, parameter.help + since)
    }
    return table.text
  }

  private static func scopes(_ scopes: PageDescription.Scopes) -> String {
    let places: [(PageDescription.Scopes, String)] = [(.cluster, "`/cluster/…`"), (.server, "`/server/…`"), (.account, "`/account/…`")]
    return places.filter { scopes.contains($0.0) }.map(\.1).joined(separator: ", ")
  }

  private static func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() + "." }
}
