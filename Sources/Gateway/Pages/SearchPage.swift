import HTTPServer
import Reactor
import SystemAPI
import SystemModel
import Wire

/// `/search`: whatever has a name, by a part of it.
struct SearchPage: Page {
  let description = PageDescription.search
  let answerer: Answerer
  let indices: SearchIndices

  func answer(_ page: PageRequest, _ exit: Exit) {
    do throws(Refusal) {
      let parameters = ParameterReader(page.query)
      let words = try parameters.sought(SearchParameters.words)
      let kinds = Set(try parameters.words(SearchParameters.kind).compactMap(SearchIndex.Kind.init))
      let limit = try parameters.number(SearchParameters.limit) ?? 8
      guard !words.isEmpty else { throw Refusal(.badParameter, "parameter 'q' is missing: what is looked for") }
      indices.find(page.path.scope, page.request) { result in
        switch result {
        case .failure(let refusal): exit.send(refusal.response)
        case .success(let known):
          let now = answerer.reader.now.wall
          let work: @Sendable () -> Void = {
            let hits = known.index.hits(words, kinds: kinds, most: limit)
            exit.send(.json(SearchPage.body(words, hits, known, now), headers: known.completeness.headers()))
          }
          if !WorkerQueue.shared.run(work) { work() }
        }
      }
    } catch {
      exit.send(error.response)
    }
  }

  private static func body(_ words: String, _ hits: [SearchIndex.Hits], _ known: SearchIndices.Known, _ now: Timestamp) -> [UInt8] {
    var json = JSONWriter(indent: 2)
    json.object { json in
      json.member("now", now.rfc3339)
      json.member("at", known.index.at.rfc3339)
      known.completeness.write(to: &json, needs: "")
      json.member("q", words)
      json.member("names", known.index.count)
      json.member("left_out", unlessZero: known.index.leftOut)
      json.member("not_read", unlessEmpty: known.unread.map(\.rawValue))
      json.member("found", hits.reduce(0) { $0 + $1.found })
      json.arrayMember("kinds") { json in
        for each in hits {
          json.object { json in
            json.member("kind", each.kind.rawValue)
            json.member("found", each.found)
            json.arrayMember("hits") { json in
              for (entry, fit) in each.best { json.object { write(entry, fit, to: &$0) } }
            }
          }
        }
      }
    }
    return json.bytes + [0x0A]
  }

  private static func write(_ entry: SearchIndex.Entry, _ fit: SearchIndex.Fit, to json: inout JSONWriter) {
    json.member("name", entry.name)
    json.member("fit", fit.name)
    json.member("account", unlessEmpty: entry.account)
    json.member("stream", unlessEmpty: entry.stream)
    json.member("server", unlessEmpty: entry.server)
    json.member("server_id", unlessEmpty: entry.serverID)
    json.member("cid", unlessZero: entry.cid)
    json.member("connections", unlessZero: entry.connections)
  }
}

enum SearchParameters {
  static let words = EndpointParameter("q", nil, .text, "what is looked for: a part of a name, in any letter case")
  static let kind = EndpointParameter(
    "kind", nil, .words(SearchIndex.Kind.allCases.map(\.rawValue)), "only names of these kinds, with commas")
  static let limit = EndpointParameter("limit", nil, .atMost(1000), "the most hits of each kind; default 8")
  static let all = [words, kind, limit, CommonParameters.at]
}

extension PageDescription {
  static let search = PageDescription(
    "search", scopes: .all, help: "servers, accounts, clients, users, addresses, streams, consumers and subjects by a part of their names",
    parameters: SearchParameters.all)
}
