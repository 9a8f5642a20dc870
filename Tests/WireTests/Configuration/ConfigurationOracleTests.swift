import Foundation
import Testing
import Wire

private let server = "/usr/sbin/nats-server"

/// The same texts given to a real nats-server, which says whether it would start with them.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: server)))
struct ConfigurationOracleTests {
  static let texts: [String] = [
    "port=4000", "port:4000", "port 4000", "port=4000;server_name=x", #"{"port":4000}"#, "port=4000,", "port=4000}",
    #"{"server_name":"x"} {"port":4000}"#, "server_name=foo bar", "server_name=foo # c", "authorization {timeout=1", "server_tags=[a",
    "server_name=\"x", "authorization\n{timeout:1}", "server_name=\nport=3", "server_name=1.5s", "server_name=-x", "server_name=12-ab",
    "max_payload=1k;max_pending=2k", "server_name=a//b", "server_name /b", "server_name=\\x41b", "server_name=\"\\q\"", "server_tags=[a b]",
    "server_tags=[a;b]", "server_tags=[,a]", "server_tags=[a,]", "server_tags=[a\nb]", "server_name=(\nabc\n)\n", "server_name=(abc)",
    "server_name=(abc\n )\n", "include \"empty.conf\"", "authorization { include empty.conf }", "include nothing.conf",
    "server_name=$NO_SUCH_NAME",
    "x=1k\nmax_payload=$x", "authorization {x=3\ntimeout:$x}", "port=99999999999999999999", "a b c", "port=4\r\nserver_name=y\r\n", "=3",
    "server_name: .x", "authorization={timeout=1,}", "authorization={timeout=1;}", "authorization { timeout=\n1 }", "'server_name'=x",
    "server_name='a' \"b\"", "server_name=\\u", #""port":3 "server_name":4"#, "server_name=x\rport=2",
  ]

  @Test func verdictsAgree() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("conf-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data().write(to: folder.appendingPathComponent("empty.conf"))
    for text in Self.texts {
      let file = folder.appendingPathComponent("t.conf")
      try Data(text.utf8).write(to: file)
      let accepted = try accepts(file.path)
      let sources = ConfigurationSources(readFile: { path in Array(try Data(contentsOf: URL(fileURLWithPath: path))) })
      let parsed = try? ConfigurationDocument(parsing: text.utf8, file: file.path, sources: sources)
      #expect((parsed != nil) == accepted, "\(text.debugDescription)")
    }
  }

  private func accepts(_ path: String) throws -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: server)
    process.arguments = ["-t", "-c", path]
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}
