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

  /// Folders of one target do not lean on each other in a circle; what `scripts/rooms` says tells which and why.
  @Test func foldersHaveNoCircles() throws {
    let rooms = try ChildProcess.run("\(packageRoot)/scripts/rooms")
    #expect(rooms.status == 0 && rooms.output == "", "\(rooms.output)\(rooms.errors)")
  }

  @Test func circlesOfFoldersAreFound() throws {
    let folder = try TemporaryFolder()
    let files = [
      "House/Cellar/Wine.swift": "struct Wine { var bottle: Bottle; enum Kind { case red } }",
      "House/Kitchen/Bottle.swift": "final class Bottle { let cook = Cook() } // no Wine here, and \"Wine\" neither",
      "House/Attic/Cook.swift": "struct Cook { let text = \"a \\(Wine.self) b\"; struct Oven {} }",
      "House/Door.swift": "extension Cook { func open() -> Oven { Oven() } }",
      "Shed/Tools/Hammer.swift": "struct Hammer { typealias Nail = Int }",
      "Shed/Bench/Bench.swift": "func hit() -> Hammer.Nail { 1 } struct Nail {}",
    ]
    for (path, text) in files {
      let parts = path.split(separator: "/").dropLast().joined(separator: "/")
      try FileManager.default.createDirectory(atPath: folder.path("Sources/\(parts)"), withIntermediateDirectories: true)
      try folder.write(text, to: "Sources/\(path)")
    }
    func rooms(_ exceptions: String) throws -> Finished {
      let file = try folder.write(exceptions, to: "exceptions")
      return try ChildProcess.run("\(packageRoot)/scripts/rooms", ["--sources", folder.path("Sources"), "--exceptions", file])
    }
    let found = try rooms("")
    #expect(found.status == 1, "\(found.output)\(found.errors)")
    #expect(
      found.output.hasPrefix(
        """
        House: these folders lean on each other in a circle: Attic -> Cellar -> Kitchen -> Attic
          Attic/Cook.swift names Wine, which Cellar/Wine.swift declares
          Cellar/Wine.swift names Bottle, which Kitchen/Bottle.swift declares
          Kitchen/Bottle.swift names Cook, which Attic/Cook.swift declares

        """), "\(found.output)")
    #expect(try rooms("House   being rebuilt\n").status == 0)
    let idle = try rooms("House   being rebuilt\nShed   was once\nBarn\n")
    #expect(idle.status == 1 && idle.output.contains("Shed has no circle any more") && idle.output.contains("Barn is no target any more"))
  }

  /// A better sentence changes no decision; what `scripts/sentences` says tells where one would.
  @Test func nothingIsDecidedByTheWordingOfASentence() throws {
    let sentences = try ChildProcess.run("\(packageRoot)/scripts/sentences")
    #expect(sentences.status == 0 && sentences.output == "", "\(sentences.output)\(sentences.errors)")
  }

  @Test func decisionsOnSentencesAreFound() throws {
    let folder = try TemporaryFolder()
    let bad = [
      #"if row.reason.hasPrefix("Slow Consumer") { slow += 1 }"#, #"if error.description == "unknown" { return }"#,
      #"return text.contains("does not answer")"#, #"case "no such file": return nil"#, #"if "\(error)" == other { return }"#,
      #"case (1, "not in time"): return"#, #"if issue?.description.lowercased().contains(word) == true { return }"#,
      #"guard "was not found" == text else { return }"#,
    ]
    let good = [
      #"if path.hasPrefix("/server/") { return }"#, #"case .notFound: return "no such file""#, #"if name == "varz" { return }"#,
      #"// if row.reason.hasPrefix("Slow Consumer")"#, #"guard case .string(let text) = value else { throw wrong("a string of words") }"#,
      #"log.info("it is contained (\(error))")"#, #"if line.first == " " { return }"#,
    ]
    func sentences(_ lines: [String], _ exceptions: String = "") throws -> Finished {
      try folder.write(lines.joined(separator: "\n"), to: "Sources/House/Door.swift")
      let file = try folder.write(exceptions, to: "exceptions")
      return try ChildProcess.run("\(packageRoot)/scripts/sentences", ["--sources", folder.path("Sources"), "--exceptions", file])
    }
    for line in bad {
      let found = try sentences([line])
      #expect(found.status == 1 && found.output.hasPrefix("House/Door.swift:1: \(line)\n"), "\(line)\n\(found.output)\(found.errors)")
    }
    let clean = try sentences(good)
    #expect(clean.status == 0 && clean.output == "", "\(clean.output)\(clean.errors)")
    #expect(try sentences(bad, "House/Door.swift   reads them once\n").status == 0)
    let idle = try sentences(good, "House/Door.swift  read them once\nHouse/Gate.swift\n")
    #expect(idle.status == 1 && idle.output.contains("House/Door.swift reads no sentence any more"))
    #expect(idle.output.contains("House/Gate.swift is no file any more"))
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
