import CPosix
import Foundation
import Glibc
import Synchronization

/// How a process ended and what it wrote.
public struct Finished: Sendable {
  /// The exit status; 128 + the signal's number for a process that a signal ended.
  public let status: Int32
  public let output: String
  public let errors: String

  public init(status: Int32, output: String, errors: String) {
    (self.status, self.output, self.errors) = (status, output, errors)
  }
}

/// A process of our own: its output goes to files, so that nobody has to keep reading, and it never outlives the test process.
///
/// Started in a process group of its own, with default signal handling and no inherited descriptors. Thread safe.
public final class ChildProcess: Sendable {
  public let processIdentifier: pid_t
  public let commandLine: String
  private let folder: TemporaryFolder
  private let exit = Mutex<Int32?>(nil)

  /// Starts `executable`, looked up in PATH and in the `sbin` folders when it holds no slash.
  /// - Parameters:
  ///   - environment: added to this process's own.
  ///   - inherits: which variables of this process's own are handed on.
  ///   - input: what the process finds on standard input; without it, nothing.
  /// - Throws: `TestFailure` when it cannot be started.
  public init(
    _ executable: String, _ arguments: [String] = [], environment: [String: String] = [:], directory: String? = nil, input: String? = nil,
    inherits: (String) -> Bool = { _ in true }
  ) throws {
    let path = try findExecutable(executable)
    let folder = try TemporaryFolder()
    try folder.write(input ?? "", to: "stdin")
    self.folder = folder
    commandLine = ([executable] + arguments).joined(separator: " ")

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, folder.path("stdin"), O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, folder.path("stdout"), O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, folder.path("stderr"), O_WRONLY | O_CREAT | O_APPEND, 0o600)
    cposix_spawn_close_from(&actions, 3)
    if let directory { cposix_spawn_change_directory(&actions, directory) }

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

    let merged = ProcessInfo.processInfo.environment.filter { inherits($0.key) }.merging(environment) { $1 }
    var identifier: pid_t = 0
    let failure = withCStrings([path] + arguments) { argv in
      withCStrings(merged.map { "\($0.key)=\($0.value)" }) { environment in
        posix_spawn(&identifier, path, &actions, &attributes, argv, environment)
      }
    }
    guard failure == 0 else { throw TestFailure("cannot start \(path): \(String(cString: strerror(failure)))") }
    processIdentifier = identifier
    Sitter.shared.watch(identifier)
  }

  deinit { end(grace: 0) }

  /// Standard output so far.
  public var output: String { folder.read("stdout") }

  /// Standard error so far.
  public var errors: String { folder.read("stderr") }

  /// Both, for messages about what went wrong.
  public var transcript: String { "$ \(commandLine)\n\(output)\(errors)" }

  public var isRunning: Bool { exitStatus == nil }

  /// nil while it runs; 128 + signal when a signal ended it.
  public var exitStatus: Int32? {
    exit.withLock { known in
      if known != nil { return known }
      var raw: Int32 = 0
      guard waitpid(processIdentifier, &raw, WNOHANG) == processIdentifier else { return nil }
      known = raw & 0x7f == 0 ? (raw >> 8) & 0xff : 128 + (raw & 0x7f)
      Sitter.shared.forget(processIdentifier)
      return known
    }
  }

  /// Sends a signal to the process, not to its children. Nothing happens once it has ended.
  public func send(_ signal: Int32) {
    exit.withLock { if $0 == nil { _ = kill(processIdentifier, signal) } }
  }

  /// SIGSTOP: it holds its connections and answers nobody.
  ///
  /// Returns when every thread has stopped: on a busy machine one that is not told yet may answer a request or two before.
  public func freeze() {
    send(SIGSTOP)
    try? eventually("every thread has stopped") { hasStopped }
  }

  private var hasStopped: Bool {
    let folder = "/proc/\(processIdentifier)/task"
    let threads = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return threads.allSatisfy { thread in
      guard let line = try? String(contentsOfFile: "\(folder)/\(thread)/stat", encoding: .utf8) else { return true }
      // The state follows the command's name, which may hold anything but ends with the last parenthesis.
      return line.components(separatedBy: ") ").last?.first == "T"
    }
  }

  /// SIGCONT.
  public func thaw() { send(SIGCONT) }

  /// SIGTERM, and SIGKILL for its whole group when it is not gone within `grace` seconds. Waits until it has ended.
  public func stop(grace: Double = 10) { end(grace: grace) }

  /// SIGKILL, and waits until it has ended.
  public func killNow() { end(grace: 0) }

  /// Waits for the end.
  /// - Throws: `TestFailure` with what it wrote when it still runs after `timeout` seconds; it is killed then.
  @discardableResult
  public func waitForExit(timeout: Double = 60) throws -> Finished {
    let deadline = monotonicSeconds() + timeout
    while true {
      if let status = exitStatus { return Finished(status: status, output: output, errors: errors) }
      if monotonicSeconds() > deadline {
        killNow()
        throw TestFailure("still running after \(timeout) s:\n\(transcript)")
      }
      usleep(5000)
    }
  }

  /// Starts a process and waits for its end.
  public static func run(
    _ executable: String, _ arguments: [String] = [], environment: [String: String] = [:], directory: String? = nil, input: String? = nil,
    timeout: Double = 60
  ) throws -> Finished {
    try ChildProcess(executable, arguments, environment: environment, directory: directory, input: input).waitForExit(timeout: timeout)
  }

  private func end(grace: Double) {
    if exitStatus == nil, grace > 0 {
      send(SIGCONT)
      send(SIGTERM)
      let deadline = monotonicSeconds() + grace
      while exitStatus == nil, monotonicSeconds() < deadline { usleep(5000) }
    }
    kill(-processIdentifier, SIGKILL)
    while exitStatus == nil { usleep(1000) }
  }
}

/// A shell that holds the read end of a pipe: when the test process goes, in whatever way, it kills what is left.
private final class Sitter: Sendable {
  static let shared = Sitter()
  private let pipe: Int32

  private init() {
    var ends: [Int32] = [0, 0]
    _ = cposix_pipe(&ends)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    cposix_spawn_close_from(&actions, 3)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    let script = """
      declare -A group
      while read -r what pid; do if [[ $what == + ]]; then group[$pid]=1; else unset "group[$pid]"; fi; done
      for pid in "${!group[@]}"; do kill -9 -- "-$pid"; done
      """
    var identifier: pid_t = 0
    _ = withCStrings(["bash", "-c", script]) { argv in
      posix_spawn(&identifier, "/bin/bash", &actions, &attributes, argv, environ)
    }
    posix_spawn_file_actions_destroy(&actions)
    posix_spawnattr_destroy(&attributes)
    close(ends[0])
    pipe = ends[1]
  }

  func watch(_ process: pid_t) { tell("+ \(process)\n") }

  func forget(_ process: pid_t) { tell("- \(process)\n") }

  private func tell(_ line: String) { _ = line.withCString { Glibc.write(pipe, $0, strlen($0)) } }
}

/// Where an executable stands: as given when it holds a slash, else the first match in PATH, /usr/sbin and /sbin.
/// - Throws: `TestFailure` that names the package list when there is none.
public func findExecutable(_ name: String) throws -> String {
  if name.contains("/") { return name }
  let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
  for folder in path.split(separator: ":").map(String.init) + ["/usr/sbin", "/sbin"] where access("\(folder)/\(name)", X_OK) == 0 {
    return "\(folder)/\(name)"
  }
  throw TestFailure("no \(name) in PATH; `make test` installs what scripts/packages.txt lists")
}

func withCStrings<R>(_ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R) -> R {
  let copies = strings.map { strdup($0) }
  defer { for copy in copies { free(copy) } }
  return body(copies + [nil])
}
