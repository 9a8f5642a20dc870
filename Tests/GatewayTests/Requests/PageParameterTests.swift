import Foundation
import HTTPServer
import SystemAPI
import TestSupport
import Testing

@testable import Gateway

@Suite struct PageParameterTests {
  /// A path of each page that answers at once, with the status that it has for everybody.
  private static let paths = [
    "/", "/servers", "/accounts", "/findings", "/metrics", "/metrics/connections", "/sd", "/closed", "/history", "/livez", "/readyz",
    "/fields", "/openapi.json", "/server/nobody/history",
  ]

  @Test func whatIsIgnoredIsNamed() throws {
    let server = try RealServer(testAccounts)
    let gateway = try TestGateway(server.systemURL)
    try gateway.untilLive(1)
    for path in Self.paths {
      let plain = try gateway.get(path)
      let more = try gateway.get(path + "?bogus=1&other=x&bogus=2")
      #expect(more.headers["natsight-ignored"] == "bogus, other", "\(path)")
      #expect(plain.headers["natsight-ignored"] == nil && plain.status == more.status, "\(path)")
    }
    #expect(try gateway.get("/servers?state=live").headers["natsight-ignored"] == "state")
    #expect(try gateway.get("/varz?bogus=1").headers["natsight-ignored"] == "bogus")
    let stream = try RawHTTP(port: gateway.port)
    try stream.connection.send("GET /events?bogus=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    var lines: [String] = []
    repeat { lines.append(try stream.connection.readLine()) } while lines.last != ""
    #expect(lines.contains("Natsight-Ignored: bogus"), "\(lines)")
  }

  @Test func everyParameterIsKnownAndItsValueIsRead() throws {
    let server = try RealServer(testAccounts)
    let gateway = try TestGateway(server.systemURL) {
      $0.record.folder = "in memory"
      $0.record.every = 1
    }
    try gateway.untilLive(1)
    try eventually("there is an earlier moment") { try gateway.get("/findings?at=0s").status == 200 }
    // Streams and files have no such answer, and what is compared stands in the path of /diff: its own tests ask for it.
    let others = [PageDescription.events, .assets, .diff].map(\.name)
    for page in PageTable.all where !others.contains(page.name) {
      for parameter in page.parameters {
        // Whoever searches says what for.
        let needed = page.name == PageDescription.search.name && parameter.name != SearchParameters.words.name ? "q=a&" : ""
        let reply = try gateway.get("/\(page.name)?\(needed)\(parameter.name)=\(Self.good(parameter.kind))")
        // A span that ends before anything was recorded was read all the same.
        #expect(
          (reply.status == 200 || reply.reason == "not_recorded") && reply.headers["natsight-ignored"] == nil,
          "\(page.name) \(parameter.name): \(reply.text.prefix(200))")
        guard let bad = Self.bad(parameter.kind) else { continue }
        let refusal = try gateway.get("/\(page.name)?\(needed)\(parameter.name)=\(bad)")
        #expect(refusal.status == 400 && refusal.reason == "bad_parameter", "\(page.name) \(parameter.name)=\(bad): \(refusal.status)")
        #expect(refusal.text.contains("accepted: "), "\(refusal.text)")
      }
    }
    #expect(try gateway.get("/servers?format=ndjson").status == 400)
    // A value is a value, and never more parameters.
    #expect(try gateway.get("/metrics?timeout=1s%26bogus=1").status == 400)
  }

  private static func good(_ kind: EndpointParameter.Kind) -> String {
    switch kind {
    case .boolean, .booleanOrDetail: "1"
    case .count, .unsigned, .atMost: "7"
    case .number(let range): "\(range.lowerBound)"
    case .text, .list, .identifier: "x"
    case .duration, .moment: "2s"
    case .earlier: "0s"
    case .word(let words): words.first?.word ?? ""
    case .choice(let words), .words(let words): words.first ?? ""
    }
  }

  /// A value that is refused; nil where any text is taken, and where any but a few says yes.
  private static func bad(_ kind: EndpointParameter.Kind) -> String? {
    switch kind {
    case .boolean, .booleanOrDetail, .text, .list: nil
    case .count, .unsigned, .atMost, .duration, .moment, .earlier, .choice, .words, .word, .identifier: "-x"
    case .number(let range): "\(range.upperBound + 1)"
    }
  }
}
