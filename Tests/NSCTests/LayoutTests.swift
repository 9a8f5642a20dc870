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

  @Test func namesThatAreNoFileNames() throws {
    let home = try ToolHome()
    try home.addOperator()
    for name in ["../x", "a/b", "", ".", ".."] {
      #expect(try home.addAccount(name) == 1)
    }
    #expect(!home.files.contains { $0.contains("accounts") })
  }
}
