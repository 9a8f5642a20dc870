import Wire

/// What the gateway costs the servers: requests, bytes and time for each endpoint. `/servers` and `/metrics` show it.
struct CostTable: Sendable {
  struct Cost: Sendable {
    /// Messages sent; one that goes to every server is one.
    var requests = 0
    var replies = 0
    /// Of the replies, as they came over the connection: compressed ones count compressed.
    var bytes = 0
    /// From each request to its replies.
    var waited = Span.zero

    mutating func add(bytes: Int, waited: Span) {
      replies += 1
      self.bytes += bytes
      self.waited = self.waited + waited
    }
  }

  /// Over all endpoints.
  var total: Cost {
    byEndpoint.values.reduce(into: Cost()) { sum, cost in
      sum.requests += cost.requests
      sum.replies += cost.replies
      sum.bytes += cost.bytes
      sum.waited = sum.waited + cost.waited
    }
  }

  private(set) var byEndpoint: [String: Cost] = [:]

  mutating func asked(_ endpoint: String) { byEndpoint[endpoint, default: Cost()].requests += 1 }

  mutating func answered(_ endpoint: String, bytes: Int, waited: Span) {
    byEndpoint[endpoint, default: Cost()].add(bytes: bytes, waited: waited)
  }
}
