import Testing

@testable import Judgement

@Suite struct CheckSelectionTests {
  private func codes(_ words: String...) -> [String] { CheckSelection(words)?.choices.map(\.check.code) ?? [] }

  @Test func allAndFamilies() {
    #expect(codes("all") == CheckTable.all.map(\.code))
    for family in CheckSelection.families { #expect(!codes(family.name).isEmpty, "\(family.name)") }
    #expect(codes("stream") == CheckTable.all.filter { $0.about == .stream }.map(\.code))
    #expect(codes("meta") == codes("meta_group") && codes("meta-group") == codes("meta_group"))
    #expect(codes("jetstream").contains("meta_no_leader") && !codes("jetstream").contains("server_cpu"))
    #expect(CheckSelection(["all"])?.choices.contains { $0.isNamed } == false)
  }

  @Test func codesOfOneAndOfOtherTools() {
    #expect(codes("server-cpu") == ["server_cpu"] && codes("server_cpu", "version_skew").count == 2)
    #expect(codes("audit:SERVER_008") == ["certificate_expiring"] && codes("Insights:server_003").contains("server_cpu"))
    // A code that is named stays named beside its family.
    let both = CheckSelection(["stream", "stream_no_leader"])?.choices ?? []
    #expect(both.filter(\.isNamed).map(\.check.code) == ["stream_no_leader"] && both.count == codes("stream").count)
  }

  @Test func whatNamesNothingIsTold() {
    for words in [["nonsense"], ["all", "nonsense"], ["audit:NO_1"], ["other:SERVER_001"], [""], [":"], ["audit:"]] {
      #expect(CheckSelection(words) == nil && CheckSelection.unknown(words) != nil, "\(words)")
    }
    #expect(CheckSelection([]) == nil && CheckSelection.unknown(["all"]) == nil)
  }
}
