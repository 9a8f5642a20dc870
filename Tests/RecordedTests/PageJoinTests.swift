import Recorded
import SystemAPI
import Testing
import Wire

@Suite struct PageJoinTests {
  /// A server's page of these rows.
  private func page(_ rows: [String], offset: Int) -> [UInt8] {
    let end = min(rows.count, offset + 1024)
    let shown = offset < end ? rows[offset..<end] : []
    return Array(
      #"{"server_id":"N","now":"t","num_connections":\#(shown.count),"total":\#(rows.count),"offset":\#(offset),"limit":1024,"connections":[\#(shown.joined(separator: ","))]}"#
        .utf8)
  }

  private func rows(_ count: Int) -> [String] { (0..<count).map { #"{"cid":\#($0 + 5),"name":"]}\#($0)"}"# } }

  /// - Parameter change: What becomes of the rows before each page.
  private func join(_ rows: [String], most: Int = .max, _ change: (inout [String], _ page: Int) -> Void = { _, _ in }) throws -> JSONView {
    var rows = rows
    var join = try #require(PageJoin(.named(.connz), version: "2.10.0", most: most))
    var offset = 0
    for number in 0..<100 {
      change(&rows, number)
      switch join.add(page(rows, offset: offset)) {
      case .next(let next): offset = next
      case .whole: return try JSONView(validating: join.document())
      case .malformed: Issue.record("malformed")
      }
    }
    Issue.record("no end")
    return try JSONView(validating: join.document())
  }

  @Test(arguments: [0, 1, 1023, 1024, 1025, 2016, 2017, 5000]) func pagesAreTheWhole(_ count: Int) throws {
    let whole = try join(rows(count))
    #expect(whole["connections"]?.elements.map(\.rawText) == rows(count))
    #expect(whole["num_connections"]?.int == count)
    #expect(whole["total"]?.int == count)
    #expect(whole["offset"]?.int == 0)
    #expect(whole["limit"]?.int == max(1024, count))
    #expect(whole.memberRanges.count == 7)
  }

  /// Connections that end between two pages move those behind them up.
  @Test func nobodySlipsThroughWhenOthersLeave() throws {
    let whole = try join(rows(4000)) { rows, page in if page > 0 { rows.removeFirst(PageJoin.overlap) } }
    let cids = whole["connections"]?.elements.compactMap { $0["cid"]?.int } ?? []
    #expect(cids == Array(5..<4005))
    #expect(whole["total"]?.int == 4000)
  }

  @Test func moreThanIsKeptIsCounted() throws {
    let whole = try join(rows(3000), most: 1500)
    #expect(whole["connections"]?.elements.count == 1500)
    #expect(whole["total"]?.int == 3000)
  }

  @Test func whatIsNoDocumentIsSaidToBeNone() throws {
    for text in ["[]", "", #"{"connections":[{"cid":1}"#, "null"] {
      var join = try #require(PageJoin(.named(.connz), version: "2.10.0"))
      #expect(join.add(Array(text.utf8)) == .malformed, "\(text)")
    }
  }

  /// Before there was an order to page by, everything is asked for at once.
  @Test func jetStreamOfOldServersComesInOnePiece() throws {
    let row = FullDocument.named(.jsz)
    #expect(row.question(version: "2.10.27").payload.hasSuffix(#""limit":2147483648}"#))
    #expect(row.question(version: "2.10.28", offset: 7).payload.hasSuffix(#""offset":7,"limit":256}"#))
    var join = try #require(PageJoin(row, version: "2.9.10"))
    let page = Array(#"{"accounts":900,"account_details":[{"name":"A","id":"A"}]}"#.utf8)
    #expect(join.add(page) == .whole)
    #expect(join.document() == page)
  }

  @Test func oneReplyNeedsNoJoining() {
    for document in FullDocument.table where document.paging == nil { #expect(PageJoin(document, version: "2.10.0") == nil) }
  }
}
