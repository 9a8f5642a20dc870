import Foundation
import TestSupport
import Testing

/// What the repository promises about itself.
@Suite struct HouseRulesTests {
  @Test func noSwiftNIOAnywhereInTheDependencyGraph() throws {
    let shown = try ChildProcess.run(
      "swift", ["package", "--ignore-lock", "--package-path", packageRoot, "show-dependencies", "--format", "json"], timeout: 300)
    try #require(shown.status == 0, "\(shown.errors)")
    let start = try #require(shown.output.firstIndex(of: "{"))
    let root = try JSONSerialization.jsonObject(with: Data(shown.output[start...].utf8)) as? [String: Any]
    var identities: [String] = []
    func visit(_ package: [String: Any]) {
      identities.append(package["identity"] as? String ?? "")
      for dependency in package["dependencies"] as? [[String: Any]] ?? [] { visit(dependency) }
    }
    visit(try #require(root))
    #expect(identities.contains("swift-argument-parser"))
    #expect(identities.filter { $0.contains("nio") } == [])
  }

  @Test func shippedModulesDoNotImportFoundation() throws {
    let sources = "\(packageRoot)/Sources"
    let files = try #require(FileManager.default.enumerator(atPath: sources)).compactMap { $0 as? String }
    let shipped = files.filter { $0.hasSuffix(".swift") && !$0.hasPrefix("TestSupport/") && !$0.hasPrefix("Fuzz") }
    #expect(!shipped.isEmpty)
    let rule = try Regex(#"(?m)^\s*((@\w+|public|internal|private|package) )*import (Foundation|FoundationNetworking)\s*$"#)
    let offenders = try shipped.filter { try String(contentsOfFile: "\(sources)/\($0)", encoding: .utf8).contains(rule) }
    #expect(offenders == [])
  }

  @Test func theCommandDoesNotLinkFullFoundation() throws {
    let dump = try ChildProcess.run("objdump", ["-p", NatsightProcess.binary])
    try #require(dump.status == 0, "\(dump.errors)")
    let needed = dump.output.split(separator: "\n").filter { $0.contains("NEEDED") }.compactMap {
      $0.split(separator: " ").last.map(String.init)
    }
    #expect(!needed.isEmpty)
    #expect(!needed.contains("libFoundation.so"))
    #expect(!needed.contains("libFoundationNetworking.so"))
    #expect(!needed.contains("lib_FoundationICU.so"))
  }

  @Test func theDockerfileKeepsItsPromises() throws {
    let text = try String(contentsOfFile: "\(packageRoot)/Dockerfile", encoding: .utf8)
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines.filter { $0.hasPrefix("FROM ") }.count == 2)
    #expect(lines.contains("RUN scripts/setup build"), "the same package list as make run")
    #expect(lines.contains { $0.hasPrefix("RUN scripts/setup run") })
    #expect(lines.contains("USER natsight"))
    #expect(lines.contains { $0.hasPrefix("HEALTHCHECK") && $0.contains("/livez") })
    let command = try #require(lines.last { $0.hasPrefix("CMD ") })
    #expect(command.contains("0.0.0.0:8222"))
    #expect(command.contains("--access") || command.contains("--allow-unauthenticated"))
  }
}
