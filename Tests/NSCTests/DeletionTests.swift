import ArgumentParser
import Foundation
import Identity
import NSC
import TestSupport
import Testing

/// What is deleted, revoked and signed anew, and what each command says about it.
@Suite struct DeletionTests {
  private func realm() throws -> ToolHome {
    let home = try ToolHome()
    try home.addOperator("O", "--sys")
    try home.addAccount("A")
    try home.addUser("u")
    try home.addUser("v")
    return home
  }

  private func delete(_ home: ToolHome, _ flags: String...) throws -> Int32 {
    let options = try DeleteAccountOptions.parse(flags)
    return home.run { try $0.deleteAccount(options) }
  }

  @Test func anAccountGoesWithItsUsers() throws {
    let home = try realm()
    #expect(try delete(home, "A", "-C", "-D") == 0, "\(home.errors)")
    let said = home.lines.map { $0.replacing(/\b[UA][A-Z2-7]{55}\b/, with: "KEY") }
    #expect(
      said == [
        "[ OK ] user u [KEY]:", "       [ OK ] revoked user", "       [ OK ] user deleted", "       [ OK ] deleted private key",
        "       [ OK ] removed creds file", "[ OK ] user v [KEY]:", "       [ OK ] revoked user", "       [ OK ] user deleted",
        "       [ OK ] deleted private key", "       [ OK ] removed creds file", "[ OK ] expired account \"A\"",
        "[ OK ] deleted private key \"KEY\"", "[ OK ] deleted account", "[ OK ] deleted account directory", "",
      ])
    #expect(!home.files.contains { $0.contains("/accounts/A/") || $0.contains("/creds/O/A/") })
  }

  /// [flags, whether its users are revoked]
  @Test(arguments: [([], true), (["--revoke=true"], true), (["--revoke=false"], false)])
  func theLastTokenIsOfNoUse(_ flags: [String], _ revokes: Bool) throws {
    let home = try realm()
    // A managed store sends it to the operator's server; here it is looked at through a folder that cannot be emptied.
    let options = try DeleteAccountOptions.parse(["A"] + flags)
    var last: AccountClaims?
    let path = "\(ToolHome.stores)/O/accounts/A/A.jwt"
    let blocker = home.folder.path("\(ToolHome.stores)/O/accounts/A/users/u.jwt")
    try FileManager.default.removeItem(atPath: blocker)
    try FileManager.default.createDirectory(atPath: blocker + "/x", withIntermediateDirectories: true)
    _ = home.run { try $0.deleteAccount(options) }
    last = try? Token.decode(home.token(path), as: AccountClaims.self)
    let claims = try #require(last)
    #expect(claims.standard.expires == home.now + 60)
    #expect(claims.revocations.isEmpty != revokes)
  }

  @Test func theSystemAccountIsKept() throws {
    let home = try realm()
    #expect(try delete(home, "SYS") == 1)
    #expect(home.errors == "Error: \"SYS\" is the system account - use --force to delete it\n")
    #expect(try delete(home, "SYS", "--force") == 0)
  }

  /// Without the operator's key nothing is deleted: the expiry could not be signed.
  @Test func withoutTheOperatorsKeyNothingIsDeleted() throws {
    let home = try realm()
    let keys = try ExportKeysOptions.parse(["--operator", "--dir", "out", "--remove"])
    #expect(home.run { try $0.exportKeys(keys) } == 0)
    let before = home.files
    #expect(try delete(home, "A") == 1)
    #expect(home.output == "" && home.files == before)
  }

  /// A revocation goes forward only; what takes it back is the command made for it.
  @Test func revocationsNeverGoBack() throws {
    let home = try realm()
    let late = "2000000000"
    func revocations() throws -> AccountClaims {
      try Token.decode(home.token("\(ToolHome.stores)/O/accounts/A/A.jwt"), as: AccountClaims.self)
    }
    #expect(home.run { try $0.revokeUser(account: "A", name: "u", publicKey: nil, at: late) } == 0)
    #expect(home.lines.count == 2)
    for at in ["1700000000", "0", nil] {
      #expect(home.run { try $0.revokeUser(account: "A", name: "u", publicKey: nil, at: at) } == 0)
      #expect(home.lines[1] == "[WARN] the revocation of 2033-05-18 03:33:20 UTC, which is later, stays")
      #expect(try Array(revocations().revocations.values) == [2_000_000_000])
    }
    #expect(home.run { try $0.deleteUsers(names: ["u"], account: "A", revoke: true, files: DeletedFilesOptions.parse([])) } == 0)
    #expect(try Array(revocations().revocations.values) == [2_000_000_000])
    let export = try ExportOptions.parse(["-a", "A", "-s", "a.*", "--private", "true"])
    #expect(home.run { try $0.addExport(export) } == 0)
    let stream = try RevokedExportOptions.parse(["-a", "A"])
    #expect(home.run { try $0.revokeActivation(stream, target: "SYS", at: late) } == 0)
    #expect(home.run { try $0.revokeActivation(stream, target: "SYS", at: nil) } == 0)
    #expect(try Array(revocations().exports[0].revocations.values) == [2_000_000_000])
    #expect(home.run { try $0.unrevokeActivation(stream, target: "SYS") } == 0)
    #expect(try revocations().exports[0].revocations.isEmpty)
  }

  /// A stream and a service may have one subject: the kind says which is meant.
  @Test func activationsByKind() throws {
    let home = try realm()
    for flags in [["-s", "a.*", "-n", "str"], ["-s", "a.*", "-n", "svc", "--service", "true"]] {
      let options = try ExportOptions.parse(["-a", "A", "--private", "true"] + flags)
      #expect(home.run { try $0.addExport(options) } == 0, "\(home.errors)")
    }
    let cases: [([String], String?)] = [
      ([], "str"), (["--service", "true"], "svc"), (["-s", "a.*"], "str"), (["-s", "a.x", "--service", "true"], "svc"),
      (["-s", "b"], nil), (["-a", "SYS", "--service", "true", "-s", "nope"], nil),
    ]
    for (flags, name) in cases {
      let options = try RevokedExportOptions.parse(flags.contains("-a") ? flags : ["-a", "A"] + flags)
      #expect(home.run { try $0.revokeActivation(options, target: "SYS", at: nil) } == (name == nil ? 1 : 0), "\(flags)")
      if let name { #expect(home.output.hasPrefix("[ OK ] revoked activation \"\(name)\" for account A"), "\(flags)") }
    }
    let all = try RevokedExportOptions.parse(["-a", "A"])
    #expect(home.run { try $0.revokeActivation(all, target: "*", at: "1700000000") } == 0)
    #expect(home.lines[0] == "[ OK ] revoked all activations for \"str\" issued before 2023-11-14 22:13:20 UTC")
    home.run { try $0.listRevokedActivations(all) }
    #expect(home.output.contains("Revoked Accounts for stream str"))
  }

  @Test func aNewIdentityOfTheOperator() throws {
    let home = try realm()
    #expect(home.run { try $0.reissueOperator(name: nil, convertToSigningKey: true) } == 0)
    try home.addAccount("B")
    #expect(home.run { try $0.reissueOperator(name: nil, convertToSigningKey: false) } == 0)
    #expect(
      home.lines.dropFirst() == [
        "[ OK ] account \"A\" already signed properly", "[ OK ] account \"B\" re-signed", "[ OK ] account \"SYS\" already signed properly",
        "",
      ])
  }

  /// What is not stored was not changed: only the refusal is told.
  @Test func refusedEditsClaimNothing() throws {
    let home = try realm()
    #expect(try home.editAccount("A", "--js-disk-storage", "2M", "--js-streams", "5") == 0)
    let refusals: [([String], String)] = [
      (["A", "--js-tier", "3", "--js-disk-storage", "2M"], "cannot set a jetstream tier limit when a configuration has a global limit"),
      (["A", "--js-enable", "1"], "cannot set a jetstream tier limit when a configuration has a global limit"),
      (["A", "--conns", "5", "--payload", "x"], "couldn't parse data size: x"),
      (["A", "--js-enable", "0"], "jetstream is already enabled"),
      (["SYS", "--js-streams", "5"], "system account cannot have jetstream related settings - only --js-disable makes sense there"),
      (["A", "--js-disable", "--js-streams", "5"], "js-disable is exclusive of all other js options"),
    ]
    for (flags, sentence) in refusals {
      let options = try EditAccountOptions.parse(flags)
      #expect(home.run { try $0.editAccount(options) } == 1)
      #expect(home.output == "" && home.errors == "Error: \(sentence)\n")
    }
    #expect(try home.editAccount("A", "--js-disable") == 0)
    #expect(try home.editAccount("A", "--js-tier", "3", "--js-disk-storage", "2M") == 0)
    #expect(try home.editAccount("A", "--js-disk-storage", "2M") == 1)
    #expect(home.errors == "Error: cannot set a jetstream global limit when a configuration has tiered limits 'R3'\n")
    let claims = try Token.decode(home.token("\(ToolHome.stores)/O/accounts/A/A.jwt"), as: AccountClaims.self)
    let tier = try #require(claims.limits.tiers["R3"])
    #expect([tier.consumers, tier.maxAckPending, tier.memoryMaxStreamBytes, tier.diskMaxStreamBytes] == [-1, -1, -1, -1])
    #expect(tier.diskStorage == 2_000_000 && tier.streams == -1 && claims.limits.jetStream == JetStreamLimits())
  }

  @Test func theCurrentAccount() throws {
    let home = try ToolHome()
    try home.addOperator("O", "--sys")
    home.run { try $0.env(store: nil, operator: nil, account: nil) }
    #expect(home.errors.contains("| Current Account          |     | SYS "))
  }
}
