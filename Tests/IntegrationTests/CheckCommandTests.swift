import Foundation
import TestSupport
import Testing

/// `natsight check`, as it is typed, of real servers and of a running gateway.
@Suite struct CheckCommandTests {
  private func check(_ arguments: [String]) throws -> Finished { try ChildProcess.run(NatsightProcess.binary, ["check"] + arguments) }

  @Test func aSystemThatIsWellAndOneThatIsNot() throws {
    let cluster = try RealCluster(3, configuration: testAccounts)
    let names = cluster.servers.map(\.name).joined(separator: ",")
    let well = try check(["route", "server_suspect", "--server", cluster.systemURL, "--expect", names, "--format", "nagios"])
    #expect(well.status == 0 && well.output.hasPrefix("OK route,server_suspect OK:") && well.errors.isEmpty, "\(well)")
    // One look tells of no restart; two do, and of a server with a name nobody is left out.
    let named = try check(["server_restarted", "--server", cluster.systemURL])
    #expect(named.status == 3 && named.output.contains("there is no earlier moment to compare with"), "\(named)")
    let twice = try check(["server_restarted", "stalled_clients", "--server", cluster.systemURL, "--over", "1s"])
    #expect(twice.status == 0 && twice.output.contains("2 checks were made"), "\(twice)")
    // A threshold of the command line.
    let memory = try check(["memory_outlier", "subscriptions_outlier", "--server", cluster.systemURL, "--of-cluster", "A"])
    #expect(memory.status <= 1, "\(memory)")
    let stranger = try check(["all", "--server", cluster.systemURL, "--of-cluster", "B"])
    #expect(stranger.status == 3 && stranger.output.contains("known: A"), "\(stranger)")
    // A gateway says the same.
    let gateway = try NatsightProcess.serve(["--server", cluster.systemURL, "--expect", names])
    let url = "http://127.0.0.1:\(try gateway.httpPort())"
    let port = try gateway.httpPort()
    try eventually("the gateway is ready") { try RawHTTP.get(port: port, "/readyz").status == 200 }
    #expect(try check(["route", "server_suspect", "--server", url]).status == 0)
    cluster.servers[2].process.killNow()
    let folder = try TemporaryFolder()
    let file = try folder.write("before", to: "out.json")
    try eventually("the killed server is critical") {
      try check(["all", "--server", url, "--format", "json", "--outfile", file]).status == 2
    }
    let text = try #require(FileManager.default.contents(atPath: file)).map { $0 }
    let json = try #require(try JSONSerialization.jsonObject(with: Data(text)) as? [String: Any])
    #expect(json["status"] as? String == "CRITICAL" && (json["critical"] as? [String])?.isEmpty == false, "\(json)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["out.json"])
    let direct = try check(["server_awaited", "--server", cluster.systemURL, "--expect", names, "--format", "prometheus"])
    #expect(direct.status == 0 && direct.output.contains("natsight_check_critical{item=\"server_awaited\"} 1\n"), "\(direct)")
    #expect(direct.output.contains("status=\"CRITICAL\"} 2\n"), "\(direct)")
  }

  @Test func whatCannotBeAskedIsUnknown() throws {
    let server = try RealServer(testAccounts, name: "one")
    let gone = try check(["server_cpu", "--server", "http://127.0.0.1:\(freePort())"])
    #expect(gone.status == 3 && gone.output.hasPrefix("UNKNOWN server_cpu\n"), "\(gone)")
    let nobody = try check(["server_cpu", "--server", "nats://127.0.0.1:\(freePort())", "--timeout", "1s"])
    #expect(nobody.status == 3 && nobody.output.contains("not connected: could not connect to 127.0.0.1:"), "\(nobody)")
    let all = try check(["all", "--server", "nats://127.0.0.1:\(freePort())", "--timeout", "1s"])
    #expect(all.status == 2 && all.output.contains("[not_connected]"), "\(all)")
    let ordinary = try check(["server_cpu", "--server", "nats://b:b@127.0.0.1:\(server.port)", "--timeout", "1s"])
    #expect(ordinary.status == 3 && !ordinary.output.contains(":b@"), "\(ordinary)")
    // Nobody who is not in the system account is told that all is well: of all, of a family, of the roster, of what was heard.
    for name in ["all", "server", "server_suspect", "logins_refused"] {
      let stranger = try check([name, "--server", "nats://b:b@127.0.0.1:\(server.port)", "--timeout", "1s"])
      #expect(stranger.status == 3 && stranger.output.contains("the user is not in the system account"), "\(stranger)")
    }
    let gateway = try NatsightProcess.serve(["--server", "nats://b:b@127.0.0.1:\(server.port)"])
    let url = "http://127.0.0.1:\(try gateway.httpPort())"
    try eventually("a gateway in an ordinary account knows nothing") { try check(["all", "--server", url]).status == 3 }
    // Who has just connected has heard nothing yet.
    let heard = try check(["logins_refused", "--server", "nats://admin:changeit@127.0.0.1:\(server.port)"])
    #expect(heard.status == 3 && heard.output.contains("events were heard only since"), "\(heard)")
    // The monitoring port of a NATS server is no gateway.
    let monitor = try check(["server_cpu", "--server", "http://127.0.0.1:\(server.monitoringPort)"])
    #expect(monitor.status == 3 && monitor.output.contains("the gateway answered 404"), "\(monitor)")
    let file = try check(["server_cpu", "--server", "nats://127.0.0.1:1", "--timeout", "1s", "--outfile", "/no/such/folder/x"])
    #expect(file.status == 3 && file.errors.contains("/no/such/folder/x"), "\(file)")
    let word = try check(["servr_cpu"])
    #expect(word.status == 64 && word.errors.contains("did you mean \"server_cpu\"?"), "\(word)")
  }
}
