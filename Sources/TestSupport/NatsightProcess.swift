import Foundation

/// The built `natsight` command, running.
public final class NatsightProcess: Sendable {
  public static let binary = "\(productsFolder)/natsight"
  public let process: ChildProcess

  /// Starts it. `serve` and `broker` say which ports they took: give them port 0 and ask `httpPort` and `brokerPort`.
  public init(_ arguments: [String], environment: [String: String] = [:], directory: String? = nil) throws {
    process = try ChildProcess(NatsightProcess.binary, arguments, environment: environment, directory: directory)
  }

  /// `natsight serve` on ports of its own choice, with an embedded broker unless `arguments` name a server. Returns when it listens.
  public static func serve(_ arguments: [String] = [], environment: [String: String] = [:]) throws -> NatsightProcess {
    var all = ["serve"]
    if !arguments.contains(where: { $0 == "--listen" || $0 == "-l" }) { all += ["--listen", "127.0.0.1:0"] }
    let remote = arguments.contains { ["--server", "-s", "--context", "--archive"].contains($0) }
    if !remote, !arguments.contains("--broker-listen") { all += ["--broker-listen", "127.0.0.1:0"] }
    let started = try NatsightProcess(all + arguments, environment: environment)
    _ = try started.httpPort()
    return started
  }

  /// The first port that it says it serves HTTP on.
  public func httpPort() throws -> UInt16 { try port(after: "http://") }

  /// The first port that its embedded broker says it listens on.
  public func brokerPort() throws -> UInt16 { try port(after: "nats://") }

  /// What it wrote, for failure messages.
  public var transcript: String { process.transcript }

  private func port(after scheme: String) throws -> UInt16 {
    var found: UInt16?
    try eventually("natsight says where it listens (\(scheme))") {
      if let status = process.exitStatus { throw TestFailure("natsight ended with \(status):\n\(process.transcript)") }
      found = firstPort(in: process.output + process.errors, after: scheme)
      return found != nil
    }
    return found ?? 0
  }
}

/// The port of the first loopback URL of this scheme in a text.
func firstPort(in text: String, after scheme: String) -> UInt16? {
  for host in ["127.0.0.1:", "localhost:", "0.0.0.0:"] {
    for part in text.components(separatedBy: scheme + host).dropFirst() {
      if let port = UInt16(part.prefix { $0.isNumber }), port != 0 { return port }
    }
  }
  return nil
}

/// Python with nats-py, as `make test` sets it up.
public enum Python {
  public static let interpreter: String = {
    let own = "\(packageRoot)/.build-python/bin/python3"
    return FileManager.default.isExecutableFile(atPath: own) ? own : "python3"
  }()

  /// Runs a script and returns how it ended.
  public static func run(_ script: String, _ arguments: [String] = [], timeout: Double = 120) throws -> Finished {
    let folder = try TemporaryFolder()
    let file = try folder.write(script, to: "script.py")
    return try ChildProcess.run(interpreter, ["-u", file] + arguments, timeout: timeout)
  }
}
