import HTTPServer
import Wire

extension GatherOutcome {
  /// The completeness headers that every answer about servers carries.
  func completenessHeaders(ignored: [String], excluded: [String] = []) -> [HTTPHeader] {
    var headers: [HTTPHeader] = []
    headers.append(HTTPHeader("Natsight-Complete", complete.map { $0 && excluded.isEmpty ? "true" : "false" } ?? "unknown"))
    headers.append(HTTPHeader("Natsight-Responded", "\(replies.count - excluded.count)/\(expectedCount.map(String.init) ?? "?")"))
    if !missing.isEmpty || !excluded.isEmpty {
      let names = excluded + missing.prefix(50).map { $0.name.isEmpty ? ($0.id.isEmpty ? "\($0.count) unknown" : $0.id) : $0.name }
      headers.append(HTTPHeader("Natsight-Missing", GatherOutcome.fieldValue(names.joined(separator: ", "))))
    }
    if !ignored.isEmpty { headers.append(HTTPHeader("Natsight-Ignored", GatherOutcome.fieldValue(ignored.joined(separator: ", ")))) }
    return headers
  }

  /// Only what a header field may hold (RFC 9110 §5.5).
  static func fieldValue(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { (0x20...0x7E).contains($0.value) ? $0 : "?" }.prefix(2000)))
  }

  /// The members of `missing` and `unsupported`, for bodies.
  func writeMissing(to json: inout JSONWriter) {
    guard complete != nil else {
      json.key("missing")
      json.null()
      return
    }
    json.arrayMember("missing") { json in
      for server in missing {
        json.object { json in
          if server.code == "unknown_server", server.id.isEmpty {
            json.member("code", server.code)
            json.member("count", server.count)
            json.member("reason", server.reason)
          } else {
            json.member("id", unlessEmpty: server.id)
            json.member("name", server.name)
            json.member("cluster", unlessEmpty: server.cluster)
            if let lastSeen = server.lastSeen { json.member("last_seen", lastSeen.rfc3339) }
            json.member("code", server.code)
            json.member("reason", server.reason)
          }
        }
      }
    }
  }

  func writeUnsupported(to json: inout JSONWriter) {
    json.arrayMember("unsupported") { json in
      for server in unsupported {
        json.object { json in
          json.member("name", server.name)
          json.member("version", server.version)
          json.member("reason", server.reason)
        }
      }
    }
  }
}
