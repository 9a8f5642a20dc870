import NATSClient
import TestSupport
import Testing
import Wire

@testable import ClientTools

@Suite struct LatencyHistogramTests {
  @Test(arguments: [0, 1, 63, 64, 127, 128, 129, 1_000, 123_456_789, UInt64.max / 2])
  func aBucketHoldsItsValues(value: UInt64) {
    let bucket = LatencyHistogram.bucket(value)
    #expect(LatencyHistogram.upperBound(bucket) >= value)
    if bucket > 0 { #expect(LatencyHistogram.upperBound(bucket - 1) < value) }
  }

  @Test func percentilesStandWithinTheirBucket() {
    var histogram = LatencyHistogram()
    for value in 1...1000 { histogram.record(Span(nanoseconds: Int64(value) * 1000)) }
    for (share, exact) in [(0.5, 500_000.0), (0.9, 900_000), (0.99, 990_000)] {
      #expect(abs(Double(histogram.percentile(share).nanoseconds) - exact) <= exact * 0.02)
    }
    #expect(histogram.percentile(1) == .milliseconds(1))
    #expect(LatencyHistogram().percentile(0.5) == .zero)
  }
}

/// The load generator against the packaged server: what it counts is what was sent.
@Suite struct LoadGeneratorTests {
  let server: RealServer
  let options: LoadOptions

  init() throws {
    server = try RealServer()
    var options = LoadOptions(server: try ServerURL(server.url))
    options.count = 5000
    self.options = options
  }

  @Test func publishing() async throws {
    var options = options
    options.publishers = 3
    options.subjects = 7
    let report = try await LoadGenerator.publish(options)
    #expect(report.published == 15_000)
    #expect(try server.monitor("/varz")["in_msgs"] as? Int == 15_000)
  }

  @Test func everySubscriberReceivesAll() async throws {
    var options = options
    options.publishers = 2
    options.subscribers = 5
    options.subjects = 3
    let report = try await LoadGenerator.publishAndSubscribe(options)
    #expect(report.received == 50_000)
  }

  @Test func aQueueGroupSharesThem() async throws {
    var options = options
    options.subscribers = 4
    options.queue = "workers"
    #expect(try await LoadGenerator.publishAndSubscribe(options).received == 5000)
  }

  @Test func wildcardsRouteEachToOne() async throws {
    var options = options
    options.subscribers = 3
    options.wildcards = 1000
    options.subjects = 50
    #expect(try await LoadGenerator.publishAndSubscribe(options).received == 5000)
  }

  @Test func requestsAreTimed() async throws {
    var options = options
    options.publishers = 4
    options.count = 50
    let report = try await LoadGenerator.request(options)
    #expect(report.latency.count == 200)
    #expect(report.latency.percentile(0.5) > .zero)
  }

  @Test func nobodyAnswersIsSaid() async throws {
    await #expect(throws: LoadFailure.self) { try await LoadGenerator.request(options, answering: false) }
  }

  @Test func connectionsAreHeld() async throws {
    var options = options
    options.publishers = 200
    options.hold = 0.2
    let server = server
    let report = try await LoadGenerator.connect(options) { _ in
      #expect((try? server.monitor("/varz")["connections"] as? Int) == 200)
    }
    #expect(report.received == 200)
  }

  @Test func aRefusedUserIsSaid() async throws {
    let locked = try RealServer(testAccounts)
    var options = LoadOptions(server: try ServerURL(locked.url))
    options.user = "a"
    options.password = "wrong"
    let refused = options
    await #expect(throws: LoadFailure.self) { try await LoadGenerator.publish(refused) }
    options.password = "a"
    options.count = 100
    #expect(try await LoadGenerator.publish(options).published == 100)
  }
}
