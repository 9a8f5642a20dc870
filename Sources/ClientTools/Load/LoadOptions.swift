public import NATSClient

/// What a load run does, and against which server.
public struct LoadOptions: Sendable {
  public var server: ServerURL
  public var user: String?
  public var password: String?
  public var token: String?
  /// Path of a `.creds` file.
  public var credentials: String?
  /// Connections that publish, or ask.
  public var publishers = 1
  /// Connections that subscribe; each receives every message, unless a queue group shares them.
  public var subscribers = 1
  /// Messages per publisher, or requests per asking connection.
  public var count = 100_000
  /// Bytes of payload.
  public var size = 128
  public var subject = "bench"
  /// Number of different subjects that are published to, in turn.
  public var subjects = 1
  public var queue: String?
  /// Subscriptions with a wildcard that the subscribers hold together; 0: each holds one that matches everything published.
  public var wildcards = 0
  /// Seconds to keep idle connections open.
  public var hold = 0.0
  /// Seconds without any progress after which a run gives up.
  public var patience = 20.0

  public init(server: ServerURL) {
    self.server = server
    user = server.user
    password = server.password
  }

  /// The subject of message number `index`.
  func subject(_ index: Int) -> String {
    if wildcards > 0 { return "\(subject).\((index % subjects) * (wildcards / subjects)).go" }
    return subjects == 1 ? subject : "\(subject).\(index % subjects)"
  }

  /// The patterns of one subscriber among all.
  func patterns(subscriber: Int) -> [String] {
    if wildcards > 0 {
      return stride(from: subscriber, to: wildcards, by: max(1, subscribers)).map { "\(subject).\($0).*" }
    }
    return [subjects == 1 ? subject : "\(subject).*"]
  }

  /// Deliveries that a whole run should see.
  var expectedDeliveries: Int {
    let published = publishers * count
    return queue == nil && wildcards == 0 ? published * subscribers : published
  }

  /// - Throws: `LoadFailure` when the numbers do not make sense together.
  func validate() throws {
    for (name, value) in [("clients", publishers), ("count", count), ("subjects", subjects)] where value < 1 {
      throw LoadFailure("--\(name) must be 1 or more, found \(value)")
    }
    if wildcards > 0, subjects > wildcards { throw LoadFailure("--subjects must not exceed --wildcards") }
    if size < 0 || size > 64 << 20 { throw LoadFailure("--size must lie between 0 and 64 MiB, found \(size)") }
  }
}

/// Why a load run could not be carried out.
public struct LoadFailure: Error, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}

/// What a load run measured.
public struct LoadReport: Sendable {
  public var published = 0
  public var received = 0
  /// Deliveries that the run should have seen.
  public var expected = 0
  public var payloadBytes = 0
  /// From the first message to the server's confirmation of the last, or to the last delivery.
  public var seconds = 0.0
  /// Round trips of requests, or times to connect.
  public var latency = LatencyHistogram()

  public var publishedPerSecond: Double { seconds > 0 ? Double(published) / seconds : 0 }
  public var receivedPerSecond: Double { seconds > 0 ? Double(received) / seconds : 0 }
}
