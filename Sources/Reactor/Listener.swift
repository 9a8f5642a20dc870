import CPosix
@preconcurrency import Dispatch
import Glibc
import Synchronization

/// A listening socket. Connections are accepted on a queue of its own and handed over as bare sockets.
public final class Listener: Sendable {
  /// The address listened on, with the port that was assigned where 0 was asked for.
  public let address: PeerAddress
  /// The port listened on.
  public var port: UInt16 { address.port }

  private let fd: Int32
  private let queue = DispatchQueue(label: "natsight.listener")
  private let state = Mutex(State())

  private struct State {
    var source: (any DispatchSourceRead)?
    var isPaused = false
    var isClosed = false
  }

  /// How long accepting rests when the process is out of file descriptors; a ready listener would otherwise spin.
  private static let restAfterExhaustion = 0.1

  /// Gives back a socket that was handed over.
  private let giveBack: (@Sendable () -> Void)?

  private init(fd: Int32, address: PeerAddress, giveBack: (@Sendable () -> Void)? = nil) {
    self.fd = fd
    self.address = address
    self.giveBack = giveBack
  }

  deinit { close() }

  /// Binds and listens, or takes the socket that was handed over for this address.
  ///
  /// - Parameters:
  ///   - host: A name or address; empty, `0.0.0.0` and `::` for every interface, over IPv4 and IPv6.
  ///   - port: 0 for any free one.
  public static func open(
    host: String, port: UInt16, backlog: Int32 = 1024, inherited: InheritedSockets? = nil
  ) throws(SocketError) -> Listener {
    let operation = "listen on \(host.isEmpty ? "*" : host):\(port)"
    var failure = SocketError(operation, errno: EADDRNOTAVAIL)
    let addresses = try SocketAddress.listening(host: host, port: port)
    if let served = try inherited?.take(addresses, for: operation) {
      return Listener(fd: served.fd, address: served.address, giveBack: served.giveBack)
    }
    for address in addresses {
      let fd = cposix_stream_socket(address.family)
      guard fd >= 0 else {
        failure = SocketError(operation, errno: errno)
        continue
      }
      _ = cposix_set_reuse_address(fd)
      if address.isEverywhere { _ = cposix_set_dual_stack(fd) }
      if address.withPointer({ bind(fd, $0, $1) }) == 0, listen(fd, backlog) == 0,
        let bound = SocketAddress.local(of: fd)
      {
        return Listener(fd: fd, address: bound)
      }
      failure = SocketError(operation, errno: errno)
      Glibc.close(fd)
    }
    throw failure
  }

  /// Begins to accept. `onAccept` is called on the listener's queue and owns the (non-blocking) socket.
  ///
  /// - Parameter onExhaustion: Called there too, when a connection waits that no descriptor is left for; accepting goes on after a rest.
  public func start(
    onExhaustion: @escaping @Sendable () -> Void = {}, onAccept: @escaping @Sendable (_ fd: Int32, _ peer: PeerAddress) -> Void
  ) {
    let source = DispatchSource.makeReadSource(fileDescriptor: fd, queue: queue)
    source.setEventHandler { @Sendable [weak self] in self?.acceptAll(onAccept, onExhaustion) }
    let fd = fd
    source.setCancelHandler { @Sendable in Glibc.close(fd) }
    state.withLock { state in
      precondition(state.source == nil, "a listener starts once")
      state.source = source
    }
    source.activate()
  }

  private func acceptAll(_ onAccept: (Int32, PeerAddress) -> Void, _ onExhaustion: () -> Void) {
    var host = [CChar](repeating: 0, count: 64)
    var port: UInt16 = 0
    while true {
      let accepted = cposix_accept(fd, &host, host.count, &port)
      if accepted >= 0 {
        let text = host.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
        onAccept(accepted, PeerAddress(host: text, port: port))
      } else if errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM {
        onExhaustion()
        return rest()
      } else if errno != EINTR && errno != ECONNABORTED {
        return
      }
    }
  }

  private func rest() {
    state.withLock { state in
      guard let source = state.source, !state.isPaused, !state.isClosed else { return }
      state.isPaused = true
      source.suspend()
    }
    queue.asyncAfter(deadline: .now() + Listener.restAfterExhaustion) { [weak self] in self?.resume() }
  }

  private func resume() {
    state.withLock { state in
      guard state.isPaused else { return }
      state.isPaused = false
      state.source?.resume()
    }
  }

  /// Stops listening. Connections already accepted stay.
  public func close() {
    state.withLock { state in
      guard !state.isClosed else { return }
      state.isClosed = true
      giveBack?()
      guard let source = state.source else {
        Glibc.close(fd)
        return
      }
      source.cancel()
      if state.isPaused {
        state.isPaused = false
        source.resume()
      }
    }
  }
}
