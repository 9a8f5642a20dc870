import Glibc
import Identity
import Wire

/// The file that tells where a server listens, and the file with its process id.
public enum ServerFiles {
  /// `<directory>/<executable>_<pid>.ports`.
  public static func portsPath(directory: String, executable: String) -> String {
    "\(directory)/\(executable)_\(getpid()).ports"
  }

  /// The JSON of a ports file; empty lists are left out.
  public static func ports(nats: [String], monitoring: [String]) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.member("nats", unlessEmpty: nats)
      writer.member("monitoring", unlessEmpty: monitoring)
    }
    return writer.bytes
  }

  /// The addresses of a listener; one on every interface is named by those that it can be reached on from here.
  public static func urls(scheme: String, host: String, port: UInt16) -> [String] {
    let isEverywhere = ["", "0.0.0.0", "::"].contains(host)
    let shown = isEverywhere ? "127.0.0.1" : host
    return ["\(scheme)://\(shown.contains(":") ? "[\(shown)]" : shown):\(port)"]
  }

  /// Writes the ports file so that a reader sees all of it or nothing.
  public static func writePorts(_ json: [UInt8], to path: String) throws(FileError) {
    try FileAccess.writeAtomically(path, json, mode: 0o666)
  }

  /// Writes the process id in decimal, without a line end.
  public static func writeProcessID(to path: String) throws(FileError) {
    try FileAccess.writeAtomically(path, Array("\(getpid())".utf8), mode: 0o660)
  }
}

/// Signals to a running server, by nats-server's names.
public enum ServerSignal {
  static let numbers: [String: Int32] = [
    "ldm": SIGUSR2, "stop": SIGKILL, "quit": SIGINT, "term": SIGTERM, "reopen": SIGUSR1, "reload": SIGHUP,
  ]

  /// Sends a signal.
  ///
  /// - Parameters:
  ///   - name: `ldm`, `stop`, `quit`, `term`, `reopen` or `reload`.
  ///   - target: A process id or a file that holds one; empty means the only process that runs under `program`.
  ///   - command: The words with which another executable does the same (`natsight broker`).
  public static func send(_ name: String, to target: String, program: String, orAs command: [String] = []) throws(CommandLineError) {
    guard let number = numbers[name] else { throw CommandLineError("unknown signal \"\(name)\"") }
    let process = try target.isEmpty ? onlyProcess(program, command) : processID(target)
    guard kill(process, number) == 0 else {
      throw CommandLineError("signal \"\(name)\" \(process): \(String(cString: strerror(errno)).lowercased())")
    }
  }

  private static func processID(_ target: String) throws(CommandLineError) -> pid_t {
    if let number = pid_t(target) { return number }
    let text: String
    do throws(FileError) {
      text = try FileAccess.readText(target)
    } catch {
      throw CommandLineError(error.description)
    }
    guard let number = pid_t(text.filter { !$0.isWhitespace }), number > 0 else {
      throw CommandLineError("invalid process id in \(target)")
    }
    return number
  }

  private static func onlyProcess(_ program: String, _ command: [String]) throws(CommandLineError) -> pid_t {
    let entries = (try? FileAccess.list("/proc")) ?? []
    let found = entries.compactMap { entry -> pid_t? in
      guard let process = pid_t(entry), process != getpid(), let line = try? FileAccess.read("/proc/\(entry)/cmdline") else { return nil }
      var words = line.split(separator: 0).prefix(max(1, command.count)).map { String(decoding: $0, as: UTF8.self) }
      guard let first = words.first else { return nil }
      words[0] = FileAccess.lastElement(of: first)
      return words[0] == program || words == command ? process : nil
    }
    if found.isEmpty { throw CommandLineError("no \(program) processes running") }
    guard found.count == 1 else {
      throw CommandLineError("multiple \(program) processes running: \(found.sorted().map(String.init).joined(separator: " "))")
    }
    return found[0]
  }
}
