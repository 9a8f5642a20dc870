import Foundation
import TestSupport
import Testing

/// `natsight config check` and `natsight config show`, as they are called.
@Suite struct ConfigCommandTests {
  private func run(_ arguments: [String], _ environment: [String: String] = [:]) throws -> Finished {
    try ChildProcess.run(NatsightProcess.binary, ["config"] + arguments, environment: environment, timeout: 60)
  }

  @Test func whatTheStartWouldRefuseIsFound() throws {
    let folder = try TemporaryFolder()
    let accessFile = try folder.write("roles: 5\n", to: "access.conf")
    let broker = try folder.write("prot: 1\nauthorization { user: x, usr: y }\n", to: "broker.conf")
    let mutes = try folder.write("no_such_code * 2030-01-01 because\n", to: "mutes.txt")
    let file = try folder.write(
      """
      access: "\(accessFile)"
      broker_config: "\(broker)"
      mutes: "\(mutes)"
      http_tls_cert: /nowhere/cert.pem
      http_tls_key: /nowhere/key.pem
      record: "\(accessFile)/sub"
      pages: "\(folder.path("."))"
      listen: "127.0.0.1:8222=/sever/a1"
      """, to: "bad.conf")
    let result = try run(["check", file])
    #expect(result.status == 1 && result.output.isEmpty, "\(result)")
    for sentence in [
      "did you mean \"server\"?", "access.conf:1:8", "/nowhere/cert.pem", "mutes.txt, line 1",
      "--record \(accessFile)/sub: \(accessFile) cannot be written to",
      "broker.conf:1:1: unknown field \"prot\"",
      "there is no index.html",
    ] {
      #expect(result.errors.contains(sentence), "\(sentence): \(result.errors)")
    }
  }

  @Test(arguments: [
    ("listen: 5\n", "serve.conf:1:"), ("lisen: \"x\"\n", "did you mean \"listen\"?"), ("timeout: 0s\n", "--timeout has to be above zero"),
    ("server: \"nats://127.0.0.1:1\"\nbroker_listen: \"127.0.0.1:0\"\n", "leave out --broker-config and --broker-listen"),
    ("server: \"nats://127.0.0.1:1\"\ncreds: /nowhere.creds\n", "/nowhere.creds"), ("archive: /nowhere.zip\n", "/nowhere.zip"),
    ("context: no-such-context-here\n", "no-such-context-here"), ("listen: \"0.0.0.0:8222\"\n", "reaches beyond this machine"),
    ("listen: \"127.0.0.1:8222?role=nobody\"\n", "nobody"),
  ])
  func oneFault(text: String, sentence: String) throws {
    let folder = try TemporaryFolder()
    let result = try run(["check", "--config", try folder.write(text, to: "serve.conf")])
    #expect(result.status != 0 && result.errors.contains(sentence), "\(result)")
  }

  /// A record that the start would not write to.
  @Test func aRecordThatIsNoneIsNamed() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.path("r"), withIntermediateDirectories: true)
    _ = try folder.write(String(repeating: "no record ", count: 500), to: "r/record.sqlite")
    let result = try run(["check", try folder.write("record: \"\(folder.path("r"))\"\n", to: "serve.conf")])
    #expect(result.status == 1 && result.errors.contains("r/record.sqlite"), "\(result)")
  }

  /// A port that is taken and a server that is away are the machine's business of the moment: neither is looked at.
  @Test func aGoodFileIsCalledGoodAndNothingIsStarted() throws {
    let folder = try TemporaryFolder()
    let port = freePort()
    let file = try folder.write(
      "listen: \"127.0.0.1:\(port)\"\nbroker_listen: \"127.0.0.1:0\"\nrecord: \"\(folder.path("a/b"))\"\n", to: "good.conf")
    let result = try run(["check", file], ["NATSIGHT_TIMOUT": "1s", "NATSIGHT_SERVICE_HOST": "10.0.0.1"])
    #expect(result.status == 0 && result.output.contains("good.conf is good"), "\(result)")
    // Those of whoever runs the tests may be there too.
    #expect(result.errors.contains("note: NATSIGHT_TIMOUT is no setting; did you mean \"NATSIGHT_TIMEOUT\"?\n"), "\(result.errors)")
    #expect(!result.errors.contains("SERVICE_HOST"))
    #expect(!FileManager.default.fileExists(atPath: folder.path("a")))
  }

  @Test func eachValueIsShownWithItsOrigin() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("timeout: 3s\ntoken: \"s3cr3t\"\nserver: \"nats://ann:pw9@h:4222\"\n", to: "serve.conf")
    let result = try run(["show", file, "--probe", "2s"], ["NATSIGHT_MAX_ROWS": "77", "NATS_CA": "ca.pem"])
    #expect(result.status == 0, "\(result)")
    let lines = result.output.split(separator: "\n").map(String.init)
    func line(_ start: String) -> String { lines.first { $0.hasPrefix(start) } ?? "" }
    #expect(line("timeout: \"3s\"").hasSuffix("# \(file):1"))
    #expect(line("probe: \"2s\"").hasSuffix("# command line"))
    #expect(line("max-rows: \"77\"").hasSuffix("# NATSIGHT_MAX_ROWS"))
    #expect(line("tls-ca: \"ca.pem\"").hasSuffix("# NATS_CA"))
    #expect(line("# listen: [\"127.0.0.1:8222\"]").hasSuffix("# default"))
    #expect(line("# coalesce: true").hasSuffix("# default"))
    #expect(line("# token: \"(not shown)\"").hasSuffix("# \(file):2"))
    #expect(!result.output.contains("s3cr3t") && !result.output.contains("pw9") && result.output.contains("nats://h:4222"))
  }

  /// As it is it says nothing, and each of its lines can be taken into use: a key that is known, and a value of its kind.
  @Test func theTemplateHasEverySetting() throws {
    let folder = try TemporaryFolder()
    let text = try run(["template"]).output
    let plain = try run(["check", try folder.write(text, to: "natsight.conf")])
    #expect(plain.status == 0, "\(plain.errors)")
    let settings = text.split(separator: "\n").filter { $0.wholeMatch(of: /# [a-z-]+: (".*"|\[.*\]|true|false)/) != nil }
    let shown = try run(["show"]).output.split(separator: "\n").dropFirst()
    #expect(settings.count == shown.count && settings.count > 50)
    // Those with a default stand with it: taken into use they change nothing.
    let used = settings.filter { !$0.contains("<") }.map { $0.dropFirst(2) + "\n" }.joined()
    let one = try run(["show", try folder.write(used, to: "used.conf")])
    #expect(one.status == 0 && one.output.contains("used.conf:1"), "\(one)")
    func values(_ text: String) -> [String] {
      text.split(separator: "\n").dropFirst().map { $0.trimmingPrefix("# ").prefix { $0 != "#" }.trimmingCharacters(in: .whitespaces) }
    }
    #expect(values(one.output) == values(try run(["show"]).output))
  }

  /// The environment is a place for the settings of `serve` itself.
  @Test func serveTakesItsSettingsFromTheEnvironment() throws {
    let port = freePort()
    let folder = try TemporaryFolder()
    let file = try folder.write("broker_listen: \"127.0.0.1:0\"\n", to: "serve.conf")
    let gateway = try NatsightProcess([], environment: ["NATSIGHT_LISTEN": "127.0.0.1:\(port)", "NATSIGHT_CONFIG": file])
    #expect(try gateway.httpPort() == port)
    try eventually("it answers") { (try? RawHTTP.get(port: port, "/livez").status) == 200 }
  }
}
