import Foundation
import Glibc

/// The packaged `nats-server`, or another under the same flags, on free ports, in a folder of its own; it ends with the last reference.
public final class RealServer: Sendable {
  public let process: ChildProcess
  public let folder: TemporaryFolder
  /// The client port.
  public let port: UInt16
  /// The monitoring port; 0 when monitoring is off.
  public let monitoringPort: UInt16
  public let name: String
  /// The configuration it was started with, to start it again.
  public let configuration: String

  /// Starts a server and waits until it listens.
  /// - Parameters:
  ///   - configuration: NATS configuration text without ports; `$DIR` stands for the server's folder.
  ///   - arguments: further command-line flags.
  ///   - port: a fixed client port, for what must come back where it was; else any free one.
  public init(
    _ configuration: String = "", name: String? = nil, arguments: [String] = [], port: UInt16? = nil, monitoring: Bool = true,
    executable: [String] = ["nats-server"]
  ) throws {
    let folder = try TemporaryFolder()
    self.folder = folder
    self.name = name ?? "s\(UInt32.random(in: 0..<1_000_000))"
    self.configuration = configuration
    let text = "server_name: \(self.name)\n" + configuration.replacingOccurrences(of: "$DIR", with: folder.path)
    let file = try folder.write(text, to: "server.conf")
    var all = ["-c", file, "-a", "127.0.0.1", "-p", port.map(String.init) ?? "-1", "--ports_file_dir", folder.path]
    if monitoring { all += ["-m", "-1"] }
    let process = try ChildProcess(executable[0], executable.dropFirst() + all + arguments)
    self.process = process
    let ports = try RealServer.waitForPorts(process, in: folder.path)
    self.port = ports.client
    monitoringPort = ports.monitoring
  }

  /// The embedded broker by itself, as the command runs it.
  public static func natsightBroker(
    _ configuration: String = "", name: String? = nil, arguments: [String] = [], port: UInt16? = nil, monitoring: Bool = false
  ) throws -> RealServer {
    try RealServer(
      configuration, name: name, arguments: arguments, port: port, monitoring: monitoring, executable: [NatsightProcess.binary, "broker"])
  }

  /// The URL that clients use.
  public var url: String { "nats://127.0.0.1:\(port)" }

  /// A document of the monitoring port.
  public func monitor(_ path: String) throws -> [String: Any] { try RawHTTP.get(port: monitoringPort, path).json() }

  /// The port for leaf nodes, as the log at `$DIR/log` tells it.
  public func leafPort() throws -> UInt16 {
    var port: UInt16?
    try eventually("the server listens for leaf nodes") {
      port = folder.read("log").firstMatch(of: #/leafnode connections on [0-9.]+:(\d+)/#).flatMap { UInt16($0.output.1) }
      return port != nil
    }
    return port ?? 0
  }

  /// The server's id, as /varz gives it.
  public func identifier() throws -> String { try monitor("/varz")["server_id"] as? String ?? "" }

  private static func waitForPorts(_ process: ChildProcess, in folder: String) throws -> (client: UInt16, monitoring: UInt16) {
    var found: [String: [String]] = [:]
    try eventually("the server listens") {
      if let status = process.exitStatus { throw TestFailure("the server ended with \(status):\n\(process.transcript)") }
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      guard let name = names.first(where: { $0.hasSuffix("_\(process.processIdentifier).ports") }),
        let data = FileManager.default.contents(atPath: "\(folder)/\(name)")
      else { return false }
      found = (try? JSONDecoder().decode([String: [String]].self, from: data)) ?? [:]
      return found["nats"]?.isEmpty == false
    }
    func port(_ key: String) -> UInt16 { found[key]?.first?.split(separator: ":").last.flatMap { UInt16($0) } ?? 0 }
    return (port("nats"), port("monitoring"))
  }
}
