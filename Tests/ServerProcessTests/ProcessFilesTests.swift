import BrokerCore
import BrokerOptions
import Glibc
import Identity
import ServerProcess
import TestSupport
import Testing

@Suite struct ProcessFilesTests {
  private func options(_ folder: TemporaryFolder, _ ports: String, _ pid: String) -> BrokerOptions {
    var options = BrokerOptions()
    options.portsFileDirectory = folder.path + ports
    options.pidFile = pid.isEmpty ? "" : folder.path + pid
    return options
  }

  private func text(_ path: String) throws -> String { try FileAccess.readText(path) }

  /// A reload may be asked for as soon as clients are served, before the monitoring port is open and the files are there.
  @Test func aReloadBeforeTheServerListensOnlyChangesWhatWillBeWritten() throws {
    let folder = try TemporaryFolder()
    for name in ["/old", "/new"] { mkdir(folder.path + name, 0o755) }
    let (first, second) = (options(folder, "/old", "/old.pid"), options(folder, "/new", "/new.pid"))
    var files = ProcessFiles(executable: "nats-server")
    try files.follow(from: first, to: second)
    #expect(files.portsFile.isEmpty && !FileAccess.exists(folder.path + "/new.pid"))
    try files.begin(second, .init(nats: ["nats://127.0.0.1:4222"], monitoring: ["http://127.0.0.1:8222"]))
    #expect(files.portsFile == "\(folder.path)/new/nats-server_\(getpid()).ports")
    #expect(try text(files.portsFile) == #"{"nats":["nats://127.0.0.1:4222"],"monitoring":["http://127.0.0.1:8222"]}"#)
    #expect(try text(folder.path + "/new.pid") == "\(getpid())")
    #expect(!FileAccess.exists(folder.path + "/old.pid"))
  }

  @Test func filesFollowAReload() throws {
    let folder = try TemporaryFolder()
    for name in ["/old", "/new"] { mkdir(folder.path + name, 0o755) }
    let (first, second) = (options(folder, "/old", ""), options(folder, "/new", "/new.pid"))
    var files = ProcessFiles(executable: "nats-server")
    try files.begin(first, .init(nats: ["nats://127.0.0.1:4222"]))
    let old = files.portsFile
    #expect(FileAccess.exists(old))
    try files.follow(from: first, to: first)
    #expect(files.portsFile == old)
    try files.follow(from: first, to: second)
    #expect(!FileAccess.exists(old) && FileAccess.exists(files.portsFile) && files.portsFile.hasPrefix(folder.path + "/new/"))
    files.removePortsFile()
    #expect(files.portsFile.isEmpty && !FileAccess.exists("\(folder.path)/new/nats-server_\(getpid()).ports"))
  }

  @Test func aFolderThatIsNotThereIsNamed() throws {
    let folder = try TemporaryFolder()
    var files = ProcessFiles(executable: "nats-server")
    let error = #expect(throws: (any Error).self) { try files.begin(options(folder, "/missing", ""), .init()) }
    #expect("\(error.map { "\($0)" } ?? "")".contains("/missing/nats-server_"))
  }

  @Test func reloadPlans() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("max_payload: 2048", to: "b.conf")
    let commandLine = try BrokerCommandLine(["-c", path])
    let running = commandLine.load().options
    // nats-server says so at every reload.
    let always = ["Reloaded: authorization users", "Reloaded: accounts"]
    #expect(try ReloadPlan(commandLine, running: running).lines == always)
    try folder.write("max_payload: 1024", to: "b.conf")
    let plan = try ReloadPlan(commandLine, running: running)
    #expect(plan.lines == ["Reloaded: max_payload = 1024"] + always && plan.options.broker.limits.maxPayload == 1024)
    try folder.write("port: 4333", to: "b.conf")
    let change = #expect(throws: OptionReloadError.self) { try ReloadPlan(commandLine, running: running) }
    #expect(change?.description.contains("config reload not supported for Host") == true)
    let none = #expect(throws: OptionReloadError.self) { try ReloadPlan(BrokerCommandLine([]), running: running) }
    #expect(none?.description == "can only reload config when a file is provided using -c or --config")
  }
}
