import Foundation
import TestSupport
import Testing

@testable import BrokerOptions

@Suite struct OptionReferenceTests {
  /// Written anew with `NATSIGHT_WRITE_DOCS=1`.
  @Test func theReferenceIsUpToDate() throws {
    let path = packageRoot + "/docs/broker-options.md"
    let text = OptionReference.markdown()
    if ProcessInfo.processInfo.environment["NATSIGHT_WRITE_DOCS"] != nil {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == text, "run this test with NATSIGHT_WRITE_DOCS=1")
  }
}
