import Foundation
import TestSupport
import Testing

/// `serve` under a service manager that asks how it is.
@Suite struct ServiceManagerProcessTests {
  @Test func serveTellsHowItIs() throws {
    let folder = try TemporaryFolder()
    let listener = try DatagramListener(path: folder.path("n"))
    let gateway = try NatsightProcess.serve(environment: ["NOTIFY_SOCKET": listener.path, "WATCHDOG_USEC": "200000"])
    let port = try gateway.httpPort()
    let ready = try Self.next(listener, "READY=1")
    #expect(ready.contains("STATUS=http://127.0.0.1:\(port)") && ready.contains("embedded broker"), "\(ready)")
    // Whoever is told so is answered.
    #expect(try RawHTTP.get(port: port, "/livez").status == 200)
    #expect(try Self.next(listener, "WATCHDOG=1") == "WATCHDOG=1\n")
    gateway.process.send(SIGHUP)
    _ = try Self.next(listener, "RELOADING=1")
    _ = try Self.next(listener, "READY=1")
    gateway.process.send(SIGTERM)
    _ = try Self.next(listener, "STOPPING=1")
    #expect(try gateway.process.waitForExit().status == 0)
  }

  /// The next one of a kind.
  private static func next(_ listener: DatagramListener, _ kind: String) throws -> String {
    var text = ""
    try eventually("it tells \(kind)") {
      text = try listener.next()
      return text.hasPrefix(kind)
    }
    return text
  }
}
