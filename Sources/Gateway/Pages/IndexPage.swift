import HTTPServer
import SystemAPI
import Wire

/// `/`, and the root of each scope: every path with one line of help.
struct IndexPage: Page {
  let description = PageDescription.index
  let reader: any BeliefsReader
  /// All pages that there are.
  let pages: [PageDescription]
  /// The gateway's own; empty where it has none.
  let version: String

  func answer(_ page: PageRequest, _ exit: Exit) {
    if page.path.scope == .system, !page.path.isMerged { return exit.send(IndexPage.reply(pages: pages, version: version)) }
    // A pinned listener has it at its root, where nats-server's port has a page of links.
    let index = ScopeIndex(page.path, pages: pages)
    exit.send(page.request.isPinned ? index.links(at: page.request.http?.head.rawPath ?? "/") : index.document)
  }

  static func reply(pages: [PageDescription], version: String) -> HTTPResponse {
    var json = JSONWriter(indent: 2)
    json.object { json in
      json.member("name", "natsight")
      if !version.isEmpty { json.member("version", version) }
      json.objectMember("scopes") { json in
        json.member("/", "every server")
        json.member("/cluster/{cluster}/", "the servers of one cluster")
        json.member("/server/{server}/", "one server, by name or id")
        json.member("/cluster/{cluster}/server/{server}/", "one server, where a name repeats across clusters")
        json.member("/account/{account}/", "one account on every server")
        json.member("/merged/", "after any scope of several servers: its answers as one document")
      }
      json.objectMember("endpoints") { json in
        for endpoint in EndpointTable.endpoints {
          json.key("/" + endpoint.name)
          json.string(endpoint.help)
        }
      }
      json.objectMember("account_endpoints") { json in
        for endpoint in EndpointTable.accountEndpoints {
          json.key("/account/{account}/" + endpoint.name)
          json.string(endpoint.help)
        }
      }
      json.objectMember("pages") { json in
        for page in pages.sorted(by: { $0.name < $1.name }) {
          json.key("/" + page.name)
          json.string(page.help)
        }
      }
    }
    return .json(json.bytes + [0x0A])
  }
}
