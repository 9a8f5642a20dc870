import Foundation
import Logging
import TestSupport
import Testing
import Wire

@testable import LogOutput

@Suite struct LogOutputTests {
  static let line = LogLine(
    time: Timestamp(seconds: 1_795_224_123, nanoseconds: 4_005_000), level: .warning, label: "gateway", message: "two\nlines",
    metadata: ["path": "/varz", "note": "a \"b\"", "time": "x", "nested": ["a", ["k": "v"]]])

  func render(_ format: LogFormat) -> String {
    var bytes: [UInt8] = []
    format.append(LogOutputTests.line, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func textStaysOneLine() {
    #expect(
      render(.text) == """
        2026-11-21T01:22:03.004005Z warning gateway: two\\nlines nested="[\\"a\\", [\\"k\\": \\"v\\"]]" note="a \\"b\\"" path=/varz time=x

        """)
  }

  /// Names that strangers chose move no cursor and colour no terminal.
  @Test func controlCharactersAreWrittenOut() {
    let name = "\u{1b}[31m\u{9b}2J\u{7f}\u{85}é\u{a0}Â"
    var bytes: [UInt8] = []
    LogFormat.text.append(
      LogLine(time: .zero, level: .info, label: "x", message: name, metadata: ["plain": "a\u{9b}b", "quoted": "\(name) "]), to: &bytes)
    #expect(!bytes.dropLast().contains { $0 < 0x20 || $0 == 0x7F })
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(text.unicodeScalars.allSatisfy { !(0x80...0x9F).contains($0.value) })
    #expect(text.contains("\\x1b[31m\\x9b2J\\x7f\\x85é\u{a0}Â") && text.contains("plain=a\\x9bb"), "\(text)")
  }

  @Test func controlCharactersAreWrittenOutInJSONToo() throws {
    let name = "\u{1b}[31m\u{9b}2J\u{7f}\u{85}é\u{a0}Â\u{80}"
    var bytes: [UInt8] = []
    LogFormat.json.append(LogLine(time: .zero, level: .info, label: "x", message: name, metadata: ["k": "\(name)"]), to: &bytes)
    let text = String(decoding: bytes.dropLast(), as: UTF8.self)
    #expect(text.unicodeScalars.allSatisfy { !(0x00...0x1F).contains($0.value) && !(0x7F...0x9F).contains($0.value) }, "\(text)")
    let object = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    #expect(object["message"] as? String == name && object["k"] as? String == name)
  }

  @Test func jsonReadsBack() throws {
    let object = try #require(try JSONSerialization.jsonObject(with: Data(render(.json).utf8)) as? [String: Any])
    #expect(object["time"] as? String == "2026-11-21T01:22:03.004005Z")
    #expect(object["message"] as? String == "two\nlines")
    #expect(object["_time"] as? String == "x")
    #expect((object["nested"] as? [Any])?.count == 2)
  }

  @Test func serverFormIsNatsServers() {
    #expect(render(.server).contains("] 2026/11/21 01:22:03.004005 [WRN] two\\nlines"))
  }

  @Test func levelsChangeWhileInUse() throws {
    let folder = try TemporaryFolder()
    let output = LogOutput(level: .warning, destination: try LogDestination(path: folder.path("log")))
    let logger = output.logger("test")
    logger.info("unseen")
    output.level = .debug
    logger.debug("seen", metadata: ["request": "7"])
    var own = logger
    own.logLevel = .error
    own.warning("unseen too")
    let text = folder.read("log")
    #expect(text.hasSuffix("debug test: seen request=7\n"))
    #expect(!text.contains("unseen"))
  }

  @Test func aFileThatWasMovedAwayIsBegunAnew() throws {
    let folder = try TemporaryFolder()
    let output = LogOutput(destination: try LogDestination(path: folder.path("log")))
    let logger = output.logger("test")
    logger.info("one")
    try FileManager.default.moveItem(atPath: folder.path("log"), toPath: folder.path("old"))
    output.reopen()
    logger.info("two")
    #expect(folder.read("old").contains("one"))
    #expect(folder.read("log").contains("two"))
  }

  @Test func aFullFileIsSetAside() throws {
    let folder = try TemporaryFolder()
    let output = LogOutput(destination: try LogDestination(path: folder.path("log"), sizeLimit: 200))
    let logger = output.logger("test")
    for number in 0..<10 { logger.info("line \(number) of the ten that are written") }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix("log") }
    #expect(names.count >= 3)
    let all = names.map { folder.read($0) }.joined()
    for number in 0..<10 { #expect(all.contains("line \(number) of")) }
  }

  @Test func onlySoManyFilesAreKept() throws {
    let folder = try TemporaryFolder()
    try folder.write("", to: "log.backup")
    let output = LogOutput(
      format: .server, destination: try LogDestination(path: folder.path("log"), sizeLimit: 300, maximumCount: 3))
    let logger = output.logger("test")
    for number in 0..<60 { logger.info("line \(number) of the many that are written") }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix("log.2") }
    #expect(names.count == 2, "the file in use is the third")
    #expect(names.allSatisfy { $0.wholeMatch(of: #/log\.\d{4}(\.\d\d){5}(\.\d{1,9})?/#) != nil }, "\(names)")
    #expect(folder.read("log").contains("[INF] Rotated log, backup saved as \"\(folder.path("log.2"))"))
    #expect(folder.read("log").contains("[INF] Purged log file \""))
    #expect(FileManager.default.fileExists(atPath: folder.path("log.backup")), "a file of somebody else's stays")
  }

  @Test func theFileAndTheFormChangeWhileInUse() throws {
    let folder = try TemporaryFolder()
    let output = LogOutput(format: .server, level: .trace, destination: try LogDestination(path: folder.path("one")))
    output.hidesDebug = true
    let logger = output.logger("test")
    logger.info("first")
    logger.debug("unseen")
    logger.trace("traced")
    output.redirect(format: .serverBare, destination: try LogDestination(path: folder.path("two")))
    output.hidesDebug = false
    logger.debug("second")
    #expect(folder.read("one").contains("first") && folder.read("one").contains("[TRC] traced"))
    #expect(!folder.read("one").contains("unseen") && !folder.read("one").contains("second"))
    #expect(folder.read("two") == "[\(getpid())] [DBG] second\n")
  }

  @Test func whatCannotBeOpenedIsNamed() {
    #expect(throws: LogFileError.self) { try LogDestination(path: "/nonexistent/log") }
  }
}
