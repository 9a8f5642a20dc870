import Wire

/// What the bytes of a kind of connection mean. One object serves all of that kind.
protocol ConnectionInput: AnyObject {
  /// Plain bytes, whatever carried them.
  func received(_ bytes: UnsafeRawBufferPointer, from client: ClientConnection)
  /// The first bytes of a connection that may or may not begin with TLS. True when they were taken care of.
  func decideOnTLS(_ bytes: UnsafeRawBufferPointer, _ client: ClientConnection) -> Bool
  /// The first INFO, in clear or within TLS.
  func greet(_ client: ClientConnection)
  /// TLS is up, or was found not to come: operations may follow.
  func begin(_ client: ClientConnection)
  func secured(_ client: ClientConnection)
  /// Why TLS did not come about, as the log has it.
  func handshakeFault(_ text: String) -> String
  /// Something was due.
  func deadlinePassed(_ client: ClientConnection)
}

/// What only clients have.
package final class ClientState {
  var parser = ClientOpParser()
  // What CONNECT said.
  var verbose = true
  var pedantic = true
  var noResponders = false
  /// It has said something.
  var hasBegun = false
  /// INFO with the name of its account was sent.
  var toldAccount = false
}

/// What only leaf nodes have: the other side's words, and what it was told.
package final class LeafLink {
  /// The other side's cluster; a server without one says its name here.
  var cluster = ""
  var remoteName = ""
  var remoteAccount = ""
  /// What must not be sent there (`deny_pub`).
  var denied: [[UInt8]] = []
  var parser = LeafOpParser()
  /// Interest that it has been told of, and how many subscriptions stand behind each.
  var announced = ByteTable<Int>()
  /// Of that, sources of mappings.
  var announcedMappings: Set<[UInt8]> = []
  /// Interest is counted and not told.
  var isSilent = false
  /// This server is the spoke of the link: it passes nothing on from one hub to another.
  package var isSpoke = false
  /// Where this server joined another one: how far that has come.
  var joining: LeafJoining?
  /// The other side follows traced messages, and tells where they came (its protocol is 3 or newer).
  var tracesMessages = false
  /// An INFO came before CONNECT: one may, to speak of compression.
  var wasIntroduced = false

  /// Between servers: what this one does, and what it takes to follow messages (nats-server: `MsgTraceProto`).
  static let protocolRevision = 3
}

/// How often and how long a reply subject may still be published to.
struct AllowedResponse {
  /// Negative: no limit.
  var left: Int
  /// `.distantFuture`: never.
  var expiresAt: MonotonicTime
}
