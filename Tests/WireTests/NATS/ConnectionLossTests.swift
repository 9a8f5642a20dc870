import Testing
import Wire

/// The values that stand for a lost connection and a refusal, and the sentences that people read of them.
@Suite struct ConnectionLossTests {
  static let sentences: [(loss: ConnectionLoss, sentence: String)] = [
    (.noServer, "no server URL is given"),
    (.unreachable("could not connect to 127.0.0.1:1: connection refused"), "could not connect to 127.0.0.1:1: connection refused"),
    (
      .noGreeting,
      "it sent no INFO, as NATS servers do at once on the port for clients (usually 4222); perhaps this is a monitoring port"
    ),
    (.handshake, "the server did not complete the handshake in time"),
    (.credentials(.unreadable("the token file t is empty")), "the credentials could not be read: the token file t is empty"),
    (.credentials(.unsigned("no key")), "the server's nonce could not be signed: no key"),
    (.authorization("Authorization Violation"), "the server said: Authorization Violation"),
    (.refused("Stale Connection"), "the server said: Stale Connection"),
    (.tls(.notOffered(url: "tls://a:4222")), "TLS is asked for, and tls://a:4222 does not offer it"),
    (.tls(.unusable("could not read the key file k")), "could not read the key file k"),
    (.tls(.failed("TLS failed: bad certificate")), "TLS failed: bad certificate"),
    (.protocolViolation(.information), "the server's INFO could not be read"),
    (.protocolViolation(.operation("an empty protocol line")), "the server sent an empty protocol line"),
    (.unresponsive(.check), "the server did not answer a PING"),
    (.unresponsive(.keepAlives(2)), "the server did not answer two PINGs"),
    (.unresponsive(.keepAlives(3)), "the server did not answer 3 PINGs"),
    (.closedByPeer, "closed by the peer"),
    (.broken("reading failed: connection reset by peer"), "reading failed: connection reset by peer"),
    (.left(.lameDuck), "the server is in lame duck mode"),
    (.left(.closedHere), "closed here"),
  ]

  @Test(arguments: sentences)
  func saysWhatHappened(_ row: (loss: ConnectionLoss, sentence: String)) {
    #expect(row.loss.description == row.sentence)
    let isUnresponsive = if case .unresponsive = row.loss { true } else { false }
    #expect(row.loss.isUnresponsive == isUnresponsive)
  }

  /// The errors with which nats-server 2.9.10 and later end a client's connection.
  @Test(arguments: [
    ("Authorization Violation", true), ("Authentication Timeout", true), ("User Authentication Expired", true),
    ("User Authentication Revoked", true), ("Account Authentication Expired", true), ("authentication expired", true),
    ("Stale Connection", false), ("Unknown Protocol Operation", false), ("maximum connections exceeded", false),
    ("maximum account active connections exceeded", false), ("Secure Connection - TLS Required", false), ("Slow Consumer", false),
  ])
  func sortsWhatEndsAConnection(_ text: String, _ isAuthorization: Bool) {
    #expect(ServerRefusal(text) == nil)
    #expect(ConnectionLoss(endedBy: text) == (isAuthorization ? .authorization(text) : .refused(text)))
  }

  @Test(arguments: [
    (#"Permissions Violation for Subscription to "foo.*""#, ServerRefusal.subscription(subject: "foo.*")),
    (#"Permissions Violation for Subscription to "foo" using queue "q""#, .subscription(subject: "foo", queue: "q")),
    (#"Permissions Violation for Publish to "a.b""#, .publish(subject: "a.b")),
    (#"Permissions Violation for Publish with Reply of "a.b""#, .other(#"Permissions Violation for Publish with Reply of "a.b""#)),
    ("Permissions Violation", .other("Permissions Violation")),
    (#"Permissions Violation for Subscription to "unended"#, .other(#"Permissions Violation for Subscription to "unended"#)),
  ])
  func readsARefusalOnce(_ text: String, _ refusal: ServerRefusal) {
    #expect(ServerRefusal(text) == refusal)
    #expect(ServerRefusal(text)?.description == text)
    #expect(ServerRefusal(text.lowercased()) != nil)
  }

  @Test(arguments: ["", " ", "Permissions", "No Permissions Violation", "permission violation for publish"])
  func otherErrorsAreNoRefusals(_ text: String) {
    #expect(ServerRefusal(text) == nil)
  }
}
