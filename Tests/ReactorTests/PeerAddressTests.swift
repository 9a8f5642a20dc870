import Testing

@testable import Reactor

@Suite struct PeerAddressTests {
  /// Whoever has one address of IPv6 has as many as there are names.
  @Test(arguments: [
    ("127.0.0.1", "127.0.0.1"), ("::1", "0:0:0:0::/64"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
    ("2001:db8::7", "2001:db8:0:0::/64"),
    ("fe80::1%eth0", "fe80:0:0:0::/64"), ("2001:db8:1:2::", "2001:db8:1:2::/64"), ("::ffff:10.0.0.1", "::ffff:10.0.0.1"), ("", ""),
  ])
  func networks(_ host: String, _ network: String) {
    #expect(PeerAddress(host: host, port: 1).network == network)
  }
}
