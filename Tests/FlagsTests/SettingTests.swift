import ArgumentParser
import Flags
import Gateway
import TestSupport
import Testing

/// The table of settings, walked: each is a flag and a key of the file with the same meaning, and is taken up at a reload or named.
@Suite struct SettingTests {
  /// A value other than the default, and what has to stand beside it.
  struct Sample: Sendable {
    let value: String
    var beside: [String] = []
  }

  static let samples: [String: Sample] = [
    "listen": Sample(value: "127.0.0.1:9999"), "log-level": Sample(value: "debug"), "log-format": Sample(value: "json"),
    "pages": Sample(value: "Public"),
    "server": Sample(value: "nats://a:1,nats://b:2"), "context": Sample(value: "production"), "creds": Sample(value: "a.creds"),
    "nkey": Sample(value: "a.nk"), "user": Sample(value: "ann"), "password": Sample(value: "-secret"), "token": Sample(value: "--token"),
    "token-file": Sample(value: "a.token"), "tls-ca": Sample(value: "ca.pem"), "tls-cert": Sample(value: "c.pem"),
    "tls-key": Sample(value: "k.pem"), "sys-req-prefix": Sample(value: "mon.REQ"), "expect": Sample(value: "a1,a2"),
    "retire": Sample(value: "a3"), "forget-after": Sample(value: "5m"), "probe": Sample(value: "3s"), "state-dir": Sample(value: "state"),
    "findings": Sample(value: "near_limit=70"), "broker-config": Sample(value: "b.conf"), "broker-listen": Sample(value: "127.0.0.1:1"),
    "access": Sample(value: "access.conf"), "allow-host": Sample(value: "mon.example"), "cors-origin": Sample(value: "https://x.example"),
    "max-concurrent": Sample(value: "7"), "requests-per-second": Sample(value: "2.5"),
    "http-tls-cert": Sample(value: "h.pem", beside: ["--http-tls-key=h.key"]),
    "http-tls-key": Sample(value: "h.key", beside: ["--http-tls-cert=h.pem"]),
    "http-client-ca": Sample(value: "hca.pem", beside: ["--http-tls-cert=h.pem", "--http-tls-key=h.key"]),
    "http-base-path": Sample(value: "/mon"), "timeout": Sample(value: "7s"), "max-timeout": Sample(value: "40s"),
    "max-age": Sample(value: "250ms"), "max-rows": Sample(value: "12"), "max-series": Sample(value: "300"),
    "max-answer": Sample(value: "17"), "archive": Sample(value: "a.zip"), "record": Sample(value: "record"),
    "notify": Sample(value: "chat+https://chat.example/x"), "notify-after": Sample(value: "2m"),
    "notify-secret-file": Sample(value: "n.key", beside: ["--notify=http://h"]), "mutes": Sample(value: "mutes.txt"),
    "record-every": Sample(value: "20s", beside: ["--record=r"]),
    "record-keep": Sample(value: "2d,500MB", beside: ["--record=r"]), "record-rows": Sample(value: "connz=500", beside: ["--record=r"]),
    "record-endpoints": Sample(value: "varz,connz", beside: ["--record=r"]),
    "record-stream": Sample(value: "HISTORY", beside: ["--record=nats://h"]),
    "record-replicas": Sample(value: "3", beside: ["--record=nats://h"]),
    "record-creds": Sample(value: "r.creds", beside: ["--record=nats://h"]),
    "record-nkey": Sample(value: "r.nk", beside: ["--record=nats://h"]),
  ]

  /// Made once: a parse of all settings takes a while.
  private static let help = ServeFlags.helpMessage(columns: 10_000)
  private static let plain = (try? ServeFlags.parse([])).map { "\($0)" } ?? ""

  /// The setting's flag, and its line of a file.
  private func spellings(_ setting: Setting) throws -> (flag: String, line: String, beside: [String]) {
    switch setting.kind {
    case .flag: return ("--\(setting.name)", "\(setting.name): true", [])
    case .switchable: return ("--no-\(setting.name)", "\(setting.name): false", [])
    case .value, .list:
      let sample = try #require(SettingTests.samples[setting.name], "no sample for \(setting.name)")
      return ("--\(setting.name)=\(sample.value)", "\(setting.name): \"\(sample.value)\"", sample.beside)
    }
  }

  @Test func theTableHasEachNameOnce() {
    #expect(Set(Setting.all.map(\.name)).count == Setting.all.count)
    #expect(Setting.all.count > 35)
    #expect(Set(SettingTests.samples.keys).subtracting(Setting.all.map(\.name)) == [])
  }

  @Test(arguments: Setting.all) func flagAndFileSayTheSame(setting: Setting) throws {
    let (flag, line, beside) = try spellings(setting)
    let flagged = "\(try parse(beside + [flag]))"
    #expect(flagged != SettingTests.plain, "the flag changes nothing")
    if let sample = SettingTests.samples[setting.name] { #expect(flagged.contains(sample.value)) }
    let folder = try TemporaryFolder()
    for text in [line, line.replacing("-", with: "_", maxReplacements: setting.name.contains("-") ? 1 : 0)] {
      let file = try folder.write(text + "\n", to: "serve.conf")
      let expanded = Array(try words(["serve", "--config", file] + beside).dropFirst())
      // The same words are parsed once.
      if expanded != [flag] + beside { #expect("\(try parse(expanded))" == flagged, "\(text)") }
    }
    // Shown in the help, with its own words.
    #expect(SettingTests.help.contains(setting.help) && SettingTests.help.contains("--\(setting.name)"))
  }

  /// What the gateway or its door is told by a flag reaches it.
  @Test(arguments: Setting.all) func aFlagHasItsEffect(setting: Setting) throws {
    let (flag, _, beside) = try spellings(setting)
    let (plain, flagged) = (try parse([]), try parse(beside + [flag]))
    switch setting.use {
    case .gateway:
      let (before, after) = ("\(try plain.configuration())", "\(try flagged.configuration())")
      #expect(before != after)
    case .access where setting.name == Setting.named("access")?.name:
      // It names a file, which is read.
      #expect(throws: AccessError.self) { try flagged.access.options() }
    case .access:
      let (before, after) = ("\(try plain.access.options())", "\(try flagged.access.options())")
      #expect(before != after)
    case .command: break
    }
  }

  private func parse(_ arguments: [String]) throws -> ServeFlags { try ServeFlags.parse(arguments) }

  private func words(_ arguments: [String], _ environment: [String: String] = [:]) throws -> [String] {
    try ServeArguments(arguments) { environment[$0] }.words
  }

  /// Its variable says the same as its line of the file.
  @Test(arguments: Setting.all) func fileAndVariableSayTheSame(setting: Setting) throws {
    let (value, written): (String, String)
    switch setting.kind {
    case .flag: (value, written) = ("true", "true")
    case .switchable: (value, written) = ("no", "false")
    case .value, .list:
      value = try #require(SettingTests.samples[setting.name]).value
      let parts = value.split(separator: ",").map { "\"\($0)\"" }
      if case .list = setting.kind { written = "[\(parts.joined(separator: ", "))]" } else { written = "\"\(value)\"" }
    }
    let folder = try TemporaryFolder()
    let file = try folder.write("\(setting.name): \(written)\n", to: "serve.conf")
    #expect(try words(["serve"], [ServeEnvironment.name(of: setting): value]) == words(["serve", "--config", file]))
    // Nothing of it where it is empty.
    #expect(try words(["serve"], [ServeEnvironment.name(of: setting): ""]) == ["serve"])
  }

  @Test(arguments: Setting.all) func aReloadTakesItUpOrNamesIt(setting: Setting) throws {
    let (flag, line, _) = try spellings(setting)
    let started = ServeSettings(["serve", "--timeout=3s", "--listen=127.0.0.1:1"])
    let folder = try TemporaryFolder()
    // Leaves out what was there, and has something new.
    let file = try folder.write(line + "\n", to: "serve.conf")
    let reread = ServeSettings(try words(["serve", "--config", file]))
    let named = reread.differences(from: started)
    #expect(named.contains("timeout"))
    #expect(!named.contains("listen"))
    let name = setting.kind == .switchable ? "no-\(setting.name)" : setting.name
    #expect(named.contains(name) == (setting.change == .afterRestart), "\(flag)")
  }

  /// What speaks of a system has no place beside a file that stands for one.
  @Test func anArchiveIsNoSystem() throws {
    let others: Set<String> = [
      "server", "context", "creds", "nkey", "user", "password", "token", "token-file", "tls-ca", "tls-cert", "tls-key", "tls-first",
      "sys-req-prefix", "expect", "retire", "forget-after", "probe", "state-dir", "broker-config", "broker-listen", "record",
      "record-every", "record-keep", "record-rows", "record-endpoints", "record-secrets", "record-stream", "record-replicas",
      "record-creds", "record-nkey", "record-set-aside", "notify", "notify-after", "notify-secret-file", "mutes",
    ]
    for setting in Setting.all where setting.name != "archive" {
      let (flag, _, beside) = try spellings(setting)
      let arguments = ["--archive=a.zip", flag] + beside
      guard others.contains(setting.name) else {
        #expect(throws: Never.self, "\(flag)") { try parse(arguments) }
        continue
      }
      let error = #expect(throws: (any Error).self, "\(flag)") { try parse(arguments) }
      let text = error.map { ServeFlags.message(for: $0) } ?? ""
      #expect(
        text.contains("--archive shows what is in a file") && text.contains("leave out ") && text.contains("--\(setting.name)"),
        "\(flag): \(text)")
    }
    #expect(others.isSubset(of: Setting.all.map(\.name)))
  }

  @Test func theSameAgainIsNoDifference() {
    let arguments = ["serve", "--probe=3s", "--retire", "a", "--tls-first", "-l", "x"]
    #expect(ServeSettings(arguments).differences(from: ServeSettings(arguments)) == [])
  }

  @Test(arguments: [
    ("timeout: 3s\ntimeout: 4s\n", "serve.conf:2:1: \"timeout\" stands twice"),
    ("log_level: info\nlog-level: debug\n", "serve.conf:2:1: \"log-level\" stands twice"),
    ("tiemout: 3s\n", "unknown field \"tiemout\"; did you mean \"timeout\"?; known: access, "),
    ("http_tls_crt: x\n", "did you mean \"http-tls-cert\"?"), ("nonsense: 1\n", "unknown field \"nonsense\"; known: "),
    ("listen: 5\n", "serve.conf:1:"), ("timeout {}\n", "serve.conf:1:"), ("coalesce: maybe\n", "serve.conf:1:"),
  ])
  func filesThatAreRefused(text: String, sentence: String) throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(text, to: "serve.conf")
    let failure = try #require(throws: CommandFailure.self) { try words(["serve", "--config", file]) }
    #expect(failure.description.contains(sentence), "\(failure)")
  }

  @Test(arguments: [
    ("--probe=0s", "--probe has to be above zero"), ("--timeout=0s", "--timeout has to be above zero"),
    ("--forget-after=0s", "--forget-after has to be above zero"), ("--max-timeout=0s", "--max-timeout has to be above zero"),
    ("--timeout=60s --max-timeout=1s", "--timeout 60s is above --max-timeout 1s"), ("--timeout=31s", "above --max-timeout 30s"),
    ("--max-rows=0", "--max-rows has to be above zero"), ("--max-series=0", "--max-series has to be above zero"), ("--probe=-1s", "probe"),
    ("--timeout=abc", "timeout"), ("--max-answer=0", "--max-answer has to be 1"),
    ("--record-every=5s", "--record-every has to be whole seconds from 10s to 1h; found 5s"), ("--record-every=2h", "found 2h"),
    ("--record-every=10.5s", "whole seconds"), ("--record-keep=soon", "record-keep"), ("--record-keep=1d,2d", "record-keep"),
    ("--record-keep=10KB", "record-keep"), ("--record-rows=connz", "ENDPOINT=NUMBER"), ("--record-rows=connz=0", "above zero"),
    ("--record-rows=varz=5", "for endpoints with pages"), ("--record-endpoints=varz,bogus", "named bogus; known: varz"),
    ("--record=http://h:1", "expected the scheme nats or tls"),
    ("--record=r --record-stream=X", "--record-stream is for a record in JetStream"),
    ("--record-creds=x", "--record-creds is for a record"),
    ("--record=nats://h --record-stream=a.b", "--record-stream has to be letters, digits, - and _"),
    ("--record=nats://h --record-replicas=6", "--record-replicas has to be 1 to 5; found 6"),
    ("--record=nats://h --record-creds=a --record-nkey=b", "both say who the user is"),
    ("--record=context:x --record-set-aside", "--record-set-aside is for a record in a folder"),
    ("--http-client-ca=x", "--http-client-ca needs --http-tls-cert"), ("--requests-per-second=0", "above zero"),
  ])
  func whatCannotMeanAnythingIsRefused(flags: String, sentence: String) throws {
    do {
      _ = try parse(flags.split(separator: " ").map(String.init))
      Issue.record("\(flags) is taken")
    } catch {
      #expect(ServeFlags.message(for: error).contains(sentence), "\(ServeFlags.message(for: error))")
    }
  }

  @Test func theDefaultTimeoutIsNoLongerThanTheLongest() throws {
    #expect(try parse(["--max-timeout=1s"]).configuration().timeout == 1)
    #expect(try parse([]).configuration().timeout == 2)
  }
}
