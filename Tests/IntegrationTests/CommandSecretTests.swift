import Foundation
import Identity
import TestSupport
import Testing

/// No command repeats a secret that was typed at a wrong place: what a tool prints ends in logs.
@Suite struct CommandSecretTests {
  private static let pair = KeyPair.generate(.user)
  private static let seed = (try? pair.seed()) ?? ""
  private static let token =
    (try? Token.encode(UserClaims(subject: pair.publicKey, name: "u"), signer: KeyPair.generate(.account), now: 1)) ?? ""

  /// `%` stands for the secret.
  private static let lines: [(words: [String], status: [Int32])] = [
    (["nsc", "add", "user", "u", "%"], [1]), (["nsc", "add", "user", "%"], [1]), (["nsc", "%"], [1]), (["nsc", "add", "%"], [0, 1]),
    (["nsc", "add", "%", "-n", "x"], [1]), (["nsc", "generate", "creds", "u", "%"], [1]), (["nsc", "restore", "%"], [1]),
    (["nsc", "push", "--timeout", "%"], [1]), (["nsc", "edit", "account", "--%"], [1]),
    (["nsc", "describe", "user", "--field=%", "%"], [1]),
    (["%"], [64]), (["serve", "%"], [64]), (["serve", "--timeout", "%"], [64]), (["--%"], [64]), (["serve", "--config", "%"], [1, 64]),
    (["serve", "--listen", "%"], [1, 64]), (["serve", "--token", "t", "%"], [64]),
    (["sub", "a", "%"], [64]), (["sub", "a", "--count", "%"], [64]), (["sub", "--%", "a"], [64]),
    (["pub", "a b%", "x"], [64]), (["pub", "a", "b", "%"], [64]), (["pub", "a", "--count", "%"], [64]),
    (["req", "a", "b", "%"], [64]), (["req", "a", "--timeout", "%"], [64]), (["bench", "%"], [64]), (["bench", "pub", "a", "%"], [64]),
    (["account-server", "%"], [64]), (["account-server", "--hp", "%"], [1, 64]), (["account-server", "-%"], [64]),
    (["broker", "%"], [1]), (["broker", "--port", "%"], [1]), (["broker", "--%"], [1]), (["broker", "-c", "%"], [1]),
    (["links", "/dev/null/x", "%"], [64]),
  ]

  @Test(arguments: lines.indices) func nothingIsRepeated(_ index: Int) throws {
    let (words, status) = Self.lines[index]
    let home = try NscHome()
    if words.starts(with: ["nsc"]) { for line in ["add operator O", "add account A"] { #expect(try home.run(line).status == 0) } }
    for secret in [Self.seed, Self.token] {
      let arguments = words.map { $0.replacingOccurrences(of: "%", with: secret) }
      let finished = try ChildProcess.run(
        NatsightProcess.binary, arguments, environment: ["HOME": home.folder.path], directory: home.folder.path)
      #expect(status.contains(finished.status), "\(words): \(finished)")
      let said = finished.output + finished.errors
      #expect(!said.isEmpty && !said.lowercased().contains(secret.suffix(30).lowercased()), "\(words): \(said)")
      let files = FileManager.default.enumerator(atPath: home.folder.path)?.compactMap { $0 as? String } ?? []
      #expect(!files.contains { $0.contains(secret) }, "\(words)")
    }
  }

  /// What stands in a password's or a token's place, and in a URL's.
  @Test(arguments: [
    ["pub", "--password", "hunter2"], ["sub", "x", "--password", "p", "--password", "hunter2", "y"], ["sub", "a", "--pasword", "hunter2"],
    ["sub", "a", "-pass", "hunter2"], ["req", "--token", "hunter2"], ["req", "a", "b", "c", "--token", "hunter2"],
    ["sub", "a", "nats://me:hunter2@127.0.0.1"], ["serve", "nats://me:hunter2@127.0.0.1"], ["nats://me:hunter2@127.0.0.1"],
    ["serve", "--timeout", "nats://me:hunter2@127.0.0.1:1"], ["sub", "a", "-s", "nats://me:hunter2@127.0.0.1:port"],
    ["account-server", "nats://me:hunter2@h"], ["nsc", "push", "nats://me:hunter2@h"], ["nsc", "tool", "rtt", "nats://me:hunter2@h"],
    ["broker", "nats://me:hunter2@h"], ["broker", "--pass", "hunter2", "--user", "u", "hunter2"],
    ["broker", "--routes", "nats://me:hunter2@h:x"],
  ])
  func passwordsAreNotRepeated(_ words: [String]) throws {
    let home = try NscHome()
    let finished = try ChildProcess.run(
      NatsightProcess.binary, words, environment: ["HOME": home.folder.path], directory: home.folder.path)
    let said = finished.output + finished.errors
    #expect(finished.status != 0 && !said.isEmpty && !said.contains("hunter2"), "\(words): \(finished)")
  }

  /// What a configuration file says in a flag's place is no more repeated than what is typed.
  @Test func norWhatStandsInAFile() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("server: \"nats://127.0.0.1:1\"\ntoken: hunter2\ntimeout: \"hunter2\"\n", to: "natsight.conf")
    let finished = try ChildProcess.run(NatsightProcess.binary, ["serve", "--config", file])
    #expect(finished.status != 0 && !finished.errors.isEmpty && !finished.errors.contains("hunter2"), "\(finished)")
  }

  /// Help and versions go where they did.
  @Test func whatIsAskedForIsNoComplaint() throws {
    for words in [["--help"], ["--version"], ["nsc", "--help"], ["sub", "--help"], ["account-server", "--help"]] {
      let finished = try ChildProcess.run(NatsightProcess.binary, words)
      #expect(finished.status == 0 && !finished.output.isEmpty && finished.errors == "", "\(words): \(finished)")
    }
  }
}
