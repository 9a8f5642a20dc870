import HTTPServer
import LogOutput
import Logging
import Reactor
import Synchronization
import TestSupport
import Testing
import Wire

@testable import GatewayProcess

/// S8: of a kind of failing answers the log has one line when it begins, and one when it has ended.
@Suite struct FailureLogTests {
  private final class Lines: Sendable {
    let all = Mutex<[String]>([])
  }

  private struct Handler: LogHandler {
    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.debug

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let fields = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      lines.all.withLock { $0.append(([event.message.description] + fields).joined(separator: " ")) }
    }
  }

  @Test func itsEndIsTold() {
    let lines = Lines()
    let log = FailureLog(Logger(label: "test") { _ in Handler(lines: lines) })
    let start = MonotonicTime.origin + .seconds(1_000)
    func settle(_ seconds: Double) -> [String] {
      log.settle(now: start + .seconds(seconds))
      defer { lines.all.withLock { $0 = [] } }
      return lines.all.withLock { $0 }
    }
    #expect(settle(0) == [])
    // Only the first of a kind is news.
    #expect((0..<5).map { log.note(504, now: start + .seconds(Double($0))) } == [true, false, false, false, false])
    #expect(log.note(503, now: start + .seconds(30)))
    #expect(settle(63.9) == [])
    #expect(settle(64) == ["no more answers with status 504 count=5 within=4s"])
    #expect(settle(70) == [])
    #expect(settle(90) == ["no more answers with status 503 count=1 within=0s"])
    // What begins again is news again.
    #expect(log.note(504, now: start + .seconds(100)))
  }

  @Test func whatIsTold() throws {
    let log = try KeptLog()
    let failures = FailureLog(log.output.logger("request"))
    var configuration = HTTPServerConfiguration { request, responder in
      responder.respond(.text("", status: request.head.rawPath == "/well" ? 200 : 503))
    }
    configuration.observer = failures.observe
    let shards = ShardGroup(label: "test.failures", count: 1)
    let server = HTTPServer(configuration, shards: shards)
    let port = try server.listen(host: "127.0.0.1", port: 0).port
    defer { server.stop(within: 0) {} }
    for path in ["/well", "/readyz", "/varz?a=1", "/varz?a=2"] { _ = try RawHTTP.get(port: port, path) }
    try eventually("the first failure is told") { !log.text.isEmpty }
    let lines = log.text.split(separator: "\n")
    #expect(lines.count == 1 && lines[0].contains("GET /varz?a=1") && lines[0].contains("503"), "\(log.text)")
    log.output.level = .debug
    _ = try RawHTTP.get(port: port, "/well")
    try eventually("at debug each is") { log.text.contains("GET /well") }
  }
}
