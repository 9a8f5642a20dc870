import ArgumentParser
import Flags
import Identity
import NATSClient
import TestSupport
import Testing

/// Flags before variables, variables before the context: as the `nats` command has it.
@Suite struct ClientFlagsTests {
  /// A home with the context `prod`.
  private func home(_ members: String = #""url": "nats://context:1", "user": "cu", "password": "cp""#) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write("{\(members)}", to: "nats/context/prod.json")
    return folder
  }

  private func options(
    _ flags: [String], _ variables: [String: String] = [:], in folder: TemporaryFolder, usesSelectedContext: Bool = true
  ) throws -> ClientOptions {
    let environment = variables.merging(["XDG_CONFIG_HOME": folder.path]) { $1 }
    return try ClientFlags.parse(flags).options(
      name: "test", usesSelectedContext: usesSelectedContext, variable: { environment[$0] })
  }

  @Test func eachPlaceGoesBeforeTheNext() throws {
    let folder = try home()
    let context = ["--context", "prod"]
    let variables = ["NATS_URL": "nats://variable:2", "NATS_USER": "vu", "NATS_PASSWORD": "vp"]
    let flags = ["--server", "nats://flag:3", "--user", "fu", "--password", "fp"]
    let kept = try options(context, in: folder)
    #expect(kept.servers.map(\.host) == ["context"] && kept.authentication == .userPassword(user: "cu", password: "cp"))
    let surrounding = try options(context, variables, in: folder)
    #expect(surrounding.servers.map(\.host) == ["variable"] && surrounding.authentication == .userPassword(user: "vu", password: "vp"))
    let told = try options(context + flags, variables, in: folder)
    #expect(told.servers.map(\.host) == ["flag"] && told.authentication == .userPassword(user: "fu", password: "fp"))
    #expect(try options(["--user", "fu"], ["NATS_PASSWORD": "vp"], in: folder).authentication == .userPassword(user: "fu", password: "vp"))
    #expect(try options([], ["NATS_CONTEXT": "prod"], in: folder).servers.map(\.host) == ["context"])
  }

  @Test func everyVariableThatNamesSomebody() throws {
    let folder = try home()
    #expect(try options([], ["NATS_TOKEN": "t"], in: folder).authentication == .token("t"))
    #expect(try options([], ["NATS_USER": "t"], in: folder).authentication == .token("t"))
    let seed = try KeyPair.generate(.user).seed()
    #expect(
      try options(["--context", "prod"], ["NATS_JWT": "ey", "NATS_SEED": seed], in: folder).authentication == .jwt("ey", seed: seed))
    let file = try folder.write(seed, to: "u.nk")
    #expect(try options(["--context", "prod"], ["NATS_NKEY": file], in: folder).authentication == .nkeyFile(file))
  }

  @Test func theSelectedContext() throws {
    let folder = try home()
    try folder.write("prod\n", to: "nats/context.txt")
    #expect(try options([], in: folder).servers.map(\.host) == ["context"])
    #expect(try options([], in: folder, usesSelectedContext: false).servers.map(\.host) == ["127.0.0.1"])
    #expect(try options([], ["NATS_URL": "nats://variable:2"], in: folder).authentication == .userPassword(user: "cu", password: "cp"))
  }

  @Test(arguments: [
    (#""url": "nats://a:1", "socks_proxy": "socks5://p:1080""#, "socks_proxy"), (#""nsc": "nsc://O/A/u""#, "nsc"),
    (#""creds": "nsc://O/A/u""#, "creds"), (#""creds": "op://vault/item""#, "creds"), (#""nkey": "env://SEED""#, "nkey"),
  ])
  func whatIsNotSupportedIsNamed(members: String, name: String) throws {
    let folder = try home(members)
    let failure = try #require(throws: (any Error).self) { try options(["--context", "prod"], in: folder) }
    #expect("\(failure)".contains("the context prod asks for") && "\(failure)".contains("(\(name)), which is not supported"), "\(failure)")
    let proxy = try #require(throws: (any Error).self) { try options([], ["NATS_SOCKS_PROXY": "x"], in: folder) }
    #expect("\(proxy)".contains("NATS_SOCKS_PROXY"))
    // A file may be written as a URL.
    let file = try #require(throws: (any Error).self) {
      try options(["--context", "prod"], in: home(#""creds": "file:///no/such.creds""#))
    }
    #expect("\(file)".contains(" /no/such.creds"), "\(file)")
    // Empty members are none, as the nats command writes them.
    #expect(try options(["--context", "prod"], in: home(#""socks_proxy": "", "nsc": """#)).authentication == .none)
  }

  @Test(arguments: [#""password": {"SECRETX": 1}"#, #""user": 7"#, #""creds": ["SECRETX"]"#, #""url": false"#, #""tls_first": "SECRETX""#])
  func whatIsNoTextIsRefused(members: String) throws {
    let failure = try #require(throws: (any Error).self) { try options(["--context", "prod"], in: try home(members)) }
    #expect("\(failure)".contains("of the context prod has to be") && !"\(failure)".contains("SECRETX"), "\(failure)")
    #expect(throws: Never.self) { try options(["--context", "prod"], in: try home(#""password": null, "url": "nats://h:1""#)) }
  }

  @Test func onlyFilesAreExpanded() throws {
    let folder = try home(#""user": "~/u", "password": "~/p", "ca": "~/nowhere/ca.pem""#)
    let failure = try #require(throws: CommandFailure.self) { try options(["--context", "prod"], in: folder) }
    #expect(failure.description.contains("/nowhere/ca.pem") && !failure.description.contains("~"))
    let told = try options(["--user", "~/u"], ["NATS_PASSWORD": "~/p"], in: folder, usesSelectedContext: false)
    #expect(told.authentication == .userPassword(user: "~/u", password: "~/p"))
  }

  @Test(arguments: [
    (["--creds", "/nowhere/a.creds"], "the credentials file /nowhere/a.creds cannot be used"),
    (["--nkey", "/nowhere/a.nk"], "the nkey file /nowhere/a.nk cannot be used"),
    (["--token-file", "/nowhere/a.token"], "the token file /nowhere/a.token cannot be used"),
    (["--tls-ca", "/nowhere/ca.pem"], "could not read the authority file /nowhere/ca.pem"),
    (["--tls-cert", "/nowhere/c.pem", "--tls-key", "/nowhere/k.pem"], "could not read the certificate file /nowhere/c.pem"),
  ])
  func filesThatAreNotThereEndItAtOnce(flags: [String], sentence: String) throws {
    let folder = try home()
    let failure = try #require(throws: CommandFailure.self) { try options(flags, in: folder) }
    #expect(failure.description.contains(sentence), "\(failure)")
  }

  @Test(arguments: [
    "nats://admin:SECRETX@127.0.0.1:99999", "nats://admin:SEC/RETX@127.0.0.1:x", "http://SECRETX@h", "nats://u:SECRETX@",
    "nats://u:SE@CRETX@h:0", "nats://u:SEC,RETX@h:0", "nats://u:SECRETX@h,x://h", "SECRETX@nats://h", "nats://good:1,nats://u:SECRETX@[::1",
  ])
  func noPartOfAPasswordIsPrinted(url: String) throws {
    let folder = try home()
    let failure = try #require(throws: (any Error).self) { try options(["--server", url], in: folder) }
    for part in ["SECRETX", "SEC", "RETX", "CRETX"] { #expect(!"\(failure)".contains(part), "\(failure)") }
    #expect("\(failure)".contains("is not a server URL"))
  }

  @Test(arguments: [
    ("::1", "::1", 4222), ("[::1]:4333", "::1", 4333), ("fe80::1:2", "fe80::1:2", 4222), ("h:1", "h", 1), ("nats://u:p/w@h:1/x", "h", 1),
  ])
  func addressesAsPeopleWriteThem(text: String, host: String, port: Int) throws {
    let server = try #require(try options(["-s", text], in: home()).servers.first)
    #expect(server.host == host && Int(server.port) == port)
  }
}
