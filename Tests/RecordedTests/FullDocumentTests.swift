import Recorded
import SystemAPI
import Testing

@Suite struct FullDocumentTests {
  @Test func everyNameHasOneRow() {
    for name in FullDocument.Name.allCases {
      #expect(FullDocument.table.filter { $0.name == name }.count == 1, "\(name)")
      #expect(FullDocument.named(name).name == name)
    }
  }
}
