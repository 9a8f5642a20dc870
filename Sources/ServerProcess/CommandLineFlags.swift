import BrokerCore
import BrokerOptions

/// One flag of the command line, under nats-server's names.
struct CommandFlag: Sendable {
  enum Kind: Sendable {
    /// Needs no value; `=false` takes it back.
    case boolean(@Sendable (Bool, inout BrokerOptions) throws(CommandLineError) -> Void)
    /// Needs a value.
    case text(@Sendable (String, inout BrokerOptions) throws(CommandLineError) -> Void)
    case integer(@Sendable (Int, inout BrokerOptions) throws(CommandLineError) -> Void)
    /// Is no option of the server but says what to do.
    case action
  }

  let names: [String]
  let value: String
  let help: String
  let kind: Kind

  init(_ names: String, _ value: String = "", _ help: String, _ kind: Kind) {
    self.names = names.split(separator: " ").map(String.init)
    self.value = value
    self.help = help
    self.kind = kind
  }
}

/// What is wrong with a command line, in one sentence.
public struct CommandLineError: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}

/// The flags in the groups of `--help`.
enum CommandFlags {
  static let groups: [(title: String, flags: [CommandFlag])] = [
    ("Server", server), ("Logging", logging), ("Authorization", authorization), ("TLS", tls), ("Not available in this server", missing),
    ("Common", common),
  ]

  static let byName: [String: CommandFlag] = {
    var flags: [String: CommandFlag] = [:]
    for group in groups {
      for flag in group.flags {
        for name in flag.names { flags[name] = flag }
      }
    }
    return flags
  }()

  private static let server: [CommandFlag] = [
    CommandFlag(
      "a addr net", "<host>", "Listen for clients on this host (default: 0.0.0.0)",
      .text { text, options throws(CommandLineError) in
        options.broker.host = text
      }),
    CommandFlag(
      "p port", "<port>", "Listen for clients on this port (default: 4222, -1: any free one)",
      .integer { port, options throws(CommandLineError) in
        options.broker.port = listenerPort(port == 0 ? 4222 : try checked(port, "p"))
      }),
    CommandFlag(
      "n name server_name", "<name>", "The server's name (default: its id)",
      .text { text, options throws(CommandLineError) in
        options.broker.serverName = text
      }),
    CommandFlag(
      "P pid", "<file>", "Write the process id to this file", .text { text, options throws(CommandLineError) in options.pidFile = text }),
    CommandFlag(
      "m http_port", "<port>", "Serve monitoring over HTTP on this port",
      .integer { port, options throws(CommandLineError) in
        options.monitoring.port = port == 0 ? nil : listenerPort(try checked(port, "m"))
      }),
    CommandFlag(
      "ms https_port", "<port>", "Serve monitoring over HTTPS on this port",
      .integer { port, options throws(CommandLineError) in
        options.monitoring.httpsPort = port == 0 ? nil : listenerPort(try checked(port, "ms"))
      }),
    CommandFlag("c config", "<file>", "Configuration file", .action),
    CommandFlag("t", "", "Check the configuration file and exit", .action),
    CommandFlag(
      "sl signal", "<signal>[=<pid>]", "Send a signal to a running server: ldm, stop, quit, term, reopen or reload; pid may be a pid file",
      .action),
    CommandFlag(
      "client_advertise", "<host:port>", "Tell clients this address",
      .text { text, options throws(CommandLineError) in
        options.broker.clientAdvertise = text
      }),
    CommandFlag(
      "ports_file_dir", "<dir>", "Write the listeners to a file <executable>_<pid>.ports in this folder",
      .text { text, options throws(CommandLineError) in
        options.portsFileDirectory = text
      }),
  ]

  private static let logging: [CommandFlag] = [
    CommandFlag("l log", "<file>", "Log to this file", .text { text, options throws(CommandLineError) in options.logging.file = text }),
    CommandFlag(
      "T logtime", "", "Begin log lines with the time (default: true)",
      .boolean { on, options throws(CommandLineError) in options.logging.time = on }),
    CommandFlag(
      "D debug", "", "Log what helps to find faults", .boolean { on, options throws(CommandLineError) in options.logging.debug = on }),
    CommandFlag("V trace", "", "Trace the protocol", .boolean { on, options throws(CommandLineError) in options.broker.trace.isOn = on }),
    CommandFlag(
      "VV", "", "Trace the system account too", .boolean { on, options throws(CommandLineError) in trace(on, verbose: true, &options) }),
    CommandFlag(
      "DV", "", "Debug and trace",
      .boolean { on, options throws(CommandLineError) in
        options.logging.debug = on
        trace(on, verbose: false, &options)
      }),
    CommandFlag(
      "DVV", "", "Debug and trace, the system account too",
      .boolean { on, options throws(CommandLineError) in
        options.logging.debug = on
        trace(on, verbose: true, &options)
      }),
    CommandFlag(
      "log_size_limit", "<bytes>", "Begin the log file anew at this size",
      .integer { size, options throws(CommandLineError) in
        options.logging.fileSizeLimit = Int64(size)
      }),
    CommandFlag(
      "max_traced_msg_len", "<bytes>", "Bytes of a message that a trace shows",
      .integer { size, options throws(CommandLineError) in
        options.broker.trace.maximumLength = size
      }),
  ]

  private static let authorization: [CommandFlag] = [
    CommandFlag(
      "user", "<user>", "The user that clients must be",
      .text { text, options throws(CommandLineError) in
        options.broker.authorization.user = text
      }),
    CommandFlag(
      "pass", "<password>", "Its password", .text { text, options throws(CommandLineError) in options.broker.authorization.password = text }
    ),
    CommandFlag(
      "auth", "<token>", "The token that clients must have",
      .text { text, options throws(CommandLineError) in
        options.broker.authorization.token = text
      }),
  ]

  private static let tls: [CommandFlag] = [
    CommandFlag("tls", "", "Use TLS", .boolean { on, options throws(CommandLineError) in if on { secure(&options) { _ in } } }),
    CommandFlag(
      "tlscert", "<file>", "The server's certificate",
      .text { text, options throws(CommandLineError) in
        secure(&options) { $0.certificateFile = text }
      }),
    CommandFlag(
      "tlskey", "<file>", "Its private key", .text { text, options throws(CommandLineError) in secure(&options) { $0.keyFile = text } }),
    CommandFlag(
      "tlsverify", "", "Use TLS and ask clients for certificates",
      .boolean { on, options throws(CommandLineError) in
        if on { secure(&options) { $0.verify = true } }
      }),
    CommandFlag(
      "tlscacert", "<file>", "Authorities of client certificates",
      .text { text, options throws(CommandLineError) in
        secure(&options) { $0.caFile = text }
      }),
  ]

  private static let missing: [CommandFlag] = [
    CommandFlag(
      "js jetstream", "", "JetStream",
      .boolean { on, _ throws(CommandLineError) in
        if on { throw CommandLineError("this server has no JetStream: run nats-server for it") }
      }),
    CommandFlag(
      "sd store_dir", "<dir>", "The folder of JetStream", .text { text, options throws(CommandLineError) in options.storeDirectory = text }),
    CommandFlag(
      "s syslog", "", "Log to syslog",
      .boolean { on, _ throws(CommandLineError) in
        if on { throw CommandLineError("this server does not write to syslog: use --log or standard error") }
      }),
    CommandFlag(
      "r remote_syslog", "<addr>", "Log to a remote syslog",
      .text { _, _ throws(CommandLineError) in
        throw CommandLineError("this server does not write to syslog: use --log or standard error")
      }),
    alone("routes", "<urls>", "Routes to other servers"), alone("cluster", "<url>", "The listener for routes"),
    alone("cluster_listen", "<url>", "The same"), alone("cluster_advertise", "<url>", "The address told to routes"),
    CommandFlag(
      "cluster_name", "<name>", "The cluster's name",
      .text { text, options throws(CommandLineError) in
        options.broker.clusterName = text
      }),
    CommandFlag("no_advertise", "", "Do not tell clients of other servers", .boolean { _, _ throws(CommandLineError) in }),
    CommandFlag("connect_retries", "<n>", "Attempts at implicit routes", .integer { _, _ throws(CommandLineError) in }),
    CommandFlag("profile", "<port>", "Go profiles", .integer { port, options throws(CommandLineError) in options.profilingPort = port }),
  ]

  private static let common: [CommandFlag] = [
    CommandFlag("h help", "", "Show this text", .action), CommandFlag("v version", "", "Show the version", .action),
    CommandFlag("help_tls", "", "How to make certificates for a trial", .action),
  ]

  private static func alone(_ name: String, _ value: String, _ help: String) -> CommandFlag {
    CommandFlag(
      name, value, help,
      .text { _, _ throws(CommandLineError) in
        throw CommandLineError("--\(name): this server has no routes to other servers: run nats-server for them")
      })
  }

  private static func checked(_ port: Int, _ flag: String) throws(CommandLineError) -> Int {
    guard (-1...65535).contains(port) else { throw CommandLineError("invalid value \"\(port)\" for flag -\(flag): expected a port") }
    return port
  }

  private static func trace(_ on: Bool, verbose: Bool, _ options: inout BrokerOptions) {
    options.broker.trace.isOn = on
    if verbose { options.broker.trace.includesServer = on }
  }

  private static func secure(_ options: inout BrokerOptions, _ change: (inout TLSListenerConfiguration) -> Void) {
    var tls = options.broker.tls ?? TLSListenerConfiguration(certificateFile: "", keyFile: "")
    change(&tls)
    options.broker.tls = tls
  }
}
