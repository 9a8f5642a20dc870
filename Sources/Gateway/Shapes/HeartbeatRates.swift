import Wire

/// How fast a server's counters grew between two heartbeats, in units a second.
public struct HeartbeatRates: Sendable {
  public let sentMessages: Double
  public let sentBytes: Double
  public let receivedMessages: Double
  public let receivedBytes: Double

  public init?(_ heartbeat: Heartbeat, _ previous: Heartbeat?) {
    guard let previous, heartbeat.arrived > previous.arrived else { return nil }
    let seconds = (heartbeat.arrived - previous.arrived).seconds
    func rate(_ direction: StaticString, _ unit: StaticString) -> Double? {
      let after = heartbeat.statsz.withUnsafeBufferPointer { StatszRates.counter(direction, unit, $0, 0..<$0.count) }
      let before = previous.statsz.withUnsafeBufferPointer { StatszRates.counter(direction, unit, $0, 0..<$0.count) }
      guard let after, let before, after >= before else { return nil }
      return (Double(after - before) / seconds * 100).rounded() / 100
    }
    guard let sentMessages = rate("sent", "msgs"), let sentBytes = rate("sent", "bytes"),
      let receivedMessages = rate("received", "msgs"), let receivedBytes = rate("received", "bytes")
    else { return nil }
    self.sentMessages = sentMessages
    self.sentBytes = sentBytes
    self.receivedMessages = receivedMessages
    self.receivedBytes = receivedBytes
  }
}
