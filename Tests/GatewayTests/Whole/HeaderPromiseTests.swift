import Foundation
import SystemAPI
import TestSupport
import Testing
import Wire

@testable import Gateway

/// What the contract promises of header fields, on every page, endpoint and error.
@Suite struct HeaderPromiseTests {
  /// Every page and endpoint in every scope that it stands under; the event stream by HEAD only, as it does not end.
  static let paths: [String] = {
    let scopes: [(PageDescription.Scopes, String)] = [
      (.system, ""), (.cluster, "/cluster/c1"), (.server, "/server/n1"), (.account, "/account/USERS"),
    ]
    let pages = PageTable.all.filter { !["assets", "events"].contains($0.name) }
    let ofPages = scopes.flatMap { scope, prefix in pages.filter { $0.scopes.contains(scope) }.map { "\(prefix)/\($0.name)" } }
    let ofEndpoints = ["", "/cluster/c1", "/server/n1", "/merged"].flatMap { prefix in
      EndpointTable.endpoints.map { "\(prefix)/\($0.name)" }
    }
    let ofAccounts = ["", "/merged"].flatMap { prefix in EndpointTable.accountEndpoints.map { "/account/USERS\(prefix)/\($0.name)" } }
    return ofPages + ofEndpoints + ofAccounts + ["/metrics/streams", "/metrics/exporter", "/merged/"]
  }()

  static let aboutNobody = ["", "livez", "readyz", "fields", "checks", "openapi.json", "epochs", "incidents"]

  private func isAboutServers(_ path: String) -> Bool {
    !HeaderPromiseTests.aboutNobody.contains(path.split(separator: "/").last.map(String.init) ?? "") && !path.hasSuffix("/")
  }

  private func get(_ path: String, method: String = "GET", door: WholeAnswer.Door = .open, headers: [String: String] = [:]) throws
    -> HTTPReply
  {
    let system = try PlayedSystem.shared.get()
    let gateway = door == .open ? system.open : system.guarded
    return try RawHTTP.get(port: gateway.port, path, method: method, headers: headers)
  }

  private func expectStandard(_ reply: HTTPReply, _ what: String) {
    #expect(reply.headers["cache-control"] == "no-store", "\(what)")
    #expect(reply.headers["vary"] == "Accept, Accept-Encoding, Authorization", "\(what)")
    #expect((reply.headers["natsight-request-id"]?.count == 16) == (reply.status >= 400), "\(what)")
    #expect(reply.status != 405 || reply.headers["allow"] == "GET, HEAD, OPTIONS", "\(what)")
    #expect(reply.status != 401 || reply.headers["www-authenticate"]?.hasPrefix("Basic") == true, "\(what)")
    #expect(
      ![429, 503].contains(reply.status) || reply.headers["retry-after"] != nil || reply.headers["natsight-complete"] != nil, "\(what)")
  }

  /// The three completeness fields: there, readable, and agreeing with each other and with the status.
  private func expectCompleteness(_ reply: HTTPReply, _ what: String) throws {
    let complete = try #require(reply.headers["natsight-complete"], "\(what)")
    let responded = try #require(reply.headers["natsight-responded"], "\(what)")
    #expect(["true", "false", "unknown"].contains(complete), "\(what)")
    let numbers = responded.split(separator: "/").map { Int($0) }
    #expect(numbers.count == 2 && numbers[0] != nil, "\(what): \(responded)")
    if complete == "true" {
      #expect(numbers[0] == numbers[1] && reply.headers["natsight-missing"] == nil && ![502, 504].contains(reply.status), "\(what)")
    }
    if let most = numbers[1], let got = numbers[0], most > got { #expect(reply.headers["natsight-missing"] != nil, "\(what)") }
    #expect(reply.fields.count { $0.lowercased().hasPrefix("natsight-complete:") } == 1, "\(what)")
  }

  @Test(arguments: paths) func pagesAndEndpoints(_ path: String) throws {
    let reply = try get(path)
    expectStandard(reply, path)
    if isAboutServers(path) { try expectCompleteness(reply, path) } else { #expect(reply.headers["natsight-complete"] == nil, "\(path)") }
    #expect(reply.headers["natsight-ignored"] == nil, "\(path)")
    // A name that nobody knows, and one that would end the list.
    let other = try get(path + "?bogus=1&a%2Cb=2&gr%C3%B6%C3%9Fe")
    #expect(other.headers["natsight-ignored"]?.hasPrefix("bogus, a%2Cb, gr") == true, "\(path): \(other.headers)")
    #expect(other.status == reply.status, "\(path)")
    let head = try get(path, method: "HEAD")
    #expect(head.status == reply.status && head.body.isEmpty, "\(path)")
    #expect(Set(head.headers.keys) == Set(reply.headers.keys), "\(path): \(Set(head.headers.keys).symmetricDifference(reply.headers.keys))")
  }

  /// Every refusal of `WholeAnswerTests`, and those of methods.
  @Test(arguments: WholeAnswerTests.errors) func errors(_ answer: WholeAnswer) throws {
    let reply = try get(answer.path, method: answer.method, headers: answer.headers)
    // What HTTP itself refuses is not the gateway's.
    guard ![414, 417, 431].contains(reply.status), answer.headers["Transfer-Encoding"] == nil else { return }
    if reply.reason != "bad_path" || reply.headers["cache-control"] != nil { expectStandard(reply, answer.name) }
    let path = (try? RequestPath(String(answer.path.prefix { $0 != "?" })))
    let isKnown = path.map { path in
      RequestPlanner.endpoint(path) != nil
        || PageTable.all.contains { $0.name == path.rest.first && $0.isAboutServers && $0.stands(under: path.scope) }
    }
    if isKnown == true, ![405, 421].contains(reply.status) { try expectCompleteness(reply, answer.name) }
  }

  @Test(arguments: ["/varz", "/servers", "/server/n9/varz", "/nothing", "/metrics"]) func refusedCallers(_ path: String) throws {
    for headers in [[:], ["Authorization": "Bearer wrong"], ["Authorization": "Bearer tenant"]] {
      let reply = try get(path, door: .guarded, headers: headers)
      expectStandard(reply, path)
      #expect([401, 403].contains(reply.status) && reply.headers["natsight-complete"] == nil, "\(path): \(reply.status)")
    }
  }

  @Test func connectIsRefusedWithWhatIsAllowed() throws {
    let client = try RawHTTP(port: try PlayedSystem.shared.get().open.port)
    try client.connection.send("CONNECT /varz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    let reply = try client.readReply()
    #expect(reply.status == 405 && reply.headers["allow"] == "GET, HEAD, OPTIONS")
  }

  @Test func eventStreams() throws {
    let reply = try get("/events?bogus=1", method: "HEAD")
    #expect(reply.status == 200 && reply.headers["natsight-ignored"] == "bogus" && reply.headers["cache-control"] == "no-store")
  }
}
