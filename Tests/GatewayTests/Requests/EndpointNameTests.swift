import Foundation
import SystemAPI
import Testing

/// What an endpoint is and does stands in the table: the gateway asks for its traits, never for its name.
@Suite struct EndpointNameTests {
  private static let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Sources/Gateway")

  private static let names = Set((EndpointTable.endpoints + EndpointTable.accountEndpoints).flatMap(\.names)).sorted()

  /// Names in links of findings, and of families in the peers' dialects, are words of their own.
  private static let foreign = ["Findings/", "Metrics/Dialects/"]

  static func faults(_ text: String, isForeign: Bool) -> [String] {
    let name = "\"(\(names.joined(separator: "|")))\""
    let compared = ["(==|!=|~=) *\(name)", "\(name) *(==|!=)", "case [^:]*\(name)", "\\[ *\(name)[^\\]]*\\]\\.contains"]
    // `info` is a word of many other things.
    let written = "\"(\(names.filter { $0 != "info" }.joined(separator: "|")))\""
    let patterns = isForeign ? compared : compared + [written]
    return text.split(separator: "\n").map(String.init).filter { line in
      let code = line.range(of: "//").map { String(line[..<$0.lowerBound]) } ?? line
      return patterns.contains { code.range(of: $0, options: .regularExpression) != nil }
    }
  }

  @Test func theGatewayComparesNoNames() throws {
    let files = try #require(FileManager.default.enumerator(at: Self.sources, includingPropertiesForKeys: nil))
    var count = 0
    for case let file as URL in files where file.pathExtension == "swift" {
      count += 1
      let isForeign = Self.foreign.contains { file.path.contains("/Gateway/\($0)") }
      let faults = Self.faults(try String(contentsOf: file, encoding: .utf8), isForeign: isForeign)
      #expect(faults.isEmpty, "\(file.lastPathComponent): \(faults)")
    }
    #expect(count > 50)
  }

  @Test(arguments: [
    (#"if endpoint.name == "healthz" {"#, true), (#"case "jsz":"#, true), (#"case (.server, "subsz"):"#, true),
    (#"["jsz", "info"].contains(name)"#, true), (#""varz" != name"#, true), (#"link(reply, "connz")"#, false), (#"// == "varz""#, false),
    (#"case "varzx":"#, false),
  ])
  func theRuleFindsComparisons(_ line: String, _ isFault: Bool) {
    #expect(Self.faults(line, isForeign: true).isEmpty == !isFault)
  }
}
