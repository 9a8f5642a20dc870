import Foundation
import Gateway
import HTTPServer
import Notify
import Reactor
import Synchronization
import TestSupport
import Testing
import Wire

/// When the system is looked at, and who is told what of it.
@Suite struct FindingWatchTests {
  /// Takes news over HTTP.
  private final class Receiver: Sendable {
    private let server: HTTPServer
    private let listener: HTTPListener
    private let bodies: Bodies

    private final class Bodies: Sendable {
      let all = Mutex<[[UInt8]]>([])
    }

    init() throws {
      let bodies = Bodies()
      let configuration = HTTPServerConfiguration { request, responder in
        bodies.all.withLock { $0.append(Array(request.body)) }
        responder.respond(.text("taken"))
      }
      self.bodies = bodies
      server = HTTPServer(configuration, shards: ShardGroup(label: "test.receiver", count: 1))
      listener = try server.listen(host: "127.0.0.1", port: 0)
    }

    deinit { server.stop(within: 0) {} }

    var settings: NotifySettings {
      get throws {
        var settings = NotifySettings()
        settings.targets = [try NotifyTarget("http://127.0.0.1:\(listener.port)")]
        settings.holdOff = .seconds(1)
        return settings
      }
    }

    var told: [String] {
      bodies.all.withLock { $0 }.flatMap { body in
        ((try? JSONValue(parsing: body))?["news"]?.elements ?? []).map { "\($0["event"]?.string ?? "") \($0["code"]?.string ?? "")" }
      }
    }
  }

  /// What is new is looked at again when the hold-off is over, not at the next look of the minute: one that was found twice lasts.
  @Test func whatIsNewIsLookedAtAgain() throws {
    let receiver = try Receiver()
    let gateway = try TestGateway("nats://127.0.0.1:\(freePort())")
    gateway.gateway.reload(try receiver.settings)
    _ = try gateway.get("/findings")
    try eventually("it was found twice, and is told") { receiver.told == ["opened not_connected"] }
  }

  /// Whoever may read of a part learns nothing of mutes of other parts.
  @Test func mutesOfOtherPartsAreNotTold() throws {
    let server = try RealServer(testAccounts, name: "one")
    let gateway = try TestGateway("nats://admin:changeit@127.0.0.1:\(server.port)")
    try gateway.untilLive(1)
    gateway.gateway.reload(try MuteList(parsing: "no_authentication SECRET-SERVER - of a merger\n* one - a playground\n") { _ in true })
    try eventually("the mutes are in force") { try gateway.get("/findings").text.contains("of a merger") }
    let part = try gateway.get("/server/one/findings")
    #expect(part.status == 200 && !part.text.contains("SECRET-SERVER") && !part.text.contains("of a merger"), "\(part.text)")
  }
}
