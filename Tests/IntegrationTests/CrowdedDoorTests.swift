import Foundation
import TestSupport
import Testing

/// The HTTP port of each command, while one address holds more connections than the process has descriptors.
@Suite struct CrowdedDoorTests {
  /// With 64 descriptors.
  private func start(_ arguments: [String]) throws -> ChildProcess {
    try ChildProcess("bash", ["-c", "ulimit -n 64; exec \"$0\" \"$@\"", NatsightProcess.binary] + arguments)
  }

  @Test(arguments: ["serve", "broker", "account-server"])
  func idleConnectionsShutNobodyOut(_ command: String) throws {
    let folder = try TemporaryFolder()
    let port = freePort()
    let (arguments, path) =
      switch command {
      case "serve": (["--listen", "127.0.0.1:\(port)", "--broker-listen", "127.0.0.1:0"], "/livez")
      case "broker": (["-a", "127.0.0.1", "-p", "\(freePort())", "-m", "\(port)"], "/healthz")
      default: (["--hp", "127.0.0.1:\(port)", "--dir", folder.path], "/jwt/v1/help")
      }
    let process = try start([command] + arguments)
    func status(from source: String) throws -> Int { try RawHTTP(port: port, source: source).request("GET", path).status }
    try eventually("it answers") { (try? status(from: "127.0.0.1")) == 200 }
    let idle = try (0..<80).map { _ in try RawConnection(port: port) }
    try eventually("another address is answered") { (try? status(from: "127.0.0.2")) == 200 }
    try eventually("so is the same address") { (try? status(from: "127.0.0.1")) == 200 }
    idle.forEach { $0.close() }
    #expect(process.isRunning)
  }
}
