import ArgumentParser
import Foundation
import Identity
import NSC
import TestSupport
import Testing

/// What can be set can be seen, under the headings that people know.
@Suite struct DescribeTests {
  private func row(_ home: ToolHome, _ name: String) -> String? {
    for line in home.lines {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      if cells.first == name { return cells.dropFirst().joined(separator: " | ") }
    }
    return nil
  }

  @Test func anAccount() throws {
    let home = try ToolHome()
    try home.addOperator()
    try home.addAccount("A")
    #expect(try home.editAccount("--js-tier", "3", "--js-disk-storage", "2M", "--js-streams", "5", "--leaf-conns", "0") == 0)
    #expect(try home.editAccount("--trace-context-subject", "tr", "--description", "one\ntwo") == 0)
    for flags in [["-s", "s.>", "-n", "str"], ["-s", "v.>", "-n", "svc", "--service", "true", "--response-type", "stream"]] {
      let options = try ExportOptions.parse(flags)
      #expect(home.run { try $0.addExport(options) } == 0)
    }
    let edit = try EditExportOptions.parse(["-s", "s.>", "--description", "streamed", "--info-url", "http://y.example"])
    #expect(home.run { try $0.editExport(edit) } == 0)
    #expect(
      home.lines == [
        "[ OK ] changed description to \"streamed\"", "[ OK ] changed info url to \"http://y.example\"",
        "[ OK ] edited stream export \"str\"",
        "",
      ])
    let nothing = try EditExportOptions.parse([])
    #expect(home.run { try $0.editExport(nothing) } == 1)
    #expect(home.errors == "Error: please specify some options\n")
    let scope = try EditSigningKeyOptions.parse(["--sk", "generate", "--role", "r", "--description", "what it is"])
    #expect(home.run { try $0.editSigningKey(scope) } == 0)
    let shown = try DescribeOptions.parse([])
    home.run { try $0.describeAccount(name: nil, shown) }
    let rows = [
      ("Max Leaf Node Connections", "Not Allowed"), ("Jetstream Tier", "R3"), ("Max Disk Storage", "2.0 MB"),
      ("Max Mem Storage", "Disabled"),
      ("Max Streams", "5"), ("Max Consumers", "Unlimited"), ("Max Ack Pending", "Consumer Setting"),
      ("Max Bytes", "optional (Stream setting)"), ("Max Memory Stream", "Unlimited"), ("Max Disk Stream", "Unlimited"),
      ("Tracing Context", "Enabled"), ("Subject", "tr"), ("Sampling", "100%"), ("svc", "Service [Stream] | v.> | - | Yes | 0 | - | No"),
      ("str", "Stream | s.> | - | Yes | 0 | N/A | N/A"), ("Role", "r"),
    ]
    for (name, value) in rows { #expect(row(home, name) == value, "\(name)") }
    #expect(home.output.contains("| Description               | one two "))
    #expect(home.output.contains("Exports - Descriptions") && home.output.contains("| str  | streamed    | http://y.example |"))
    #expect(home.output.contains("| Description          | what it is "))
  }

  /// A token that nobody signed is not shown in any form.
  @Test(arguments: [[], ["--json"], ["--raw"], ["--field", "sub"]]) func whatNobodySignedIsNotShown(_ flags: [String]) throws {
    let home = try ToolHome()
    try home.addOperator()
    try home.addAccount("A")
    let shape = try DescribeOptions.parse(flags)
    let path = "\(ToolHome.stores)/O/accounts/A/A.jwt"
    var parts = home.token(path).split(separator: ".").map(String.init)
    parts[2] = Base64Text.flipped(parts[2])
    try home.folder.write(parts.joined(separator: "."), to: path)
    #expect(home.run { try $0.describeAccount(name: "A", shape) } == 1)
    #expect(home.run { try $0.describeToken(source: home.folder.path(path), shape) } == 1)
    #expect(home.output == "" && home.errors == "Error: claim failed V2 signature verification\n")
  }

  /// One field, as scripts read it: on one line, with the index of a list's element. [nil for what is refused]
  @Test(
    arguments: [
      ("name", "\"A\""), ("nats.tags", "[\"t1\",\"t2\"]"), ("nats.tags[1]", "\"t2\""), ("nats.tags.0", "\"t1\""),
      ("nats.exports[0]", "{\"name\":\"e\",\"subject\":\"s.\\u003e\",\"type\":\"stream\"}"), ("nats.exports[0].subject", "\"s.\\u003e\""),
      ("nats.limits.conn", "5"), ("nats.default_permissions", "{\"pub\":{},\"sub\":{}}"), ("foo", "null"), ("nats.foo", "null"),
      ("nats.tags[2]", nil), ("nats.tags[-1]", nil), ("nats.tags.x", nil), ("nats..tags", nil), (".", nil), ("name.x", nil), ("foo.x", nil),
    ] as [(String, String?)]) func oneField(_ path: String, _ shown: String?) throws
  {
    let home = try ToolHome()
    try home.addOperator()
    try home.addAccount("A")
    #expect(try home.editAccount("--tag", "t1,t2", "--conns", "5") == 0)
    let export = try ExportOptions.parse(["-s", "s.>", "-n", "e"])
    #expect(home.run { try $0.addExport(export) } == 0)
    let options = try DescribeOptions.parse(["--field", path])
    #expect(home.run { try $0.describeAccount(name: "A", options) } == (shown == nil ? 1 : 0))
    #expect(home.output == (shown.map { $0 + "\n" } ?? ""))
    if shown == nil { #expect(home.errors.hasPrefix("Error: ") && home.errors.contains("\"\(path)\""), "\(home.errors)") }
  }

  /// A curve key stands in the keys' column alone, and is marked beside it.
  @Test func keysAndTheirMarks() throws {
    let home = try ToolHome()
    try home.addOperator()
    try home.addAccount("A")
    try home.addUser("u")
    let user = try Token.decode(home.token("\(ToolHome.stores)/O/accounts/A/users/u.jwt"), as: UserClaims.self).standard.subject
    let callout = try CalloutOptions.parse(["--account", "A", "--auth-user", user, "--curve", "generate"])
    #expect(home.run { try $0.editCallout(callout) } == 0, "\(home.errors)")
    let curve = try Token.decode(home.token("\(ToolHome.stores)/O/accounts/A/A.jwt"), as: AccountClaims.self).authorization.curveKey
    let options = try ListKeysOptions.parse(["--all"])
    #expect(home.run { try $0.listKeys(options) } == 0)
    let cells = home.lines.map { $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
    #expect(cells.contains(["A", curve, "T", "*"]), "\(home.output)")
    #expect(home.output.hasSuffix("[ T ] auth callout encryption target\n"))
  }

  @Test func expirations() throws {
    let home = try ToolHome()
    home.now = 1_700_000_000
    try home.addOperator("OP")
    try home.addAccount("APP")
    try home.addUser("alice", "--expiry", "2d")
    try home.addUser("old", "--expiry", "2020-01-01")
    let creds = home.folder.path("\(ToolHome.creds)/OP/APP/alice.creds")
    #expect(home.run { try $0.expirations(within: nil, skip: false, json: false) } == 0)
    #expect(home.errors.contains("Expiration Report (In 4 Weeks)"))
    let rows = [
      ("OP", "No", "1970-01-01T00:00:00Z - Never"), ("OP/APP", "No", "1970-01-01T00:00:00Z - Never"),
      ("OP/APP/alice", "Soon", "2023-11-16T22:13:20Z - In 1 Day"), (creds, "Soon", "2023-11-16T22:13:20Z - In 1 Day"),
      ("OP/APP/old", "Yes", "2020-01-01T00:00:00Z - 3 Years Ago"),
    ]
    let lines = home.errors.split(separator: "\n").map { $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
    for (resource, expired, date) in rows { #expect(lines.contains([expired, resource, date]), "\(resource): \(home.errors)") }
    #expect(home.run { try $0.expirations(within: "1h", skip: true, json: true) } == 0)
    let report = try #require(JSONSerialization.jsonObject(with: Data(home.output.utf8)) as? [String: Any])
    #expect(report["expiration_threshold"] as? String == "2023-11-14T23:13:20Z")
    let found = try #require(report["report"] as? [[String: Any]])
    #expect(found.map { $0["resource"] as? String } == ["OP/APP/old", home.folder.path("\(ToolHome.creds)/OP/APP/old.creds")])
    #expect(
      found[0]["expired"] as? Bool == true && found[0]["when"] as? String == "3 Years Ago" && found[0]["expiry"] as? Int == 1_577_836_800)
  }

  /// `*` is told once, of the account.
  @Test func allUsersRevoked() throws {
    let home = try ToolHome()
    try home.addOperator()
    try home.addAccount("A")
    try home.addUser("u")
    try home.addUser("v")
    #expect(home.run { try $0.revokeUser(account: nil, name: nil, publicKey: "*", at: nil) } == 0)
    #expect(home.run { try $0.validate(account: nil, all: true, file: nil) } == 0)
    #expect(home.run { try $0.listRevocations(account: nil) } == 0)
    #expect(home.output.contains("| * [All Users] |"))
    #expect(home.run { try $0.validate(account: nil, all: true, file: nil) } == 0)
    #expect(home.errors.contains("[ ! ] 2 users are revoked by \"*\"") && !home.errors.contains("user is revoked"))
    #expect(home.run { try $0.revokeUser(account: nil, name: "u", publicKey: nil, at: nil) } == 0)
    #expect(home.run { try $0.validate(account: nil, all: true, file: nil) } == 0)
    #expect(home.errors.contains("[ ! ] user is revoked"))
  }
}

enum Base64Text {
  /// The same text with another first letter: a signature of something else.
  static func flipped(_ text: String) -> String { (text.first == "A" ? "B" : "A") + text.dropFirst() }
}
