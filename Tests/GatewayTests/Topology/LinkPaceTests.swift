import Testing
import Wire

@testable import Gateway

/// How fast a leafnode carries: no heartbeat tells of it.
@Suite struct LinkPaceTests {
  private func link(_ sent: UInt64, _ received: UInt64, connections: Int = 1, toldByHub: Bool = true) -> Topology.Link {
    var figures = Topology.Figures()
    (figures.sentBytes, figures.receivedBytes, figures.connections) = (sent, received, connections)
    func end(_ node: String, _ figures: Topology.Figures?) -> Topology.End {
      Topology.End(node: node, name: node, serverID: node, cluster: "", says: figures == nil ? .unasked : .yes, figures: figures)
    }
    return Topology.Link("l", .leafnode, from: end("hub", toldByHub ? figures : nil), to: end("leaf", toldByHub ? nil : figures))
  }

  /// Looks at these links, so many seconds after the beginning.
  private func pace(_ looks: [(second: Double, link: Topology.Link)]) -> [Double?] {
    var pace = LinkPace()
    return looks.map { second, link in
      pace.take(link, at: .zero + .seconds(second))
      return pace.rates?.sentBytes
    }
  }

  @Test func aRateIsGrowthFromOneLookToTheNext() {
    #expect(pace([(0, link(0, 0)), (2, link(100, 0)), (2.5, link(900, 0)), (4, link(140, 0))]) == [nil, 50, 50, 20])
    // As its other end tells it, what it received was sent.
    #expect(pace([(0, link(0, 0, toldByHub: false)), (2, link(0, 80, toldByHub: false))]) == [nil, 40])
  }

  @Test func whatBeganAnewOrLongAgoSaysNothing() {
    #expect(pace([(0, link(100, 0)), (2, link(3, 0))]) == [nil, nil])
    #expect(pace([(0, link(0, 0)), (2, link(9, 0, connections: 2))]) == [nil, nil])
    #expect(pace([(0, link(0, 0)), (200, link(9, 0))]) == [nil, nil])
    // A clock that is set back: the rate of before is not one of now.
    #expect(pace([(500, link(0, 0)), (502, link(100, 0)), (100, link(120, 0)), (102, link(140, 0))]) == [nil, 50, nil, 10])
  }
}
