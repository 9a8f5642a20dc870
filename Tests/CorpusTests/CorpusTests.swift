import Foundation
import FuzzTargets
import TestSupport
import Testing
import Wire

/// What fuzzing has found worth keeping, replayed.
@Suite struct CorpusTests {
  static func inputs(_ target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
    let folder = "\(packageRoot)/Tests/Corpora/\(target.name)"
    return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { name in
      (name, [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))))
    }
  }

  @Test(arguments: FuzzTarget.all.map(\.name))
  func propertiesHold(name: String) throws {
    let target = try #require(FuzzTarget.named(name))
    let inputs = try CorpusTests.inputs(target)
    #expect(inputs.count >= 10)
    for input in inputs {
      let broken = target.check(input.bytes)
      #expect(broken == nil, "\(input.name)")
      // Cut short anywhere, it must be refused or waited for, never trap.
      for length in stride(from: 0, to: min(input.bytes.count, 400), by: 3) { _ = target.check(Array(input.bytes[..<length])) }
    }
  }

  /// An input of another kind than it was kept for tests nothing.
  @Test func messagesOfARecordAreReadAsWhatTheyAre() throws {
    let inputs = try CorpusTests.inputs(.recordMessage)
    for kind in RecordMessageKind.allCases { #expect(inputs.contains { $0.name.hasPrefix("\(kind)") }, "\(kind)") }
    for input in inputs {
      let kind = RecordMessageKind(try #require(input.bytes.first))
      #expect(input.name.split(separator: "-").first == "\(kind)", "\(input.name)")
    }
  }

  @Test func theScannerAgreesWithAnotherReader() throws {
    for input in try CorpusTests.inputs(.json) {
      let ours = (try? JSONScanner.validate(input.bytes)) != nil
      let theirs = (try? JSONSerialization.jsonObject(with: Data(input.bytes), options: .fragmentsAllowed)) != nil
      // Foundation is the more lenient of the two in places (byte order marks, other encodings), never the stricter one,
      // but for numbers that no Double holds and invalid UTF-8, which we carry as they are.
      if ours, !theirs {
        let tolerated = String(validating: input.bytes, as: UTF8.self) == nil || input.bytes.contains { "eE".utf8.contains($0) }
        #expect(tolerated, "\(input.name): only ours accepts it")
      }
    }
  }
}
