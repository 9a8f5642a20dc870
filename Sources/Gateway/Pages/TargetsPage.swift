import HTTPServer
import SystemAPI
import SystemModel
import Wire

/// `/sd`: targets for Prometheus, each with the path of its own metrics.
struct TargetsPage: Page {
  let description = PageDescription.targets
  let reader: any BeliefsReader

  func answer(_ page: PageRequest, _ exit: Exit) {
    let host = page.request.http?.head.header("host") ?? "127.0.0.1:8222"
    var json = JSONWriter(indent: 2)
    json.array { json in
      for entry in reader.beliefs.servers.ordered where entry.standing.isExpected && entry.isIdentified {
        let server = entry.description
        json.object { json in
          json.member("targets", [host])
          json.key("labels")
          json.object { json in
            json.member("__metrics_path__", PathScope.server(server.id, cluster: nil).encodedPath + "/metrics")
            json.member("instance", server.name)
            json.member("nats_cluster", server.cluster)
            json.member("nats_version", server.version)
            // Commas around each tag, so that one pattern finds any of them.
            json.member("nats_tags", server.tags.isEmpty ? "" : "," + server.tags.joined(separator: ",") + ",")
            json.member("__meta_nats_server_id", server.id)
            json.member("__meta_nats_server_host", server.host)
            json.member("__meta_nats_jetstream", server.jetstream ? "true" : "false")
          }
        }
      }
    }
    exit.send(.json(json.bytes + [0x0A], headers: reader.rosterHeaders(.system)))
  }
}
