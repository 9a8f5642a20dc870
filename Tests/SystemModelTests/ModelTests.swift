import SystemModel
import Testing
import Wire

@Suite struct ModelTests {
  @Test func anAskBeforeTheConnectionIsHeld() {
    let start = Instant(monotonic: MonotonicTime(nanoseconds: 1_000_000_000), wall: Timestamp(seconds: 1_700_000_000))
    var model = SystemModel(at: start)
    #expect(model.apply(.connecting, at: start) == [.connectionChanged])
    #expect(model.isDiscovering)
  }
}
