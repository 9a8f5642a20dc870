import BrokerCore
import BrokerOptions
import Glibc
import Identity
import TestSupport
import Testing

@testable import ServerProcess

/// Every flag of the command line, to what it changes.
@Suite struct CommandFlagTests {
  /// What of the options a flag is seen by.
  private static let effects: [(arguments: [String], seen: @Sendable (BrokerOptions) -> Bool)] = [
    (["-a", "::1"], { $0.broker.host == "::1" }), (["-net", "h"], { $0.broker.host == "h" }), (["-p", "0"], { $0.broker.port == 4222 }),
    (["-p", "4333"], { $0.broker.port == 4333 }), (["-server_name", "n"], { $0.broker.serverName == "n" }),
    (["-pid", "f"], { $0.pidFile == "f" }), (["-m", "0"], { $0.monitoring.port == nil }), (["-m", "-1"], { $0.monitoring.port == 0 }),
    (["-ms", "8443"], { $0.monitoring.httpsPort == 8443 }), (["-https_port", "0"], { $0.monitoring.httpsPort == nil }),
    (["-client_advertise", "x:1"], { $0.broker.clientAdvertise == "x:1" }), (["-ports_file_dir", "d"], { $0.portsFileDirectory == "d" }),
    (["-l", "f"], { $0.logging.file == "f" }), (["-T=false"], { !$0.logging.time }), (["-D"], { $0.logging.debug }),
    (["-V"], { $0.broker.trace.isOn && !$0.broker.trace.includesServer }),
    (["-VV"], { $0.broker.trace.isOn && $0.broker.trace.includesServer && !$0.logging.debug }),
    (["-DV"], { $0.broker.trace.isOn && !$0.broker.trace.includesServer && $0.logging.debug }),
    (["-DVV"], { $0.broker.trace.isOn && $0.broker.trace.includesServer && $0.logging.debug }),
    (["-V", "-V=false"], { !$0.broker.trace.isOn }), (["-log_size_limit", "1000"], { $0.logging.fileSizeLimit == 1000 }),
    (["-max_traced_msg_len", "9"], { $0.broker.trace.maximumLength == 9 }), (["-user", "u"], { $0.broker.authorization.user == "u" }),
    (["-user", "u", "-pass", "p"], { $0.broker.authorization.password == "p" }),
    (["-auth", "t"], { $0.broker.authorization.token == "t" }),
    (["-tlscert", "c", "-tlskey", "k"], { $0.broker.tls?.certificateFile == "c" && $0.broker.tls?.keyFile == "k" }),
    (["-tls", "-tlscert", "c", "-tlskey", "k"], { $0.broker.tls?.verify == false }), (["-tls=false"], { $0.broker.tls == nil }),
    (
      ["-tlsverify", "-tlscert", "c", "-tlskey", "k", "-tlscacert", "a"], { $0.broker.tls?.verify == true && $0.broker.tls?.caFile == "a" }
    ),
    (["-js=false"], { $0 == BrokerOptions() }), (["-sd", "d"], { $0.storeDirectory == "d" }), (["-s=false"], { $0 == BrokerOptions() }),
    (["-cluster_name", "C"], { $0.broker.clusterName == "C" }), (["-no_advertise"], { $0 == BrokerOptions() }),
    (["-connect_retries", "3"], { $0 == BrokerOptions() }), (["-profile", "1"], { $0.profilingPort == 1 }),
  ]

  @Test func everyFlagHasItsEffect() throws {
    var used: Set<String> = []
    for (arguments, seen) in CommandFlagTests.effects {
      var options = BrokerOptions()
      try BrokerCommandLine(arguments).apply(to: &options)
      #expect(seen(options), "\(arguments)")
      for word in arguments where word.hasPrefix("-") { used.insert(String(word.dropFirst().prefix { $0 != "=" })) }
    }
    for (title, flags) in CommandFlags.groups {
      for flag in flags {
        if case .action = flag.kind { continue }
        if ["r", "routes", "cluster", "cluster_listen", "cluster_advertise"].contains(flag.names[0]) { continue }
        #expect(!used.isDisjoint(with: flag.names), "\(title): nothing shows what -\(flag.names[0]) does")
      }
    }
  }

  @Test(arguments: [
    (["-s"], "this server does not write to syslog: use --log or standard error"),
    (["-r", "udp://x"], "this server does not write to syslog: use --log or standard error"),
    (["-routes", "x"], "--routes: this server has no routes to other servers: run nats-server for them"),
    (["-cluster", "x"], "--cluster: this server has no routes to other servers: run nats-server for them"),
    (["-cluster_listen", "x"], "--cluster_listen: this server has no routes to other servers: run nats-server for them"),
    (["-cluster_advertise", "x"], "--cluster_advertise: this server has no routes to other servers: run nats-server for them"),
    (["-p", "70000"], "invalid value \"70000\" for flag -p: expected a port"),
    (["-m", "-2"], "invalid value \"-2\" for flag -m: expected a port"),
    (["-ms", "65536"], "invalid value \"65536\" for flag -ms: expected a port"),
  ])
  func whatIsRefused(_ arguments: [String], _ expected: String) {
    let error = #expect(throws: CommandLineError.self) {
      var options = BrokerOptions()
      try BrokerCommandLine(arguments).apply(to: &options)
    }
    #expect(error?.description == expected)
  }
}

@Suite struct ServerSignalTests {
  /// A process that ends with 7 on SIGHUP, once it listens to it.
  private func process() throws -> ChildProcess {
    let process = try ChildProcess("sh", ["-c", "trap 'exit 7' HUP; echo ready; while true; do sleep 0.05; done"])
    try eventually("ready") { process.output.contains("ready") }
    return process
  }

  @Test func byProcessIDAndByFile() throws {
    let folder = try TemporaryFolder()
    for isFile in [false, true] {
      let process = try process()
      let target = isFile ? try folder.write("\(process.processIdentifier)\n", to: "pid") : "\(process.processIdentifier)"
      try ServerSignal.send("reload", to: target, program: "nats-server")
      #expect(try process.waitForExit(timeout: 60).status == 7)
    }
  }

  @Test func whatIsWrongIsSaid() throws {
    let folder = try TemporaryFolder()
    let bad = try folder.write("twelve", to: "bad")
    let negative = try folder.write("-1", to: "negative")
    let faults: [(name: String, target: String, sentence: String)] = [
      ("hello", "1", "unknown signal \"hello\""), ("reload", bad, "invalid process id in \(bad)"),
      ("reload", negative, "invalid process id in \(negative)"), ("reload", folder.path("none"), "none"),
      ("reload", "\(Int32.max)", "signal \"reload\" \(Int32.max): no such process"),
    ]
    for fault in faults {
      let error = #expect(throws: CommandLineError.self) { try ServerSignal.send(fault.name, to: fault.target, program: "x") }
      #expect(error?.description.contains(fault.sentence) == true, "\(fault)")
    }
    let name = "natsight-test-\(getpid())"
    let none = #expect(throws: CommandLineError.self) { try ServerSignal.send("reload", to: "", program: name) }
    #expect(none?.description == "no \(name) processes running")
  }

  @Test func theOnlyProcessOfItsName() throws {
    let folder = try TemporaryFolder()
    let name = "natsight-test-\(UInt32.random(in: 0 ... .max))"
    let script = try folder.write("trap 'exit 7' HUP; echo ready; while true; do sleep 0.05; done", to: "script")
    // Its command line begins with the name, as a server's does.
    let start = { try ChildProcess("bash", ["-c", "exec -a \(name) bash \(script)"]) }
    let first = try start()
    try eventually("ready") { first.output.contains("ready") }
    let second = try start()
    try eventually("ready") { second.output.contains("ready") }
    let error = #expect(throws: CommandLineError.self) { try ServerSignal.send("reload", to: "", program: name) }
    #expect(error?.description.hasPrefix("multiple \(name) processes running: ") == true)
    try ServerSignal.send("reload", to: "\(second.processIdentifier)", program: name)
    #expect(try second.waitForExit(timeout: 60).status == 7)
    try eventually("it is the only one") { (try? ServerSignal.send("reload", to: "", program: name)) != nil }
    #expect(try first.waitForExit(timeout: 60).status == 7)
  }
}
