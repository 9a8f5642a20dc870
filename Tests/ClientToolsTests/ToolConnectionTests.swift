import NATSClient
import TestSupport
import Testing

@testable import ClientTools

@Suite struct ToolConnectionTests {
  /// Each server is tried once; that two fail with the same words does not make one attempt of two.
  @Test func everyServerIsTriedOnce() async throws {
    let url = "nats://127.0.0.1:\(freePort())"
    var options = ClientOptions()
    options.servers = try ServerURL.list("\(url),\(url)")
    let failure = await #expect(throws: ToolFailure.self) { _ = try await ToolConnection.open(options) }
    #expect(failure?.description.contains("cannot connect to \(url), \(url): ") == true, "\(String(describing: failure))")
  }
}
