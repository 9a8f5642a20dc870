import Reactor
import Synchronization
import Wire

/// Where a request came from: one for each connection.
public final class HTTPConnectionInfo: Sendable {
  /// The peer's address.
  public let peer: PeerAddress
  /// The listener that accepted the connection.
  public let listener: HTTPListener
  /// `1.2` or `1.3`; nil without TLS.
  public let tlsVersion: String?
  /// What the peer's address has under way, over all its connections.
  public let load: AddressLoad
  private let certificate: PeerCertificate?
  private let chain: PeerChain?
  /// By which of the listener's contexts the certificate was judged last, and how.
  private let judged: Mutex<(context: TLSContext?, isAccepted: Bool)>

  /// - Parameter tls: The connection's TLS layer, with the context that it was made with.
  init(peer: PeerAddress, listener: HTTPListener, load: AddressLoad, tls: (engine: TLSEngine, context: TLSContext?)? = nil) {
    self.peer = peer
    self.listener = listener
    self.load = load
    tlsVersion = tls?.engine.version
    certificate = tls?.engine.peerCertificates.first
    chain = certificate == nil ? nil : tls?.engine.peerChain
    judged = Mutex((tls?.context, true))
  }

  /// The client's certificate, where one was asked for, shown, and is accepted by what the listener asks for now: a reload may have
  /// changed the authorities since the connection was made.
  public var clientCertificate: PeerCertificate? {
    guard let certificate, let chain else { return nil }
    let context = listener.tls
    let isAccepted = judged.withLock { judged in
      if judged.context !== context { judged = (context, context.map(chain.isAccepted) ?? false) }
      return judged.isAccepted
    }
    return isAccepted ? certificate : nil
  }

  /// False for a connection that the listener would not take as it is now, because it asks for a certificate.
  public var isWelcome: Bool { listener.tls?.clientCertificate != .required || clientCertificate != nil }
}

/// One request, read to its end.
public struct HTTPRequest: Sendable {
  /// Its line and header fields.
  public let head: HTTPRequestHead
  /// Its body, within the limit that applied.
  public let body: [UInt8]
  /// Where it came from.
  public let connection: HTTPConnectionInfo
  /// Unique within the process, and most probably among processes.
  public let id: UInt64

  public var method: HTTPMethod { head.method }
  public var peer: PeerAddress { connection.peer }

  /// ``id`` as 16 hexadecimal digits, for logs and headers.
  public var idText: String { HTTPRequest.text(ofID: id) }

  /// The same of an id alone.
  public static func text(ofID id: UInt64) -> String {
    Hexadecimal.encode((0..<8).map { UInt8(truncatingIfNeeded: id >> (56 - 8 * UInt64($0))) })
  }

  /// Whether the peer takes gzip.
  public var acceptsGzip: Bool { HTTPNegotiation.acceptsGzip(head.list("accept-encoding")) }
}

/// What was answered to a request, for logs and counters.
public struct HTTPExchange: Sendable {
  public let request: HTTPRequest
  public let status: Int
  /// Bytes of the body that were queued; 0 for HEAD.
  public let bodyBytes: Int
  /// From the end of the request to the end of queueing its response, in nanoseconds.
  public let duration: Span
}

/// Answers requests. Called on the connection's shard, so it must not block; the responder may be completed later and
/// from any thread, once.
public typealias HTTPHandler = @Sendable (HTTPRequest, HTTPResponder) -> Void
