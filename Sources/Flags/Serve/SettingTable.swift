import ArgumentParser
import Gateway
import Judgement
import Wire

extension Setting {
  // MARK: The process

  static let listen: Setting = .init(
    "listen", .list("address"), .atReload,
    """
    Where to listen: HOST:PORT[=/prefix][?role=NAME]. With =/server/a1 it is a1's monitoring port, with =/merged the whole system as \
    one server; ?role gives callers without credentials that role. May be repeated.
    """, also: [.letter("l")])
  static let logLevel: Setting = .init(
    "log-level", .value("log-level"), .atReload, "trace, debug (a line for each request), info, notice, warning, error or critical.")
  static let logFormat: Setting = .init("log-format", .value("log-format"), .afterRestart, "How log lines look.")
  static let pages: Setting = .init(
    "pages", .value("folder"), .afterRestart,
    "A folder with the pages for browsers, to work on them; without it those that the command carries are served.")

  // MARK: The NATS system

  static let server: Setting = .init(
    "server", .list("url"), .afterRestart, "Servers of the system, separated by commas; one is used, the others are for when it fails.",
    also: [.letter("s"), .singleDash("server")])
  static let context: Setting = .init("context", .value("name"), .afterRestart, "A context of the nats command.")
  static let creds: Setting = .init(
    "creds", .value("file"), .afterRestart, "A credentials file (JWT and seed), read again at every connect.", also: [.singleDash("creds")])
  static let nkey: Setting = .init(
    "nkey", .value("file"), .afterRestart, "A file with an nkey seed, read again at every connect.", also: [.singleDash("nkey")])
  static let user: Setting = .init(
    "user", .value("user"), .afterRestart, "User name; without a password it is a token, as for the nats command.")
  static let password: Setting = .init(
    "password", .value("password"), .afterRestart, "Password; in NATS_PASSWORD it does not show in lists of processes.")
  static let token: Setting = .init("token", .value("token"), .afterRestart, "Token.")
  static let tokenFile: Setting = .init("token-file", .value("file"), .afterRestart, "A file with the token, read again at every connect.")
  static let tlsCA: Setting = .init(
    "tls-ca", .value("file"), .afterRestart, "Certificates of the authorities to trust.",
    also: [.long("tlscacert"), .singleDash("tlscacert")])
  static let tlsCert: Setting = .init(
    "tls-cert", .value("file"), .afterRestart, "Our own certificate.", also: [.long("tlscert"), .singleDash("tlscert")])
  static let tlsKey: Setting = .init(
    "tls-key", .value("file"), .afterRestart, "The key of that certificate.", also: [.long("tlskey"), .singleDash("tlskey")])
  static let tlsFirst: Setting = .init(
    "tls-first", .flag, .afterRestart, "TLS before the server's first word, as servers with handshake_first want it.")

  // MARK: The servers of the system

  static let sysReqPrefix: Setting = .init(
    "sys-req-prefix", .value("subject"), .afterRestart,
    "The subjects of system requests begin with this, where a user's own account imports them from the system account.",
    use: .gateway { $1.systemRequestPrefix = $0.system.sysReqPrefix })
  static let expect: Setting = .init(
    "expect", .list("names"), .afterRestart,
    "Servers that have to be there, by name, separated by commas; answers without them are not complete.",
    use: .gateway { $1.expect = $0.system.expect.separated })
  static let retire: Setting = .init(
    "retire", .list("names"), .atReload,
    "Servers that are not coming back, by name, separated by commas. Read again on SIGHUP.",
    use: .gateway { $1.retire = $0.system.retiredNames })
  static let forgetAfter: Setting = .init(
    "forget-after", .value("duration"), .afterRestart, "How long a server that has fallen silent stays expected.",
    use: .gateway { $1.forgetAfter = $0.system.forgetAfter.seconds })
  static let probe: Setting = .init(
    "probe", .value("duration"), .afterRestart, "How long a liveness probe may take before a server is suspect.",
    use: .gateway { $1.probe = $0.system.probe.seconds })
  static let stateDir: Setting = .init(
    "state-dir", .value("folder"), .afterRestart,
    "A folder that keeps the list of servers, and the key of a NATS server of its own, over restarts of the gateway.",
    use: .gateway { $1.stateDirectory = $0.system.stateDir })
  static let findings: Setting = .init(
    "findings", .list("name=value"), .afterRestart, "Thresholds of /findings, such as near_limit=80,certificate_days=30.",
    use: .gateway { flags, configuration in
      for text in flags.system.findings {
        if let wrong = configuration.findings.read(text) { throw ValidationError("--findings \(wrong)") }
      }
    })

  // MARK: Findings

  static let notify: Setting = .init(
    "notify", .list("url"), .atReload,
    """
    Tell this receiver what becomes of findings: http(s)://… gets a JSON document, alertmanager+http(s)://… what Alertmanager takes, \
    chat+http(s)://… a text as chat webhooks take it. May be repeated.
    """)
  static let notifyAfter: Setting = .init(
    "notify-after", .value("duration"), .atReload, "How long a finding has to last before anybody is told of it.")
  static let notifySecretFile: Setting = .init(
    "notify-secret-file", .value("file"), .atReload,
    "A file with the secret that deliveries are signed with (HMAC-SHA256, in Natsight-Signature). Read again on SIGHUP.")
  static let mutes: Setting = .init(
    "mutes", .value("file"), .atReload,
    "A file of findings that nobody wants to hear of: CODE SUBJECT UNTIL REASON on each line. Read again on SIGHUP.")

  // MARK: The embedded broker

  static let brokerConfig: Setting = .init(
    "broker-config", .value("file"), .afterRestart,
    "A nats-server configuration file for it, read again on SIGHUP. Its http port follows --access where that is given.",
    also: [.letter("c")])
  static let brokerListen: Setting = .init(
    "broker-listen", .value("address"), .afterRestart, "Where its clients connect (default: 127.0.0.1:4222).")

  // MARK: Who may read

  static let access: Setting = .init(
    "access", .value("file"), .atReload,
    "Who may read what: users, tokens, certificates and roles (docs/access.md). Read again on SIGHUP.",
    use: .access { flags, options throws(AccessError) in if let file = flags.access { options.policy = try AccessFile.load(file) } })
  static let allowHost: Setting = .init(
    "allow-host", .list("host"), .atReload,
    "A host name that requests may be sent to where nobody signs in; loopback always may. May be repeated.",
    use: .access { $1.allowedHosts = $0.allowHost.separated })
  static let allowUnauthenticated: Setting = .init(
    "allow-unauthenticated", .flag, .atReload,
    "Listen beyond this machine without an access file: whoever reaches a listener may read everything but secrets.",
    use: .access { $1.allowUnauthenticated = $0.allowUnauthenticated })
  static let corsOrigin: Setting = .init(
    "cors-origin", .list("origin"), .atReload, "An origin whose pages may read answers. May be repeated.",
    use: .access { $1.crossOrigins = $0.corsOrigin.separated })
  static let maxConcurrent: Setting = .init(
    "max-concurrent", .value("number"), .atReload,
    "The most requests that one address may have under way, event streams among them; 0 for no limit.",
    use: .access { $1.concurrentPerAddress = $0.maxConcurrent == 0 ? nil : $0.maxConcurrent })
  static let requestsPerSecond: Setting = .init(
    "requests-per-second", .value("number"), .atReload,
    "The most requests a second of each caller, or of each address where nobody signs in. A role's own budget goes before it.",
    use: .access { $1.requestsPerSecond = $0.requestsPerSecond })
  static let httpTLSCert: Setting = .init(
    "http-tls-cert", .value("file"), .atReload, "The certificate chain of the listeners, PEM. Read again on SIGHUP.")
  static let httpTLSKey: Setting = .init("http-tls-key", .value("file"), .atReload, "The key of that certificate, PEM.")
  static let httpClientCA: Setting = .init(
    "http-client-ca", .value("file"), .atReload, "The authorities of client certificates, which are then required, PEM.")
  static let httpBasePath: Setting = .init(
    "http-base-path", .value("path"), .atReload, "A path that all paths begin with, as nats-server's http_base_path.")

  // MARK: Answers

  static let timeout: Setting = .init(
    "timeout", .value("duration"), .afterRestart,
    "How long an answer may take where the request names no timeout, such as 500ms or 5s (default: 2s, and never above --max-timeout).",
    use: .gateway { $1.timeout = $0.answers.timeout?.seconds ?? min($1.timeout, $0.answers.maxTimeout.seconds) })
  static let maxTimeout: Setting = .init(
    "max-timeout", .value("duration"), .afterRestart, "The longest timeout that a request may name.",
    use: .gateway { $1.maxTimeout = $0.answers.maxTimeout.seconds })
  static let maxAge: Setting = .init(
    "max-age", .value("duration"), .afterRestart, "Answer everybody from memory where an answer is no older than this.",
    use: .gateway { $1.maxAge = $0.answers.maxAge.seconds })
  static let maxRows: Setting = .init(
    "max-rows", .value("number"), .afterRestart, "The most rows of a merged answer.",
    use: .gateway { $1.maxRows = $0.answers.maxRows })
  static let maxSeries: Setting = .init(
    "max-series", .value("number"), .afterRestart,
    "The most series of a page of metrics; what is left out is told on the page.",
    use: .gateway { $1.maxSeries = $0.answers.maxSeries })
  static let maxAnswer: Setting = .init(
    "max-answer", .value("megabytes"), .afterRestart,
    """
    The most that servers' replies to one question may take; a reply that does not fit is missing. Those to all questions together may take \
    four times as much.
    """,
    use: .gateway { $1.maxAnswer = $0.answers.maxAnswer << 20 })
  static let coalesce: Setting = .init(
    "coalesce", .switchable, .afterRestart, "Answer equal requests at the same time with one request to the servers.",
    use: .gateway { $1.coalesces = $0.answers.coalesce })

  /// Every setting of `serve`. `--config` itself is none: a file does not name another.
  public static let all: [Setting] =
    [
      listen, logLevel, logFormat, pages,
      server, context, creds, nkey, user, password, token, tokenFile, tlsCA, tlsCert, tlsKey, tlsFirst,
      sysReqPrefix, expect, retire, forgetAfter, probe, stateDir, findings, notify, notifyAfter, notifySecretFile, mutes,
      brokerConfig, brokerListen,
    ] + recording + [
      access, allowHost, allowUnauthenticated, corsOrigin, maxConcurrent, requestsPerSecond, httpTLSCert, httpTLSKey, httpClientCA,
      httpBasePath,
      timeout, maxTimeout, maxAge, maxRows, maxSeries, maxAnswer, coalesce,
    ]
}
