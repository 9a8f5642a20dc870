import ArgumentParser
import Flags
import Gateway
import TestSupport
import Testing

/// The places that tell `serve` what to do, together: which counts, and where each value comes from.
@Suite struct ServeArgumentsTests {
  private func arguments(_ words: [String], _ environment: [String: String] = [:]) throws -> ServeArguments {
    try ServeArguments(words) { environment[$0] }
  }

  @Test func aFlagGoesBeforeAVariableAndAVariableBeforeTheFile() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("timeout: 3s\nprobe: 4s\nmax_age: 5s\nexpect: [a, b]\n", to: "serve.conf")
    let all = try arguments(
      ["serve", "--timeout", "1s", "--expect=d"],
      ["NATSIGHT_CONFIG": file, "NATSIGHT_PROBE": "2s", "NATSIGHT_TIMEOUT": "9s", "NATSIGHT_EXPECT": "c"])
    #expect(all.file == file)
    let configuration = try ServeFlags.parse(Array(all.words.dropFirst())).configuration()
    #expect(configuration.timeout == 1 && configuration.probe == 2 && configuration.maxAge == 5)
    #expect(configuration.expect == ["a", "b", "c", "d"])
    let effective = try EffectiveSettings(all, defaults: [:]) { _ in nil }
    let shown = Dictionary(uniqueKeysWithValues: effective.settings.map { ($0.setting.name, ($0.values, $0.origins.map(\.description))) })
    let wanted: [String: ([String], [String])] = [
      "timeout": (["1s"], ["command line"]), "probe": (["2s"], ["NATSIGHT_PROBE"]), "max-age": (["5s"], ["\(file):3"]),
      "expect": (["a", "b", "c", "d"], ["\(file):4", "NATSIGHT_EXPECT", "command line"]), "max-rows": ([], ["default"]),
    ]
    for (name, (values, origins)) in wanted {
      #expect(shown[name]?.0 == values && shown[name]?.1 == origins, "\(name): \(String(describing: shown[name]))")
    }
    // The file that is named goes before the variable that names one.
    #expect(throws: CommandFailure.self) { try arguments(["serve", "--config", "/nowhere"], ["NATSIGHT_CONFIG": file]) }
  }

  @Test(arguments: [
    (["sub", "--config", "x"], ["sub", "--config", "x"]), (["config"], ["config"]),
    (["config", "nonsense", "x"], ["config", "nonsense", "x"]),
    ([], []),
  ])
  func otherCommandsStayAsTheyAre(words: [String], expected: [String]) throws {
    #expect(try arguments(words, ["NATSIGHT_TIMEOUT": "1s"]).words == expected)
  }

  @Test func theFirstWordOfConfigCheckIsTheFile() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("tls_first: true\ncoalesce: false\n", to: "serve.conf")
    for command in ["check", "show"] {
      let all = try arguments(["config", command, file, "-l", "127.0.0.1:1"])
      #expect(all.words == ["config", command, "--tls-first", "--no-coalesce", "-l", "127.0.0.1:1"])
      #expect(all.file == file)
      #expect(all.given.last?.setting.name == "listen" && all.given.last?.origin == .commandLine)
    }
  }

  @Test(arguments: ["maybe", "2", "truee"]) func aFlagIsTrueOrFalse(text: String) throws {
    let failure = try #require(throws: CommandFailure.self) { try arguments(["serve"], ["NATSIGHT_TLS_FIRST": text]) }
    #expect(failure.description == "NATSIGHT_TLS_FIRST: expected true or false, found \"\(text)\"")
  }

  @Test(arguments: [
    ("NATSIGHT_LISTN", "NATSIGHT_LISTN is no setting; did you mean \"NATSIGHT_LISTEN\"?"), ("NATSIGHT_LISTEN", nil),
    ("NATSIGHT_CONFIG", nil), ("NATSIGHT_SERVICE_HOST", nil), ("NATSIGHT_PORT", nil), ("NATSIGHT_PORT_8222_TCP", nil),
    ("NATSIGHT_SERVICE_PORT_HTTP", nil), ("LISTEN", nil),
  ])
  func variablesThatAreNoSettings(name: String, sentence: String?) {
    #expect(ServeEnvironment.unknown([name]).first == sentence)
  }

  /// What the `nats` command's environment says counts where nothing of `serve`'s own does, and of who to be one place alone.
  @Test func theNatsCommandsVariablesAreShown() throws {
    let environment = [
      "NATS_URL": "nats://ann:secret@h:1", "NATS_USER": "bob", "NATS_PASSWORD": "pw", "NATS_CA": "ca.pem", "NATS_TOKEN": "",
    ]
    func shown(_ words: [String]) throws -> [String: String] {
      let settings = try EffectiveSettings(try arguments(words), defaults: [:]) { environment[$0] }
      #expect(settings.namesASystem)
      return Dictionary(
        uniqueKeysWithValues: settings.settings.map { ($0.setting.name, "\($0.values) \($0.origins.map(\.description)) \($0.isHidden)") })
    }
    let plain = try shown(["serve"])
    #expect(plain["server"] == "[\"nats://h:1\"] [\"NATS_URL\"] true")
    #expect(plain["user"] == "[\"bob\"] [\"NATS_USER\"] false")
    #expect(plain["password"] == "[\"(not shown)\"] [\"NATS_PASSWORD\"] true")
    #expect(plain["tls-ca"] == "[\"ca.pem\"] [\"NATS_CA\"] false")
    #expect(plain["token"] == "[] [\"default\"] false")
    let other = try shown(["serve", "--creds", "a.creds"])
    #expect(other["creds"] == "[\"a.creds\"] [\"command line\"] false")
    #expect(other["user"] == "[] [\"default\"] false")
    // Without a system they say nothing to it.
    let alone = try EffectiveSettings(try arguments(["serve"]), defaults: [:]) { ["NATS_USER": "bob"][$0] }
    #expect(!alone.namesASystem && alone.settings.allSatisfy { $0.origins == [.standard] })
  }

  @Test(arguments: [
    ("nats://ann:s3cr,et@h", "(not shown)"), ("nats://ann:pw@h:1,nats://b:2", "nats://h:1,nats://b:2"), ("a:1,b:2", "a:1,b:2"),
    ("ann:pw@h:1,bob:pw@i:2", "h:1,i:2"),
  ])
  func whoSignsInIsNotShown(servers: String, shown: String) throws {
    let settings = try EffectiveSettings(try arguments(["serve", "--server", servers]), defaults: [:]) { _ in nil }
    #expect(settings.settings.first { $0.setting.name == "server" }?.values == [shown])
  }

  /// What is shown says the same as what it was made of, but for secrets.
  @Test func whatIsShownIsAConfigurationFile() throws {
    let typed = [
      "serve", "--timeout", "3s", "--listen=127.0.0.1:1", "-l", "127.0.0.1:2", "--no-coalesce", "--server", "nats://a:1,nats://b:2",
      "--tls-first", "--password=p", "--user", "u", "--notify=chat+https://chat.example/T0PHOOK",
    ]
    let all = try arguments(typed)
    let text = try EffectiveSettings(all, defaults: ["probe": ["1s"]]) { _ in nil }.text
    #expect(text.contains("# probe: \"1s\"") && text.contains("# default"))
    #expect(text.contains("chat+https://chat.example/…") && !text.contains("T0PHOOK"))
    let folder = try TemporaryFolder()
    let file = try folder.write(text, to: "again.conf")
    let again = try arguments(["serve", "--config", file])
    let withoutSecrets = typed.dropFirst().filter { !$0.hasPrefix("--password") && !$0.hasPrefix("--notify") }
    #expect("\(try ServeFlags.parse(Array(again.words.dropFirst())))" == "\(try ServeFlags.parse(Array(withoutSecrets)))")
  }
}
