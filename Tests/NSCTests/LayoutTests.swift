import ArgumentParser
import Foundation
import Identity
import NSC
import TestSupport
import Testing

@Suite struct LayoutTests {
  @Test func todaysFiles() throws {
    let home = try ToolHome()
    try home.addOperator()
    try home.addAccount("A")
    try home.addUser("U")
    let seeds = home.files.filter { $0.hasSuffix(".nk") }
    #expect(seeds.count == 3)
    for seed in seeds {
      let name = String(seed.split(separator: "/").last ?? "").dropLast(3)
      #expect(seed == ".local/share/nats/nsc/keys/keys/\(name.prefix(1))/\(name.dropFirst().prefix(2))/\(name).nk")
      let text = home.folder.read(seed)
      #expect(text.utf8.count == 58)
      #expect(try KeyPair(seed: text).publicKey == String(name))
      let attributes = try FileManager.default.attributesOfItem(atPath: home.folder.path(seed))
      #expect(attributes[.posixPermissions] as? Int == 0o600)
    }
    #expect(
      home.files.filter { !$0.hasSuffix(".nk") } == [
        ".config/nats/nsc/nsc.json", ".local/share/nats/nsc/keys/.gitignore", "\(ToolHome.creds)/O/A/U.creds", "\(ToolHome.stores)/O/.nsc",
        "\(ToolHome.stores)/O/O.jwt", "\(ToolHome.stores)/O/accounts/A/A.jwt", "\(ToolHome.stores)/O/accounts/A/users/U.jwt",
      ])
    #expect(home.folder.read("\(ToolHome.stores)/O/.nsc") == #"{"managed":false,"name":"O","kind":"operator","version":"1"}"#)
    let folder = try FileManager.default.attributesOfItem(atPath: home.folder.path("\(ToolHome.stores)/O/accounts"))
    #expect(folder[.posixPermissions] as? Int == 0o700)
    #expect(!home.folder.read("\(ToolHome.stores)/O/O.jwt").hasSuffix("\n"))
  }

  @Test func theTutorialsFiles() throws {
    let home = try ToolHome(["NSC_LAYOUT": "tutorial"])
    try home.addOperator("SAOP")
    try home.addAccount("SYS")
    try home.addUser("SYSU")
    #expect(
      home.files == [
        ".nkeys/SAOP/SAOP.nk", ".nkeys/SAOP/accounts/SYS/SYS.nk", ".nkeys/SAOP/accounts/SYS/users/SYSU.creds",
        ".nkeys/SAOP/accounts/SYS/users/SYSU.nk", ".nsc/nats/SAOP/.nsc", ".nsc/nats/SAOP/SAOP.jwt", ".nsc/nats/SAOP/accounts/SYS/SYS.jwt",
        ".nsc/nats/SAOP/accounts/SYS/users/SYSU.jwt", ".nsc/nsc.json",
      ])
  }

  @Test(arguments: ["2019", "tutorial", "current"]) func whatExistsDecides(layout: String) throws {
    let first = try ToolHome(["NSC_LAYOUT": layout])
    try first.addOperator()
    try first.addAccount("A")
    let before = first.files
    // The same home without the setting: keys are found, new files go to the same places.
    let environment = NSCEnvironment(home: first.folder.path, directory: first.folder.path)
    #expect(environment.layout.rawValue == layout)
    var said = ""
    let tool = NSCTool(environment: environment, output: { said += $0 }, errors: { said += $0 })
    let options = try AddUserOptions.parse(["U"])
    #expect(tool.execute { try $0.addUser(options) } == 0, "\(said)")
    let creds = first.files.filter { $0.hasSuffix(".creds") }
    let expected = [
      "2019": ".nkeys/creds/O/A/U.creds", "tutorial": ".nkeys/O/accounts/A/users/U.creds", "current": "\(ToolHome.creds)/O/A/U.creds",
    ]
    #expect(creds == [try #require(expected[layout])])
    #expect(Set(before).isSubset(of: Set(first.files)))
  }

  /// Who stands in a store means what he stands in. [the working folder, operator, account]
  @Test(arguments: [
    ("", "P", "C"), ("STORES", "P", "C"), ("STORES/O", "O", ""), ("STORES/O/accounts", "O", ""), ("STORES/O/accounts/A", "O", "A"),
    ("STORES/O/accounts/B/users", "O", "B"), ("STORES/P", "P", "C"),
  ])
  func theWorkingFolder(_ folder: String, _ operatorName: String, _ account: String) throws {
    let home = try ToolHome()
    for name in ["O", "P"] { try home.addOperator(name) }
    home.run { try $0.select(operator: "O") }
    for name in ["A", "B"] { try home.addAccount(name) }
    try home.addUser("u", "-a", "B")
    home.run { try $0.select(operator: "P") }
    try home.addAccount("C")
    home.directory = home.folder.path(folder.replacing("STORES", with: ToolHome.stores))
    home.run { try $0.env(store: nil, operator: nil, account: nil) }
    for (what, value) in [("Current Operator", operatorName), ("From CWD", folder.isEmpty ? "No" : "Yes")] {
      let row = home.errors.split(separator: "\n").first { $0.hasPrefix("| \(what) ") } ?? ""
      #expect(row.split(separator: "|").last?.trimmingCharacters(in: .whitespaces) == value, "\(row)")
    }
    guard !account.isEmpty else { return }
    #expect(try home.addUser("w") == 0, "\(home.errors)")
    #expect(home.files.contains("\(ToolHome.stores)/\(operatorName)/accounts/\(account)/users/w.jwt"))
  }

  /// With NSC_CWD_ONLY nsc.json is neither read nor written.
  @Test func theWorkingFolderOnly() throws {
    let home = try ToolHome(["NSC_CWD_ONLY": "1"])
    try home.addOperator("O")
    #expect(!home.files.contains { $0.hasSuffix("nsc.json") })
    #expect(home.run { try $0.env(store: nil, operator: "O", account: nil) } == 1)
    #expect(home.errors == "Error: $NSC_CWD_ONLY is set - change your cwd to change context\n")
    home.directory = home.folder.path("\(ToolHome.stores)/O")
    #expect(try home.addAccount("A") == 0, "\(home.errors)")
  }

  @Test func namesThatAreNoFileNames() throws {
    let home = try ToolHome()
    try home.addOperator()
    for name in ["../x", "a/b", "", ".", ".."] {
      #expect(try home.addAccount(name) == 1)
    }
    #expect(!home.files.contains { $0.contains("accounts") })
  }
}
