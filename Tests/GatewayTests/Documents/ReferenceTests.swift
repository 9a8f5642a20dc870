import Foundation
import TestSupport
import Testing

@testable import Gateway

/// Documents that are written from the tables. Written anew with `NATSIGHT_WRITE_DOCS=1`.
@Suite struct ReferenceTests {
  static let documents: [(name: String, text: @Sendable () -> String)] = [
    ("checks", { CheckReference.markdown() }), ("errors", { ErrorReference.markdown() }), ("incidents", { IncidentReference.markdown() }),
    ("metrics", { MetricReference.markdown() }), ("paths", { PathReference.markdown() }), ("series", { SeriesReference.markdown() }),
  ]

  @Test(arguments: documents.indices) func theDocumentIsUpToDate(_ index: Int) throws {
    let document = Self.documents[index]
    let path = packageRoot + "/docs/\(document.name).md"
    let text = document.text()
    if ProcessInfo.processInfo.environment["NATSIGHT_WRITE_DOCS"] != nil {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == text, "run this test with NATSIGHT_WRITE_DOCS=1")
  }

  /// Whatever the source declares is in the list that the document is written from.
  @Test func everyFamilyIsListed() throws {
    var declared: [String] = []
    for file in ["MetricTable", "MetricTable+Details"] {
      let text = try String(contentsOfFile: packageRoot + "/Sources/Gateway/Metrics/\(file).swift", encoding: .utf8)
      declared += text.matches(of: /MetricFamily\(\s*"(?<name>\w+)"/).map { String($0.name) }
    }
    #expect(declared.count > 100 && Set(declared).count == declared.count)
    #expect(MetricTable.all.map(\.name).sorted() == declared.sorted())
  }

  @Test func cellsStayInTheirTable() {
    var table = MarkdownTable("a", "b")
    table.add("x|y", "z")
    #expect(table.text == "| a | b |\n|---|---|\n| x\\|y | z |\n")
  }
}
