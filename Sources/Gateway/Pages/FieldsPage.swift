import HTTPServer
import SystemAPI
import Wire

/// `/fields`: how each field of each endpoint is merged.
struct FieldsPage: Page {
  let description = PageDescription.fields

  func answer(_ page: PageRequest, _ exit: Exit) { exit.send(.json(FieldsPage.document)) }

  /// The whole page.
  static var document: [UInt8] {
    var json = JSONWriter(indent: 2)
    json.object { json in
      json.objectMember("rules") { json in
        for (rule, help) in rules {
          json.key(rule)
          json.string(help)
        }
      }
      write("endpoints", EndpointTable.endpoints, to: &json)
      write("account_endpoints", EndpointTable.accountEndpoints, to: &json)
    }
    return json.bytes + [0x0A]
  }

  private static let rules: [(String, String)] = [
    ("sum", "the sum over the servers"), ("max", "the largest value; for true and false: whether any is true"),
    ("min", "the smallest value; for true and false: whether all are true"), ("earliest", "the earliest time"),
    ("latest", "the latest time"), ("same", "kept where all servers agree and left out otherwise"),
    ("concat", "the rows or values of all servers; rows gain server_name, server_id and cluster"),
    ("account-wide", "the same number on every server: taken once; JetStream usage once from each domain"),
    ("leader", "taken from the server that leads the group"),
    ("scope", "the scope's name: all, cluster/A"), ("lowest", "the lowest version"), ("now", "the gateway's clock"),
    ("uptime", "how long the server has run that has run longest, by its own clock"), ("worst", "the worst of the servers' states"),
    ("replicas", "the sum over the servers, each of which counts what it hosts: a stream with three replicas counts three times"),
    (
      "connection",
      "a connection's id made unique (ordinal × 2^32 + cid), the server's own beside it as server_cid; left out where connections of several servers are merged into one"
    ),
    ("count", "the number of rows on this page"), ("as asked", "as the request says"),
  ]

  private static func write(_ name: StaticString, _ endpoints: [Endpoint], to json: inout JSONWriter) {
    json.objectMember(name) { json in
      for endpoint in endpoints {
        json.key(endpoint.name)
        json.beginObject()
        for field in endpoint.merge.fields {
          json.key(field.path)
          json.string(field.rule)
        }
        json.endObject()
      }
    }
  }
}
