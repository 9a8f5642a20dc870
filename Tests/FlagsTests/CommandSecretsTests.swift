import Flags
import Identity
import Testing

/// What is said of a command line without its secrets.
@Suite struct CommandSecretsTests {
  /// [what was typed, what would be said, what is said]
  @Test(arguments: [
    (["pub", "--password", "hunter2", "x"], "Unexpected argument 'hunter2'", "Unexpected argument '(not shown)'"),
    (["pub", "--password=hunter2"], "The value 'hunter2' is", "The value '(not shown)' is"),
    (["pub", "-token", "t0p", "x"], "'t0p' or t0pper", "'(not shown)' or t0pper"),
    (["pub", "--pasword", "hunter2"], "hunter2", "(not shown)"), (["pub", "--tokne", "t0p"], "t0p", "(not shown)"),
    (["sub", "--user", "t0p"], "t0p", "(not shown)"), (["sub", "--user", "me", "--password", "p"], "me p", "me (not shown)"),
    (["nsc", "tool", "pub", "--user", "me"], "user \"me\" not found", "user \"me\" not found"),
    (["broker", "--auth", "t0p"], "t0p", "(not shown)"), (["serve", "--http-token=abc"], "abc", "(not shown)"),
    (["sub", "-s", "nats://me:pw1@h:4222,nats://k@g"], "bad nats://me:pw1@h:4222,nats://k@g", "bad nats://h:4222,nats://g"),
    (["sub", "nats://me:pw1@h:4222"], "what is \"me:pw1@h\" and pw1?", "what is \"h\" and (not shown)?"),
    (["nsc", "add", "import", "--token", "t.jwt"], "open t.jwt: no such file", "open t.jwt: no such file"), (["sub", "a@b"], "a@b", "b"),
    (["sub", "--token-file", "f"], "no such file f", "no such file f"),
    (["sub", "--password"], "Missing value for '--password'", "Missing value for '--password'"),
    (["sub", "--password", ""], "nothing", "nothing"), ([], "nothing", "nothing"),
  ])
  func words(_ arguments: [String], _ text: String, _ expected: String) {
    #expect(CommandSecrets(["natsight"] + arguments).hidden(in: text) == expected)
  }

  @Test func keysAndTokens() throws {
    let pair = KeyPair.generate(.user)
    let seed = try pair.seed()
    let token = try Token.encode(UserClaims(subject: pair.publicKey, name: "u"), signer: KeyPair.generate(.account), now: 1)
    let creds = Credentials.format(jwt: token, seed: seed)
    for argument in [seed, token, creds, "--name=\(seed)", "x\(token)"] {
      let said = CommandSecrets(["natsight", argument]).hidden(in: "Error: Unexpected argument '\(argument)', \(seed), \(token)")
      #expect(said.hasPrefix("Error: Unexpected argument '"))
      if argument.contains(seed) { #expect(!said.contains(seed)) }
      if argument.contains(token) { #expect(!said.contains(token)) }
    }
    #expect(CommandSecrets([seed]).hidden(in: "'\(seed)'") == "'SU… (a user's seed, not shown)'")
    #expect(CommandSecrets([pair.publicKey]).hidden(in: pair.publicKey) == pair.publicKey)
  }
}
