import Foundation
import TestSupport
import Testing

/// The command line of nsc: its flags, streams and exit status.
@Suite struct NscCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @discardableResult
  private func nsc(_ arguments: String..., status: Int32 = 0) throws -> Finished {
    let process = try NatsightProcess(["nsc"] + arguments, environment: ["HOME": folder.path], directory: folder.path)
    let finished = try process.process.waitForExit()
    #expect(finished.status == status, "nsc \(arguments): \(finished.output)\(finished.errors)")
    return finished
  }

  @Test func flagsAsPeopleWriteThem() throws {
    try nsc("add", "operator", "-n", "Test")
    try nsc("add", "account", "A")
    let user = try nsc(
      "add", "user", "u", "--allow-pub", "a,b", "--allow-sub", "c", "--allow-sub", "d", "--allow-pub-response", "--response-ttl", "2s",
      "--bearer", "--source-network", "127.0.0.0/8", "--expiry", "1d", "--tag", "x")
    #expect(user.output.hasPrefix("[ OK ] added pub \"a\"\n[ OK ] added pub \"b\"\n[ OK ] added sub \"c\"\n[ OK ] added sub \"d\"\n"))
    #expect(user.errors == "")
    let json = try nsc("describe", "user", "u", "-J").output
    let claims = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    let nats = try #require(claims["nats"] as? [String: Any])
    #expect(nats["bearer_token"] as? Bool == true)
    #expect((nats["resp"] as? [String: Any])?["ttl"] as? Int == 2_000_000_000)
    #expect(json.hasPrefix("{\n \"exp\": "))
    try nsc("edit", "user", "u", "--bearer=false", "--payload", "-1", "--rm-source-network", "127.0.0.0/8")
    try nsc("edit", "account", "A", "--conns", "-1", "--wildcard-exports=false")
    #expect(
      try nsc("add", "export", "--name", "srv", "--subject", "help", "--service").output == "[ OK ] added public service export \"srv\"\n")
    #expect(try nsc("add", "export", "-s", "secret", "-p", "-r").output == "[ OK ] added private service export \"secret\"\n")
    try nsc("revocations", "add_user", "-n", "u")
    try nsc("revocations", "delete-user", "-n", "u")
  }

  @Test func streamsAndStatus() throws {
    try nsc("add", "operator", "Test")
    try nsc("add", "account", "A")
    let list = try nsc("list", "accounts")
    #expect(list.output == "" && list.errors.contains("|                            Accounts                             |"))
    let found = try nsc("list", "accounts", "-J").output
    #expect((try JSONSerialization.jsonObject(with: Data(found.utf8)) as? [[String: String]])?.first?["name"] == "A")
    #expect(try nsc("add", "account", "A", status: 1).errors == "Error: the account \"A\" already exists\n")
    for wrong in [["bogus"], ["list", "accounts", "-W"], ["add", "user", "--expiry"], ["edit", "operator"]] {
      let process = try NatsightProcess(["nsc"] + wrong, environment: ["HOME": folder.path])
      let finished = try process.process.waitForExit()
      #expect(finished.status == 1 && finished.output == "" && finished.errors.hasPrefix("Error: "), "\(wrong)")
    }
    let help = try nsc("--help")
    #expect(help.output.contains("NSC_LAYOUT") && help.errors == "")
  }
}
