import Logging
import Reactor
import Synchronization
import Wire

/// What a server is made of.
public struct HTTPServerConfiguration: Sendable {
  public var limits = HTTPLimits()
  /// Answers the requests of listeners that bring no handler of their own.
  public var handler: HTTPHandler
  /// The most bytes of a request's body; nil for `limits.bodyBytes`. Asked on the shard, before the body is read.
  public var bodyLimit: (@Sendable (HTTPRequestHead) -> Int)?
  /// The response to what the server itself refuses (malformed, too slow, too large, unanswered).
  public var errorResponse: @Sendable (HTTPRequestError) -> HTTPResponse = { Refusal($0).response }
  /// The methods that are answered, for the field `Allow` of a 405 that the server itself gives (RFC 9110 section 15.5.6).
  public var allowedMethods = "GET, HEAD, OPTIONS"
  /// Told about each answered request, on the shard.
  public var observer: (@Sendable (HTTPExchange) -> Void)?
  public var logger = Logger(label: "http")
  /// Taken instead of binding, where one of them listens on the address that is asked for.
  public var inherited: InheritedSockets?

  public init(handler: @escaping HTTPHandler) { self.handler = handler }
}

/// An HTTP/1.1 server over any number of listeners.
public final class HTTPServer: Sendable {
  public let configuration: HTTPServerConfiguration
  private let group: ShardGroup
  private let contexts: [HTTPShardContext]
  private let listeners = Mutex<[HTTPListener]>([])
  private let openConnections = Atomic<Int>(0)
  private let nextContext = Atomic<Int>(0)
  private let lastID: Atomic<UInt64>
  let addresses: AddressTable
  let room: ConnectionRoom

  /// - Parameter shards: where the connections live; may be shared with others.
  public init(_ configuration: HTTPServerConfiguration, shards: ShardGroup) {
    self.configuration = configuration
    group = shards
    contexts = shards.shards.enumerated().map { HTTPShardContext(shard: $0.element, index: $0.offset) }
    addresses = AddressTable(shards.shards)
    room = ConnectionRoom(configuration.limits, descriptors: OpenFiles.limit, inUse: OpenFiles.count)
    lastID = Atomic(UInt64.random(in: 0...0xFF_FFFF) << 40)
  }

  /// Connections that are open now.
  public var connectionCount: Int { openConnections.load(ordering: .relaxed) }

  /// Opens a listener and begins to serve it.
  ///
  /// - Parameters:
  ///   - host: a name or address; empty for every interface.
  ///   - port: 0 for any free one.
  ///   - tls: a server context; nil for plain HTTP.
  ///   - handler: answers this listener's requests instead of the server's handler.
  public func listen(
    host: String, port: UInt16, tls: TLSContext? = nil, adjust: HTTPAdjustment? = nil, handler: HTTPHandler? = nil
  ) throws(SocketError) -> HTTPListener {
    let listener = HTTPListener(
      try Listener.open(host: host, port: port, inherited: configuration.inherited), host: host, tls: tls, adjust: adjust,
      handler: handler ?? configuration.handler)
    listeners.withLock { $0.append(listener) }
    // Where others have taken the descriptors, one that rests gives its own up.
    let onExhaustion = { @Sendable [weak self] in _ = self.map { RestingConnections.makeRoom($0.resting) } }
    listener.start(onExhaustion: onExhaustion) { [weak self, weak listener] fd, peer in
      guard let self, let listener else { return HTTPListener.discard(fd) }
      self.accept(fd, peer, listener)
    }
    return listener
  }

  /// Stops listening there; its connections stay.
  public func close(_ listener: HTTPListener) {
    listener.close()
    listeners.withLock { $0.removeAll { $0 === listener } }
  }

  private var resting: [RestingConnections] { contexts.map(\.resting) }

  private func accept(_ fd: Int32, _ peer: PeerAddress, _ listener: HTTPListener) {
    let load = addresses.connectionCame(from: peer.network)
    let open = openConnections.add(1, ordering: .relaxed).newValue
    let isRefused = !hasRoom(for: load, open)
    if isRefused, open > room.total + room.refusals {
      connectionEnded(load)
      return HTTPListener.discard(fd)
    }
    let turn = nextContext.wrappingAdd(1, ordering: .relaxed).oldValue
    let context = contexts[(turn & Int.max) % contexts.count]
    context.shard.run { [self] in
      let connection = Connection(fd: fd, peer: peer, shard: context.shard)
      HTTPConnection(connection, load: load, listener: listener, server: self, context: context).start(refusing: isRefused)
    }
  }

  /// Whether one more connection may stay; where there are too many, one that rests gives way to it: one of its own address, where that
  /// has more than its share.
  private func hasRoom(for load: AddressLoad, _ open: Int) -> Bool {
    if load.connectionCount > room.perAddress { return RestingConnections.makeRoom(load.resting) }
    return open <= room.total || RestingConnections.makeRoom(resting)
  }

  func connectionEnded(_ load: AddressLoad) {
    addresses.connectionWent(load)
    openConnections.subtract(1, ordering: .relaxed)
  }

  func nextID() -> UInt64 { lastID.wrappingAdd(1, ordering: .relaxed).newValue }

  /// Stops gracefully: no new connections, idle ones closed, requests in flight answered with `Connection: close`,
  /// endless streams ended.
  ///
  /// - Parameters:
  ///   - seconds: after this long whatever is left is cut.
  ///   - completion: called on some queue when no connection is left.
  public func stop(within seconds: Double, completion: @escaping @Sendable () -> Void) {
    for listener in listeners.withLock({ $0 }) { listener.close() }
    listeners.withLock { $0.removeAll() }
    let box = Completion(count: contexts.count, completion)
    for context in contexts {
      context.shard.run { context.stop(within: seconds) { box.countDown() } }
    }
  }

  private final class Completion: Sendable {
    private let left: Atomic<Int>
    private let body: @Sendable () -> Void

    init(count: Int, _ body: @escaping @Sendable () -> Void) {
      left = Atomic(count)
      self.body = body
    }

    func countDown() {
      if left.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { body() }
    }
  }
}
