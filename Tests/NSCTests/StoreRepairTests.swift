import ArgumentParser
import Foundation
import Glibc
import Identity
import NSC
import TestSupport
import Testing

/// Stores that are moved, mended and signed anew: nothing is lost, nothing comes back that was taken away, and what fails changes nothing.
@Suite struct StoreRepairTests {
  private let home: ToolHome
  private static let account = "\(ToolHome.stores)/O/accounts/A/A.jwt"

  init() throws {
    home = try ToolHome()
    try home.addOperator("O")
    try home.addAccount("A")
    try home.addUser("u")
  }

  private func claims(_ path: String = StoreRepairTests.account) throws -> AccountClaims {
    try Token.decode(home.token(path), as: AccountClaims.self)
  }

  /// Everything below the home with what it holds.
  private var contents: [String: String] { Dictionary(uniqueKeysWithValues: home.files.map { ($0, home.folder.read($0)) }) }

  // MARK: Revocations

  /// A token from before a revocation does not take it back, whichever command brings it. [the command, its flag for older tokens]
  @Test(arguments: ["migrate", "import account"]) func revocationsOutliveOlderTokens(_ command: String) throws {
    let export = try ExportOptions.parse(["-a", "A", "-s", "a.*", "--private", "true"])
    #expect(home.run { try $0.addExport(export) } == 0, "\(home.errors)")
    try home.folder.write(home.token(Self.account), to: "old.jwt")
    home.now += 10
    let target = KeyPair.generate(.account).publicKey
    #expect(home.run { try $0.revokeUser(account: "A", name: "u", publicKey: nil, at: nil) } == 0, "\(home.errors)")
    var claims = try claims()
    claims.exports[0].revocations[target] = home.now
    let signer = try KeyPair(seed: home.folder.read(home.files.first { $0.hasSuffix("\(claims.standard.issuer).nk") } ?? ""))
    try home.folder.write(Token.encode(claims, signer: signer, now: home.now), to: Self.account)
    func take(_ newer: Bool) throws -> Int32 {
      if command == "migrate" {
        let options = try MigrateOptions.parse(["-u", "old.jwt", "--force"] + (newer ? ["--overwrite-newer"] : []))
        return home.run { try $0.migrate(options) }
      }
      return home.run { try $0.importAccount(file: "old.jwt", force: false, overwrite: true, overwriteNewer: newer) }
    }
    let before = home.token(Self.account)
    #expect(try take(false) == 1)
    #expect(home.errors.contains("local jwt for \"A\" is newer than the one given - specify --overwrite-newer"), "\(home.errors)")
    #expect(home.token(Self.account) == before)
    home.now += 10
    #expect(try take(true) == 0, "\(home.errors)")
    let after = try self.claims()
    #expect(after.revocations == claims.revocations && !after.revocations.isEmpty)
    #expect(after.exports[0].revocations == [target: home.now - 10])
  }

  // MARK: Moves

  /// The account's creds cannot be moved, or the new token not be written: all stays as it was.
  @Test(arguments: ["creds", "token"]) func aRenamingThatFailsChangesNothing(_ what: String) throws {
    let folder = home.folder.path(what == "creds" ? "\(ToolHome.creds)/O" : "\(ToolHome.stores)/O/accounts")
    let before = contents
    // Nobody can be kept from writing who is root: a file stands where a folder is to be.
    if what == "creds" {
      try FileManager.default.moveItem(atPath: folder, toPath: folder + "2")
      try FileManager.default.createSymbolicLink(atPath: folder, withDestinationPath: folder + "2")
      try FileManager.default.createSymbolicLink(atPath: folder + "2/B", withDestinationPath: "nowhere/at/all")
    } else {
      try home.folder.write("a file", to: "\(ToolHome.stores)/O/accounts/B")
    }
    let status = home.run { try $0.renameAccount(from: "A", to: "B", isConfirmed: true) }
    if what == "creds" {
      try FileManager.default.removeItem(atPath: folder)
      try? FileManager.default.removeItem(atPath: folder + "2/B")
      try FileManager.default.moveItem(atPath: folder + "2", toPath: folder)
    } else {
      try FileManager.default.removeItem(atPath: folder + "/B")
    }
    #expect(status == 1 && home.output == "", "\(home.output)")
    #expect(contents == before)
  }

  @Test func usersAreJudgedBeforeAnAccountMoves() throws {
    let users = "\(ToolHome.stores)/O/accounts/A/users"
    try home.addOperator("P")
    try home.folder.write("junk", to: "\(users)/w.jwt")
    try home.folder.write(home.token("\(users)/u.jwt"), to: "\(users)/z.jwt")
    try #require(mkfifo(home.folder.path("\(users)/pipe.jwt"), 0o600) == 0)
    let options = try MigrateOptions.parse(["-u", Self.account])
    #expect(home.run { try $0.migrate(options) } == 0, "\(home.errors)")
    #expect(home.lines[0] == "[ OK ] migrated \"A\" to operator \"P\" [1 user migrated]")
    #expect(home.output.contains("w.jwt` is left out: ") && home.output.contains("z.jwt` is left out: another user is named \"u\""))
  }

  /// [sources, what is said at the end]
  @Test func jobsAreCounted() throws {
    try home.addAccount("B")
    try home.addOperator("P")
    try home.folder.write("junk", to: "\(ToolHome.stores)/O/accounts/B/B.jwt")
    let options = try MigrateOptions.parse(["--operator-dir", "\(ToolHome.stores)/O"])
    #expect(home.run { try $0.migrate(options) } == 1)
    #expect(home.errors.hasSuffix("Error: 1 job failed - 1 job succeeded and 0 had warnings\n"), "\(home.errors)")
  }

  @Test func olderCredsDoNotReplaceNewerOnes() throws {
    let home = try ToolHome(["NSC_LAYOUT": "tutorial"])
    try home.addOperator("O")
    try home.addAccount("A")
    try home.addUser("u")
    let old = home.folder.read(".nkeys/O/accounts/A/users/u.creds")
    home.now += 10
    let edit = try EditUserOptions.parse(["u", "--tag", "x"])
    #expect(home.run { try $0.editUser(edit) } == 0, "\(home.errors)")
    let new = home.folder.read(".nkeys/O/accounts/A/users/u.creds")
    #expect(new != old)
    for (there, lies, expected) in [(new, old, new), (old, new, new)] {
      let copy = try ToolHome(["NSC_LAYOUT": "tutorial"])
      for file in home.files { try copy.folder.write(home.folder.read(file), to: file) }
      try copy.folder.write(lies, to: ".nkeys/O/accounts/A/users/u.creds")
      try copy.folder.write(there, to: ".nkeys/creds/O/A/u.creds")
      #expect(copy.run { try $0.migrateKeys() } == 0, "\(copy.errors)")
      #expect(copy.folder.read(".nkeys/creds/O/A/u.creds") == expected)
      #expect(copy.output.contains("stays: it was issued later") == (there == new))
    }
  }

  // MARK: A new identity

  /// Broken off after the operator was written: the accounts are signed by a key that nobody trusts. [convert the second time]
  @Test(arguments: [false, true]) func aReissueThatWasBrokenOffIsMended(_ converts: Bool) throws {
    try home.addAccount("B")
    let before = home.token(Self.account)
    #expect(home.run { try $0.reissueOperator(name: nil, convertToSigningKey: false) } == 0, "\(home.errors)")
    try home.folder.write(before, to: Self.account)
    #expect(home.run { try $0.validate(account: nil, all: true, file: nil) } == 1)
    #expect(home.run { try $0.reissueOperator(name: nil, convertToSigningKey: converts) } == 0, "\(home.errors)")
    #expect(home.output.contains("account \"A\" re-signed"))
    #expect(home.run { try $0.validate(account: nil, all: true, file: nil) } == 0, "\(home.output)\(home.errors)")
  }

  @Test func anAccountThatCannotBeReadKeepsTheIdentity() throws {
    try home.folder.write("junk", to: "\(ToolHome.stores)/O/accounts/Z/Z.jwt")
    let before = contents
    #expect(home.run { try $0.reissueOperator(name: nil, convertToSigningKey: false) } == 1)
    #expect(home.errors.hasPrefix("Error: account \"Z\" cannot be signed anew: ") && contents == before, "\(home.errors)")
  }

  // MARK: Fix

  private func fix(_ home: ToolHome) throws {
    let options = try FixOptions.parse(["--in", "in", "--out", "out"])
    #expect(home.run { try $0.fix(options) } == 0, "\(home.errors)")
  }

  /// The identity key of a strict operator, curve seeds, and seeds that nothing names.
  @Test func everySeedIsKept() throws {
    let home = try ToolHome()
    try home.addOperator("O", "--generate-signing-key")
    try home.addAccount("A")
    let strict = try EditOperatorOptions.parse(["--require-signing-keys", "true"])
    let curve = try CalloutOptions.parse(["-a", "A", "--auth-user", KeyPair.generate(.user).publicKey, "--curve", "generate"])
    #expect(home.run { try $0.editOperator(strict) } == 0 && home.run { try $0.editCallout(curve) } == 0, "\(home.errors)")
    let seeds = home.files.filter { $0.hasSuffix(".nk") }
    for file in home.files where file.hasSuffix(".jwt") || file.hasSuffix(".nk") {
      try home.folder.write(home.folder.read(file), to: "in/\(file.split(separator: "/").last ?? "")")
    }
    let unclaimed = KeyPair.generate(.user)
    try home.folder.write(unclaimed.seed(), to: "in/\(unclaimed.publicKey).nk")
    try fix(home)
    let kept = home.files.filter { $0.hasPrefix("out/") && $0.hasSuffix(".nk") }.map { home.folder.read($0) }.sorted()
    #expect(try kept == (seeds.map { home.folder.read($0) } + [unclaimed.seed()]).sorted())
    #expect(
      home.output.contains("[WARN] keys that no stored token names:\n       [ OK ] stored key \(unclaimed.publicKey)"), "\(home.output)")
    #expect(home.lines.contains("stored 5 nkeys"))
  }

  /// Two of one name, names that are none, and users whom nobody of the account has signed: told, and not stored. A pipe is no token.
  @Test func whatHasNoPlaceIsNamed() throws {
    let (ours, theirs, stranger) = (KeyPair.generate(.operator), KeyPair.generate(.operator), KeyPair.generate(.account))
    let (first, second, user) = (KeyPair.generate(.account), KeyPair.generate(.account), KeyPair.generate(.user))
    let home = try ToolHome()
    var count = 0
    func put(_ claims: some Claims, _ signer: KeyPair, _ age: Int64) throws {
      count += 1
      try home.folder.write(Token.encode(claims, signer: signer, now: home.now - age), to: "in/\(count).jwt")
    }
    try put(OperatorClaims(subject: ours.publicKey, name: "O"), ours, 10)
    try put(OperatorClaims(subject: theirs.publicKey, name: "O"), theirs, 20)
    try put(AccountClaims(subject: first.publicKey, name: "A"), ours, 20)
    try put(AccountClaims(subject: second.publicKey, name: "A"), ours, 10)
    try put(AccountClaims(subject: KeyPair.generate(.account).publicKey, name: "../x"), ours, 10)
    try put(AccountClaims(subject: KeyPair.generate(.account).publicKey, name: "T"), theirs, 10)
    var forged = UserClaims(subject: user.publicKey, name: "forged")
    forged.issuerAccount = second.publicKey
    try put(forged, stranger, 10)
    try put(UserClaims(subject: user.publicKey, name: "u"), second, 20)
    try put(UserClaims(subject: KeyPair.generate(.user).publicKey, name: "u"), second, 30)
    try put(UserClaims(subject: KeyPair.generate(.user).publicKey, name: "v"), second, 30)
    try #require(mkfifo(home.folder.path("in/pipe.jwt"), 0o600) == 0)
    try fix(home)
    let stored = home.files.filter { $0.hasPrefix("out/") && $0.hasSuffix(".jwt") }
    #expect(
      stored == [
        "out/operators/O/O.jwt", "out/operators/O/accounts/A/A.jwt", "out/operators/O/accounts/A/users/u.jwt",
        "out/operators/O/accounts/A/users/v.jwt",
      ])
    let operatorClaims = try Token.decode(home.folder.read("out/operators/O/O.jwt"), as: OperatorClaims.self)
    let account = try Token.decode(home.folder.read("out/operators/O/accounts/A/A.jwt"), as: AccountClaims.self)
    #expect(operatorClaims.standard.subject == ours.publicKey && account.standard.subject == second.publicKey)
    for text in [
      "[WARN] ignoring operator \"O\" [\(theirs.publicKey)]: another operator of this name is there, issued later",
      "[WARN] ignoring account \"A\" of O [\(first.publicKey)]: another account of this name is there, issued later",
      "[WARN] ignoring account \"../x\" of O", "operator \(theirs.publicKey) was not found - ignoring account \"T\"",
      "[WARN] ignoring user \"forged\" of O/A [\(user.publicKey)]: \(stranger.publicKey), which signed it, does not sign for the account",
    ] {
      #expect(home.output.contains(text), "\(home.output)")
    }
  }

  /// A newer token that somebody else signed does not take the place of the good one, whoever it is of.
  @Test func trustComesBeforeAge() throws {
    let home = try ToolHome()
    let (op, account, user) = (KeyPair.generate(.operator), KeyPair.generate(.account), KeyPair.generate(.user))
    let stranger = KeyPair.generate(.account)
    let foreign = KeyPair.generate(.operator)
    var good: [String] = []
    func put(_ claims: some Claims, _ signer: KeyPair, _ age: Int64, _ file: String) throws {
      let token = try Token.encode(claims, signer: signer, now: home.now - age)
      if signer != stranger && signer != foreign && age == 20 { good.append(token) }
      try home.folder.write(token, to: "in/\(file).jwt")
    }
    var bad = OperatorClaims(subject: op.publicKey, name: "O")
    bad.signingKeys = [foreign.publicKey]
    try put(bad, foreign, 10, "1")
    var spoilt = AccountClaims(subject: account.publicKey, name: "A")
    spoilt.signingKeys[stranger.publicKey] = .some(nil)
    try put(spoilt, foreign, 10, "2")
    var forged = UserClaims(subject: user.publicKey, name: "u")
    forged.issuerAccount = account.publicKey
    try put(forged, stranger, 10, "3")
    for age in [20, 30] as [Int64] {
      try put(OperatorClaims(subject: op.publicKey, name: "O"), op, age, "4\(age)")
      try put(AccountClaims(subject: account.publicKey, name: "A"), op, age, "5\(age)")
      try put(UserClaims(subject: user.publicKey, name: "u"), account, age, "6\(age)")
    }
    try fix(home)
    let paths = ["O.jwt", "accounts/A/A.jwt", "accounts/A/users/u.jwt"]
    #expect(paths.map { home.folder.read("out/operators/O/\($0)") } == good)
    for text in [
      "[WARN] ignoring operator \"O\" [\(op.publicKey)]: \(foreign.publicKey) signed it, not the operator itself",
      "[WARN] operator \(foreign.publicKey) was not found - ignoring account \"A\" [\(account.publicKey)]",
      "[WARN] ignoring user \"u\" of O/A [\(user.publicKey)]: \(stranger.publicKey), which signed it, does not sign for the account",
    ] {
      #expect(home.lines.filter { $0 == text }.count == 1, "\(home.output)")
    }
  }
}
