import BrokerOptions
import Dispatch
import Logging
import Reactor
import TestSupport

@testable import Broker
@testable import BrokerCore

/// A broker of this process on free ports of 127.0.0.1; it stops with the last reference.
final class BrokerHarness: Sendable {
  let broker: Broker
  let shard: Shard

  /// - Parameters:
  ///   - log: Where the broker's log goes; nowhere when omitted.
  ///   - shard: Its shard; one that others have too when omitted.
  init(log: Logger? = nil, shard: Shard? = nil, _ fill: (inout BrokerConfiguration) -> Void = { _ in }) throws {
    var configuration = BrokerConfiguration()
    configuration.host = "127.0.0.1"
    configuration.port = 0
    fill(&configuration)
    self.shard = shard ?? Self.shards.next()
    var silent = Logger(label: "broker under test", factory: { _ in SwiftLogNoOpLogHandler() })
    silent.logLevel = .critical
    broker = try Broker(configuration: configuration, shard: self.shard, log: log ?? silent)
    try broker.start()
  }

  /// From NATS configuration text without ports.
  convenience init(text: String, log: Logger? = nil) throws {
    let read = try Self.configuration(text)
    try self.init(log: log) { $0 = read }
  }

  private static func configuration(_ text: String) throws -> BrokerConfiguration {
    let report = BrokerOptions.parse(Array(text.utf8), file: "test.conf")
    guard report.errors.isEmpty else { throw TestFailure(report.errors.joined(separator: "; ")) }
    var configuration = report.options.broker
    configuration.host = "127.0.0.1"
    configuration.port = 0
    return configuration
  }

  /// Puts another configuration text in force.
  ///
  /// - Throws: `TestFailure` with what is wrong with it.
  func reload(_ text: String) throws {
    let next = try Self.configuration(text)
    let problem: String? = onShard { [broker] _ in
      do throws(BrokerConfigurationError) {
        try broker.reload(next, reported: ReportedOptions())
        return nil
      } catch {
        return error.description
      }
    }
    if let problem { throw TestFailure(problem) }
  }

  deinit { broker.stop() }

  /// Few shards for all tests, which outlive every broker.
  private static let shards = ShardGroup(label: "broker under test", count: 2)

  var port: UInt16 { broker.clientPort ?? 0 }

  /// Runs on the broker's shard, with its core, and waits for the answer.
  func onShard<T: Sendable>(_ body: @escaping @Sendable (Server) -> T) -> T {
    shard.queue.sync { body(broker.server) }
  }
}

extension RawConnection {
  /// Everything up to the answer of a PING, but for INFO and the other side's own PINGs.
  func told() throws -> [String] {
    try send("PING\r\n")
    var lines: [String] = []
    while true {
      let line = try readLine()
      if line == "PONG" { return lines }
      if !line.hasPrefix("INFO ") && line != "PING" { lines.append(line) }
    }
  }
}
