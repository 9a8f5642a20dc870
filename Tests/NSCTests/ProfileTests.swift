import ArgumentParser
import Foundation
import Identity
import NSC
import TestSupport
import Testing

/// What `nats` contexts ask nsc for, and the auth callout.
@Suite struct ProfileTests {
  private func realm() throws -> ToolHome {
    let home = try ToolHome()
    try home.addOperator("OP")
    try home.addAccount("APP")
    try home.addUser("al ice")
    let edit = try EditOperatorOptions.parse(["--service-url", "nats://h:1"])
    #expect(home.run { try $0.editOperator(edit) } == 0)
    return home
  }

  /// [what stands behind the user, the members of each part]
  @Test(arguments: [
    ("OP/APP/al%20ice", "", "", "", ""), ("OP", "", "", "-", "-"), ("OP/APP", "?key", "", "id", "-"),
    ("OP/APP/al%20ice", "?key", "", "", "id"),
    ("OP?key", "", "id", "-", "-"), ("OP/APP", "?names", "name", "name", "-"), ("OP/APP/al%20ice", "?name", "name", "name", "name"),
    ("OP/APP/al%20ice", "?seeds&keys", "seed,id", "seed,id", "seed,id"),
    ("OP/APP/al%20ice", "?accountName&OPERATORKEY&userSeed", "id", "name", "seed"),
  ])
  func profiles(_ path: String, _ query: String, _ operatorMembers: String, _ account: String, _ user: String) throws {
    let home = try realm()
    #expect(home.run { try $0.generateProfile(url: "nsc://\(path)\(query)", outputFile: nil) } == 0, "\(home.errors)")
    let profile = try #require(JSONSerialization.jsonObject(with: Data(home.output.utf8)) as? [String: Any])
    let creds = home.folder.path("\(ToolHome.creds)/OP/APP/al ice.creds")
    #expect(profile["user_creds"] as? String == (user == "-" ? nil : creds))
    for (part, members) in [("operator", operatorMembers), ("account", account), ("user", user)] {
      let expected = Set(members.split(separator: ",").map(String.init)).subtracting(["-"]).union(part == "operator" ? ["service"] : [])
      let found = profile[part] as? [String: Any]
      #expect(Set((found ?? [:]).keys) == expected, "\(part)")
      #expect(found?["seed"] == nil || (found?["seed"] as? String)?.hasPrefix("S") == true)
    }
    #expect((profile["operator"] as? [String: Any])?["service"] as? [String] == ["nats://h:1"])
  }

  @Test(arguments: [
    ("http://OP", "invalid nsc url: expecting 'nsc://'"), ("nsc://", "invalid nsc url: expecting an operator name"),
    ("nsc://NO", "operator \"NO\" not in"), ("nsc://OP/NO", "account \"NO\" not found"), ("nsc://OP/APP/no", "user \"no\" not found"),
    ("nsc://OP/APP/%zz", "is not percent-encoded"), ("nsc://OP?operatorSeed=OX", "\"OX\" was not found"),
  ])
  func whatIsNoProfile(_ url: String, _ sentence: String) throws {
    let home = try realm()
    #expect(home.run { try $0.generateProfile(url: url, outputFile: nil) } == 1)
    #expect(home.output == "" && home.errors.contains(sentence), "\(home.errors)")
  }

  @Test func aSeedThatIsNotStored() throws {
    let home = try realm()
    let keys = try ExportKeysOptions.parse(["--accounts", "--dir", "out", "--remove"])
    #expect(home.run { try $0.exportKeys(keys) } == 0)
    #expect(home.run { try $0.generateProfile(url: "nsc://OP/APP?accountSeed", outputFile: nil) } == 1)
    #expect(home.errors.hasPrefix("Error: no seed was found for \"A"))
  }

  @Test func contexts() throws {
    let home = try realm()
    #expect(home.run { try $0.generateContext(name: nil, account: nil, user: nil) } == 1)
    #expect(home.errors == "Error: context name is required\n")
    #expect(home.run { try $0.generateContext(name: "../x", account: nil, user: nil) } == 1)
    #expect(home.run { try $0.generateContext(name: "c", account: "APP", user: "al ice") } == 0, "\(home.errors)")
    let text = home.folder.read(".config/nats/context/c.json")
    let context = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: String])
    let creds = home.folder.path("\(ToolHome.creds)/OP/APP/al ice.creds")
    #expect(context == ["nsc": "nsc://OP/APP/al%20ice", "url": "nats://h:1", "creds": creds])
    // Our own tools take it: the creds file is named beside the lookup.
    let environment = ["XDG_CONFIG_HOME": home.folder.path(".config")]
    #expect(try NATSContext(named: "c") { environment[$0] }.creds == creds)
    for bad in [#"{"nsc":"nsc://OP/APP/x"}"#, "[]", "5", ""] {
      try home.folder.write(bad, to: ".config/nats/context/d.json")
      #expect(throws: NATSContext.Failure.self, "\(bad)") { try NATSContext(named: "d") { environment[$0] } }
    }
  }

  @Test func callout() throws {
    let home = try realm()
    func edit(_ flags: String...) throws -> Int32 {
      let options = try CalloutOptions.parse(flags)
      return home.run { try $0.editCallout(options) }
    }
    func claims() throws -> ExternalAuthorization {
      try Token.decode(home.token("\(ToolHome.stores)/OP/accounts/APP/APP.jwt"), as: AccountClaims.self).authorization
    }
    let user = KeyPair.generate(.user).publicKey
    let refusals: [([String], String)] = [
      ([], "please specify some options"), (["--auth-user", "U"], "\"U\" is not a valid user key"),
      (["--allowed-account", user], "\"\(user)\" is not a valid account key"),
      (["--allowed-account", "*"], "External authorization cannot have accounts without users specified"),
      (["--disable", "--rm-curve"], "--disable is exclusive of all other options"),
      (["--curve", user], "expected a curve key, found a user key"),
    ]
    for (flags, sentence) in refusals {
      let options = try CalloutOptions.parse(flags)
      #expect(
        home.run { try $0.editCallout(options) } == 1 && home.errors == "Error: \(sentence)\n" && home.output == "",
        "\(flags): \(home.errors)")
    }
    #expect(
      try edit("APP", "--auth-user", user, "--auth-user", "al ice", "--allowed-account", "*", "-x", "generate") == 0, "\(home.errors)")
    var external = try claims()
    #expect(external.authUsers.first == user && external.authUsers.count == 2 && external.allowedAccounts == ["*"])
    #expect(KeyPair.isPublicKey(external.curveKey, .curve))
    let shown = try DescribeOptions.parse([])
    home.run { try $0.describeAccount(name: "APP", shown) }
    for row in ["| Auth Callout Users ", "| Allowed Accounts          | * ", "| Encrypt For               | \(external.curveKey) |"] {
      #expect(home.output.contains(row))
    }
    #expect(try edit("--auth-user", user) == 0 && home.lines[0] == "[ OK ] skipped adding user \"\(user)\" - as it's already set")
    #expect(try edit("--rm-auth-user", "al ice", "--rm-curve") == 0)
    external = try claims()
    #expect(external.authUsers == [user] && external.curveKey.isEmpty)
    #expect(try edit("--disable") == 0 && home.lines[0] == "[ OK ] removed external authorization configuration")
    #expect(try claims().isEmpty)
  }
}
