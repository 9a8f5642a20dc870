import Foundation
import Testing
import Wire

/// What the fuzzers run, as plain functions; the corpora are replayed on each test run.
enum FuzzTargets {
  static func http(_ bytes: [UInt8]) {
    var offset = 0
    while offset < bytes.count {
      guard let request = try? parseRequest(Array(bytes[offset...])) else { return }
      _ = try? request.head.pathSegments()
      _ = request.head.query
      _ = request.head.list("accept").map(HTTPNegotiation.preferences)
      offset = bytes.count - request.rest
    }
  }

  static func json(_ bytes: [UInt8]) {
    _ = JSONIndenter.indented(bytes)
    guard let view = try? JSONView(validating: bytes) else { return }
    let tree = JSONValue(view)
    let once = tree.bytes()
    // What was read and written reads the same again.
    if let again = try? JSONValue(parsing: once) { assert(again == tree) } else { assertionFailure("written JSON is not valid") }
  }
}

@Suite struct CorpusTests {
  private func files(_ name: String) -> [[UInt8]] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Corpus/\(name)")
    let urls = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
    return urls.compactMap { try? Data(contentsOf: $0) }.map { Array($0) }
  }

  /// Each file as it is, cut at every length, and with each byte replaced by some that matter.
  private func replay(_ files: [[UInt8]], _ target: ([UInt8]) -> Void) {
    for file in files {
      target(file)
      for index in file.indices.prefix(400) {
        target(Array(file[..<index]))
        var mutated = file
        for byte in [0, 0x0A, 0x0D, 0x20, 0x22, 0x25, 0x2C, 0x30, 0x3A, 0x5C, 0x7B, 0xFF] as [UInt8] {
          mutated[index] = byte
          target(mutated)
        }
      }
    }
  }

  @Test func http() {
    let files = files("http")
    #expect(files.count >= 5)
    replay(files, FuzzTargets.http)
  }

  @Test func json() {
    let files = files("json")
    #expect(files.count >= 4)
    replay(files, FuzzTargets.json)
  }
}
