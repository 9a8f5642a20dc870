import ArgumentParser
import Flags
import Gateway
import HTTPServer
import LogOutput
import Logging
import Synchronization
import TestSupport
import Testing

@testable import GatewayProcess

/// What `serve` puts together, within this process.
@Suite struct GatewayServerTests {
  let folder: TemporaryFolder
  let log: KeptLog
  static let pages = StaticFiles([("/index.html", Array("<p>here</p>".utf8))])

  init() throws {
    folder = try TemporaryFolder()
    log = try KeptLog()
  }

  private func order(_ arguments: [String]) throws -> ServeOrder {
    let all = arguments.contains("--listen") ? arguments : ["--listen", "127.0.0.1:0"] + arguments
    return ServeOrder(try ServeFlags.parse(all), arguments: all)
  }

  private func start(_ arguments: [String], broker: String? = nil) throws -> GatewayServer {
    var arguments = arguments + ["--broker-listen", "127.0.0.1:0"]
    if let broker { arguments += ["--broker-config", try folder.write(broker, to: "broker.conf")] }
    let server = try GatewayServer(order(arguments), pages: Self.pages, version: "9.9.9", output: log.output)
    server.start()
    return server
  }

  private func port(_ url: String) throws -> UInt16 {
    try #require(url.split(separator: "/")[1].split(separator: ":").last.flatMap { UInt16($0) })
  }

  @Test func itServesWhatItWatches() async throws {
    let server = try start([])
    let port = try port(server.urls[0])
    #expect(server.urls == ["http://127.0.0.1:\(port)"] && server.system.hasPrefix("watches its embedded broker, nats://127.0.0.1:"))
    try eventually("it is ready") { try RawHTTP.get(port: port, "/readyz").status == 200 }
    #expect(try RawHTTP.get(port: port, "/varz").headers["natsight-responded"] == "1/1")
    #expect(try RawHTTP.get(port: port, "/", headers: ["Accept": "text/html"]).text == "<p>here</p>")
    await server.stop()
    #expect(throws: (any Error).self) { try RawHTTP.get(port: port, "/livez") }
    #expect(log.lines(with: "stopping: what is under way is answered").count == 1)
  }

  /// The monitoring port of the broker's own file is the gateway's, pinned to the broker; it lets everybody read, and says so.
  @Test func theBrokersMonitoringPort() async throws {
    let server = try start([], broker: "server_name: own, http: \"0.0.0.0:-1\", http_base_path: /mon")
    #expect(server.urls.count == 2 && server.urls[1].hasSuffix("/mon"), "\(server.urls)")
    let port = try port(server.urls[1])
    try eventually("it answers") { try RawHTTP.get(port: port, "/mon/varz").status == 200 }
    let counts = try RawHTTP.get(port: port, "/mon/varz").json()["http_req_stats"] as? [String: Int] ?? [:]
    #expect(counts["/varz"] ?? 0 >= 2, "a document counts itself: \(counts)")
    #expect(try RawHTTP.get(port: port, "/mon/varz", headers: ["Host": "name.of.this.host"]).status == 200)
    #expect(log.lines(with: "the monitoring port \(port) answers everybody").count == 1, "\(log.text)")
    await server.stop()
  }

  @Test func theMonitoringPortFollowsTheAccessFile() async throws {
    let access = try folder.write("roles { r { allow: [\"/server/own/varz\"] } }\ntokens: [ {token: t, role: r} ]", to: "access.conf")
    let server = try start(["--access", access], broker: "server_name: own, http: \"127.0.0.1:-1\"")
    let port = try port(server.urls[1])
    let bearer = ["Authorization": "Bearer t"]
    #expect(try RawHTTP.get(port: port, "/varz").status == 401)
    try eventually("its role reads") { try RawHTTP.get(port: port, "/varz", headers: bearer).status == 200 }
    #expect(try RawHTTP.get(port: port, "/connz", headers: bearer).status == 403)
    // Whoever is asked for credentials is not to be used by a method that browsers send without asking.
    #expect(try RawHTTP(port: port).request("POST", "/varz", headers: bearer).status == 405)
    #expect(log.lines(with: "answers everybody").isEmpty)
    await server.stop()
  }

  @Test func anotherSystemNeedsNoBroker() throws {
    let failure = #expect(throws: ValidationError.self) { try start(["--server", "nats://127.0.0.1:1"]) }
    #expect(failure?.message.contains("leave out --broker-config and --broker-listen") == true)
    let access = #expect(throws: AccessError.self) { try start(["--access", folder.path("none")]) }
    #expect(access?.description.contains("could not read the access file") == true)
  }

  // MARK: Reloads

  @Test func aReloadTakesUpWhatMayChange() async throws {
    let before = try start([])
    let old = try port(before.urls[0])
    let broker = ["--broker-listen", "127.0.0.1:0"]
    let new = freePort()
    let again = try order(["--listen", "127.0.0.1:\(new)", "--log-level", "debug", "--timeout", "3s"] + broker)
    before.reload { again }
    #expect(try RawHTTP.get(port: new, "/livez").status == 200)
    #expect(throws: (any Error).self) { try RawHTTP.get(port: old, "/livez") }
    #expect(log.output.level == .debug)
    let told = log.lines(with: "some changed settings need a restart")
    #expect(told.count == 1 && told[0].contains("timeout") && !told[0].contains("listen") && !told[0].contains("log-level"), "\(told)")
    await before.stop()
  }

  @Test func whatCannotBeUsedChangesNothing() async throws {
    let server = try start([], broker: "max_payload: 2048")
    let port = try port(server.urls[0])
    server.reload { () throws(CommandFailure) in throw CommandFailure("the value 'abc' is invalid") }
    let refused = log.lines(with: "settings not reloaded")
    #expect(refused.count == 1 && refused[0].contains("the value 'abc' is invalid"), "\(log.text)")
    #expect(log.output.level == .info)
    // Bad rules keep the listeners as they are; a bad file of the broker's keeps that.
    let bad = try order(["--access", folder.path("none"), "--broker-listen", "127.0.0.1:0", "--broker-config", folder.path("broker.conf")])
    try folder.write("max_payload: x", to: "broker.conf")
    server.reload { bad }
    #expect(log.lines(with: "could not read the access file").count == 1)
    #expect(log.lines(with: "the broker's configuration is not reloaded").count == 1)
    #expect(try RawHTTP.get(port: port, "/livez").status == 200)
    await server.stop()
  }
}

@Suite struct ReloadRequestTests {
  /// However often it was asked for while the process started, it is done once when that is over, and at each request from then on.
  @Test func whatIsAskedForEarlyIsDoneOnceItRuns() {
    let done = Mutex(0)
    let early = EarlyRequests()
    early.ask()
    early.ask()
    #expect(done.withLock { $0 } == 0)
    early.begin { done.withLock { $0 += 1 } }
    #expect(done.withLock { $0 } == 1)
    early.ask()
    #expect(done.withLock { $0 } == 2)
    let late = EarlyRequests()
    late.begin { done.withLock { $0 += 10 } }
    #expect(done.withLock { $0 } == 2)
    late.ask()
    #expect(done.withLock { $0 } == 12)
  }
}

@Suite struct ServeBannerTests {
  @Test(arguments: [
    ("", "http", "http://localhost:8222"), ("0.0.0.0", "http", "http://localhost:8222"), ("::", "http", "http://localhost:8222"),
    ("::1", "http", "http://[::1]:8222"), ("10.0.0.1", "https", "https://10.0.0.1:8222"),
  ])
  func urlsCanBePasted(_ host: String, _ scheme: String, _ expected: String) {
    #expect(ServeBanner.url(host: host, port: 8222, scheme: scheme) == expected)
  }

  /// What is to be tried is there: below the base path, and not on a listener of one server.
  @Test func whatIsToBeTriedIsThere() {
    let whole = ServedPlace(url: "http://127.0.0.1:8222/mon", prefix: "")
    let part = ServedPlace(url: "http://127.0.0.1:8223/mon", prefix: "/server/a1")
    #expect(
      ServeBanner(places: [part, whole], system: "watches nats://n1:4222").text == """
        Natsight serves http://127.0.0.1:8223/mon, http://127.0.0.1:8222/mon
        and watches nats://n1:4222
        Try:
          http://127.0.0.1:8222/mon/             the browser view
          http://127.0.0.1:8222/mon/varz         every server in one answer
          http://127.0.0.1:8222/mon/metrics      for Prometheus
        """)
    #expect(
      ServeBanner(places: [part], system: "watches nats://n1:4222").text.hasSuffix(
        "Try:\n  http://127.0.0.1:8223/mon/  what stands under /server/a1"))
  }
}
