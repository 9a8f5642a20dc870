import Reactor

/// What the gateway costs the servers: requests, bytes and time for each endpoint.
struct CostTable {
  struct Cost {
    var requests = 0
    var replies = 0
    var bytes = 0
    var nanoseconds: UInt64 = 0
  }

  private(set) var byEndpoint: [String: Cost] = [:]

  mutating func asked(_ endpoint: String) { byEndpoint[endpoint, default: Cost()].requests += 1 }

  mutating func answered(_ endpoint: String, bytes: Int, nanoseconds: Nanoseconds) {
    byEndpoint[endpoint, default: Cost()].replies += 1
    byEndpoint[endpoint, default: Cost()].bytes += bytes
    byEndpoint[endpoint, default: Cost()].nanoseconds += nanoseconds
  }
}
