import Foundation
import Gateway
import TestSupport

/// A system that is always the same: four played servers with the documents of real ones, and two gateways in front of
/// them, an open one and one with an access file.
///
/// n1 and n2 are of the cluster c1, g1 of c2; o1 of c0 is an old one, which lacks what 2.9.10 lacks.
final class PlayedSystem: Sendable {
  static let shared = Result { try PlayedSystem() }

  let account: PlayedAccount
  let fleet: ScriptedServers
  let open: TestGateway
  let guarded: TestGateway
  let normalise: Normaliser
  private let pages: TemporaryFolder

  /// The listeners of both gateways, in their order.
  static let listeners = ["", "=/server/n1", "=/merged", "=/cluster/c1"].map { "127.0.0.1:0\($0)" }

  static let policy = """
    roles {
      admin { allow: ["/**"], secrets: true }
      viewer { allow: ["/**"] }
      tenant { allow: ["/account/USERS/**"] }
      probe { allow: ["/varz", "/server/n1/**"] }
    }
    tokens: [
      {token: admin, role: admin}, {token: viewer, role: viewer}, {token: tenant, role: tenant}, {token: probe, role: probe}
    ]
    """

  private static let viewer = ["Authorization": "Bearer viewer"]

  private init() throws {
    account = try PlayedAccount()
    fleet = try account.fleet(PlayedDocuments.servers, documents: PlayedDocuments.answer)
    pages = try TemporaryFolder()
    try pages.write("<!doctype html><title>view</title>\n", to: "index.html")
    try pages.write("// script\n", to: "app.js")
    var options = AccessOptions()
    options.crossOrigins = ["https://dash.example"]
    open = try TestGateway(account, listen: PlayedSystem.listeners, options: options, pages: pages.path)
    guarded = try TestGateway(account, listen: PlayedSystem.listeners, policy: PlayedSystem.policy, options: options, pages: pages.path)
    var words = [("127.0.0.1:\(account.port)", "<nats>"), ("//\(account.user):", "//<user>:")]
    for gateway in [open, guarded] { for port in gateway.ports { words.append(("127.0.0.1:\(port)", "<http>")) } }
    normalise = Normaliser(words)
    // Until then /incidents has nothing to tell of.
    try eventually("both have an epoch") {
      try open.get("/incidents").status == 200 && guarded.get("/incidents", PlayedSystem.viewer).status == 200
    }
    try open.untilLive(4)
    try eventually("the guarded gateway is ready") { try guarded.get("/readyz").status == 200 }
    // Since when something is wrong is told once the whole system has been looked at.
    try eventually("both have looked at the system") {
      _ = try (open.get("/findings"), guarded.get("/findings", PlayedSystem.viewer))
      return try PlayedSystem.knowsSince(open.get("/cluster/c1/findings"))
        && PlayedSystem.knowsSince(guarded.get("/cluster/c1/findings", PlayedSystem.viewer))
    }
  }

  private static func knowsSince(_ reply: HTTPReply) throws -> Bool {
    guard reply.status == 200, let findings = try reply.json()["findings"] as? [[String: Any]] else { return reply.status == 403 }
    return findings.allSatisfy { $0["opened"] != nil }
  }
}

/// The documents of real servers, from `Fixtures`, as played servers send them.
enum PlayedDocuments {
  /// What stands in for whom: a captured server, and the name and cluster that it is given here.
  private static let cast: [(version: String, captured: String, name: String, cluster: String)] = [
    ("2.14.5", "n1", "n1", "c1"), ("2.14.5", "n2", "n2", "c1"), ("2.14.5", "g1", "g1", "c2"), ("2.9.10", "n3", "o1", "c0"),
  ]

  static let servers: [ScriptedServer] = cast.compactMap { version, captured, name, cluster in
    guard let line = line(version, "VARZ", captured),
      let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
      let server = object["server"] as? [String: Any], let id = server["id"] as? String
    else { return nil }
    let isOld = version == "2.9.10"
    return ScriptedServer(
      name: name, cluster: cluster, version: version, id: id, tags: server["tags"] as? [String] ?? [],
      domain: isOld ? "" : server["domain"] as? String ?? "", hasJetStream: server["jetstream"] as? Bool ?? false)
  }

  /// The fixture that answers an endpoint, where it has another name.
  private static let names = ["JSZ": "JSZ.streams", "ACCOUNT.LEAFZ": "LEAFZ"]

  @Sendable static func answer(_ request: ScriptedRequest) -> String? {
    if request.endpoint == "EXPVARZ" {
      return #"{"cmdline":["nats-server","--user","admin","--pass","hunter2"],"memstats":{"Alloc":1024,"NumGC":3}}"#
    }
    guard let place = servers.firstIndex(where: { $0.name == request.server.name }) else { return nil }
    let (version, captured, name, _) = cast[place]
    // An account request of a made-up account is not answered, as by a server that has no such account.
    if let account = request.account, !["USERS", "SYS", "PING"].contains(account) { return nil }
    guard let line = line(version, names[request.endpoint] ?? request.endpoint, captured) else {
      // Nothing was captured of it.
      return request.endpoint == "STATSZ" ? nil : ScriptedDocuments.small(request)
    }
    let key = request.endpoint == "STATSZ" ? "\"statsz\":" : "\"data\":"
    guard let start = line.range(of: key) else { return nil }
    var data = String(line[start.upperBound...].dropLast())
    data = data.replacingOccurrences(of: #","active_servers":\d+"#, with: "", options: .regularExpression)
    if captured != name { data = data.replacingOccurrences(of: "\"server_name\":\"\(captured)\"", with: "\"server_name\":\"\(name)\"") }
    return withSecrets(data, request)
  }

  /// What real servers show to whoever asks: passwords in URLs, and users' tokens.
  private static func withSecrets(_ data: String, _ request: ScriptedRequest) -> String {
    switch request.endpoint {
    case "VARZ": data.replacingOccurrences(of: #""urls":["127"#, with: #""urls":["nats-route://hub:hunter2@127"#)
    case "CONNZ" where String(decoding: request.payload, as: UTF8.self).contains("\"auth\":true"):
      data.replacingOccurrences(
        of: #""lang":"python3""#, with: #""authorized_user":"app","account":"USERS","jwt":"\#(RedactionTests.user)","lang":"python3""#)
    default: data
    }
  }

  private static func line(_ version: String, _ name: String, _ server: String) -> String? {
    let lines = kept[version + "/" + name] ?? []
    return lines.first { $0.contains("\"name\":\"\(server)\"") && $0.hasPrefix("{\"server\":{\"name\":\"\(server)\"") }
  }

  private static let kept: [String: [String]] = {
    var all: [String: [String]] = [:]
    for version in ["2.14.5", "2.9.10"] {
      let folder = "\(packageRoot)/Tests/GatewayTests/Fixtures/\(version)"
      for file in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where file.hasSuffix(".jsonl") {
        let text = (try? String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)) ?? ""
        all["\(version)/\(file.dropLast(6))"] = text.split(separator: "\n").map(String.init)
      }
    }
    return all
  }()
}
