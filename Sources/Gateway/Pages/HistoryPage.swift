import HTTPServer
import Reactor
import SystemAPI
import SystemModel
import Wire

/// `/history`: what the heartbeats of the last quarter of an hour say.
struct HistoryPage: Page {
  let description = PageDescription.history
  let reader: any BeliefsReader
  let watch: GatewayWatch

  func answer(_ page: PageRequest, _ exit: Exit) {
    do throws(Refusal) {
      exit.send(try reply(page))
    } catch {
      exit.send(error.response)
    }
  }

  private func reply(_ page: PageRequest) throws(Refusal) -> HTTPResponse {
    let parameters = ParameterReader(page.query)
    let now = WallClock.now()
    let since = try parameters.moment(PageParameters.since, now: now) ?? now - .seconds(900)
    var fields: [HistoryField] = []
    for field in try parameters.words(HistoryParameters.field).compactMap(HistoryField.init) where !fields.contains(field) {
      fields.append(field)
    }
    if fields.isEmpty { fields = [.inMessagesRate, .outMessagesRate, .inBytesRate, .outBytesRate] }
    var entries = reader.servers(in: page.path.scope)
    let server = parameters.text(PageParameters.server)
    if !server.isEmpty { entries = entries.filter { $0.name == server || $0.id == server } }
    var json = JSONWriter(capacity: entries.count * fields.count * 600)
    json.object { json in
      json.member("now", now.rfc3339)
      json.member("since", since.rfc3339)
      json.member("fields", fields.map(\.rawValue))
      json.key("servers")
      json.array { json in
        for entry in entries {
          let (before, samples) = watch.history.samples(entry.id, since: since.unixNanoseconds / 1_000_000)
          if samples.isEmpty { continue }
          json.object { write(entry, before, samples, fields, to: &$0) }
        }
      }
    }
    return .json(json.bytes + [0x0A], headers: reader.rosterHeaders(page.path.scope))
  }

  private func write(
    _ entry: KnownServer, _ before: HistorySample?, _ samples: ArraySlice<HistorySample>, _ fields: [HistoryField],
    to json: inout JSONWriter
  ) {
    json.key("server")
    json.object { json in
      json.member("name", entry.name)
      json.member("id", entry.id)
      json.member("cluster", unlessEmpty: entry.cluster)
    }
    json.key("times")
    json.array { json in for sample in samples { json.double(Double(sample.time) / 1000) } }
    json.key("values")
    json.object { json in
      for field in fields {
        json.key(field.rawValue)
        json.array { json in
          var last = before
          for sample in samples {
            if let value = field.value(sample, before: last) { json.double(value) } else { json.null() }
            last = sample
          }
        }
      }
    }
  }
}
