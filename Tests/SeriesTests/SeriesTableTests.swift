import Recorded
import Testing

@testable import Series

struct SeriesTableTests {
  @Test func everyRowIsWhole() {
    for kind in SeriesKind.allCases {
      let fields = kind.fields
      #expect(fields.count >= SeriesField.usual)
      #expect(Set(fields.map(\.name)).count == fields.count, "\(kind): two fields of one name")
      #expect(Set(fields.map(\.code)).count == fields.count, "\(kind): two fields of one code")
      #expect(kind.place(of: kind.weight) != nil, "\(kind)")
      #expect(FullDocument.named(kind.document).isUsual)
      for field in fields { #expect(!field.help.isEmpty && field.code > 0, "\(field.name)") }
    }
  }

  /// Blocks that are kept name their fields by these numbers.
  @Test func codesStayAsTheyAre() {
    func codes(_ kind: SeriesKind) -> String { kind.fields.sorted { $0.code < $1.code }.map(\.name).joined(separator: " ") }
    #expect(
      codes(.server)
        == "cpu mem in_msgs out_msgs in_bytes out_bytes connections total_connections subscriptions slow_consumers routes leafnodes jetstream_memory jetstream_storage jetstream_assets jetstream_requests jetstream_errors"
    )
    #expect(
      codes(.account) == "connections in_msgs out_msgs in_bytes out_bytes leafnodes total_connections subscriptions slow_consumers")
    #expect(codes(.stream) == "messages bytes last_seq consumers first_seq subjects deleted")
    #expect(codes(.consumer) == "pending ack_pending delivered redelivered waiting delivered_seq acked")
    #expect(codes(.route) == "in_msgs out_msgs rtt pending in_bytes out_bytes subscriptions connections")
    #expect(codes(.gateway) == "in_msgs out_msgs rtt pending in_bytes out_bytes inbound outbound")
  }

  @Test(arguments: [
    ["a"], ["a", "b ☃", ""], ["", "", ""], ["a\u{1F}b", "c"], ["\u{1E}", "\u{1E}1\u{1F}", "\u{1E}0"],
    // With an accent behind them they are another character, and so is a separator.
    ["\u{1F}\u{301}x", "\u{1E}\u{301}"], ["a", "\u{301}b"], ["\u{1E}", "\u{301}", "\u{1F}\u{1E}\u{200D}1"],
  ])
  func namesComeApartAgain(_ parts: [String]) {
    #expect(SeriesEntity.parts(SeriesEntity.joined(parts)) == parts)
    for next in ["x", "\u{301}x"] {
      #expect(SeriesEntity.joined(parts + [next]).utf8.starts(with: SeriesEntity.prefix(parts).utf8))
    }
  }
}
