import HTTPServer
import SystemAPI
import Wire

/// What stands under a scope: its endpoints and pages.
struct ScopeIndex {
  private let path: RequestPath
  private let endpoints: [Endpoint]
  private let pages: [PageDescription]

  init(_ path: RequestPath, pages: [PageDescription]) {
    self.path = path
    endpoints = if case .account = path.scope { EndpointTable.accountEndpoints } else { EndpointTable.endpoints }
    self.pages = pages.filter { !$0.name.isEmpty && !path.isMerged && $0.stands(under: path.scope) }.sorted { $0.name < $1.name }
  }

  private var title: String { path.scope.title + (path.isMerged ? ", merged" : "") }

  /// For programs.
  var document: GatewayReply {
    var json = JSONWriter(indent: 2)
    json.object { json in
      json.member("name", "natsight")
      json.member("scope", title)
      json.objectMember("endpoints") { json in
        for endpoint in endpoints {
          json.key(endpoint.name)
          json.string(endpoint.help)
        }
      }
      json.objectMember("pages") { json in
        for page in pages {
          json.key(page.name)
          json.string(page.help)
        }
      }
    }
    return .json(json.bytes + [0x0A])
  }

  /// For the root of a pinned listener: HTML whatever is accepted, as at the root of a nats-server's port. Its links are relative, so that
  /// they lead there behind a proxy too that shows the port below a path of its own.
  ///
  /// - Parameter place: The path as it was asked for.
  func links(at place: String) -> GatewayReply {
    var html = "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>\(escaped(title))</title></head>\n<body>\n"
    html += "<h1>\(escaped(title))</h1>\n<ul>\n"
    // What follows the last slash is where a relative link stands.
    let last = place[(place.lastIndex(of: "/").map(place.index(after:)) ?? place.startIndex)...]
    let base = last.isEmpty ? "." : "./" + escaped(String(last))
    for (name, help) in endpoints.map({ ($0.name, $0.help) }) + pages.map({ ($0.name, $0.help) }) {
      html += "<li><a href=\"\(base)/\(name)\">\(name)</a> \(escaped(help))</li>\n"
    }
    html += "</ul>\n</body>\n</html>\n"
    return HTTPResponse(contentType: "text/html; charset=utf-8", body: Array(html.utf8))
  }

  private func escaped(_ text: String) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }
}
