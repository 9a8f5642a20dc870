import HTTPServer
import SystemModel
import Wire

extension Completeness {
  /// Names in a header field, at most; the body has all.
  private static let mostNames = 50

  /// The completeness headers that every answer about servers carries.
  ///
  /// - Parameter excluded: Names of servers that answered and could not take part.
  func headers(excluded: [String] = []) -> [HTTPHeader] {
    let complete = excluding(excluded.count)
    var headers = [
      AnswerField.complete(complete.complete.map { $0 ? "true" : "false" } ?? "unknown"),
      AnswerField.responded("\(complete.responded)/\(expected.map(String.init) ?? "?")"),
    ]
    let names = excluded.map(HTTPHeader.listItem) + missing.map(\.fieldName)
    if !names.isEmpty { headers.append(AnswerField.missing(items: names, most: Completeness.mostNames)) }
    if !lameDucks.isEmpty { headers.append(AnswerField.lameDuck(items: lameDucks.map(HTTPHeader.listItem), most: Completeness.mostNames)) }
    return headers
  }

  /// The completeness members, as in the head of a gathered answer and the summary of a stream.
  func write(to json: inout JSONWriter, needs version: String) {
    json.key("complete")
    if let complete { json.bool(complete) } else { json.null() }
    json.key("expected")
    if let expected { json.integer(expected) } else { json.null() }
    json.member("responded", responded)
    json.key("missing")
    if complete == nil { json.null() } else { json.array { json in for server in missing { json.object { server.write(to: &$0) } } } }
    json.arrayMember("unsupported") { json in
      for server in unsupported {
        json.object { json in
          json.member("name", server.name)
          json.member("version", server.version)
          json.member("reason", version)
        }
      }
    }
    json.member("lame_duck", unlessEmpty: lameDucks)
    json.member("unexplained", unlessZero: unexplained)
  }
}

extension MissingServer {
  /// How `Natsight-Missing` calls it.
  fileprivate var fieldName: String {
    if case .counted(let count) = cause { return "\(count) unknown" }
    if case .noLeader = cause { return "leader" }
    return HTTPHeader.listItem(name.isEmpty ? id : name)
  }

  /// Its name in a sentence.
  var label: String {
    if case .noLeader = cause { return "leader" }
    return name.isEmpty ? (id.isEmpty ? cause.code : id) : name
  }

  fileprivate func write(to json: inout JSONWriter) {
    if case .counted(let count) = cause {
      json.member("code", cause.code)
      json.member("count", count)
      json.member("reason", cause.reason)
      return
    }
    json.member("id", unlessEmpty: id)
    json.member("name", name)
    json.member("cluster", unlessEmpty: cluster)
    if case .noLeader(let domain) = cause { json.member("domain", domain) }
    if let lastSeen { json.member("last_seen", lastSeen.rfc3339) }
    json.member("code", cause.code)
    json.member("reason", cause.reason)
  }
}
