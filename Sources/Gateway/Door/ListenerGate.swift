import Synchronization

/// What a listener grants at this moment. A reload may change it, or close it, under connections and streams that exist.
public final class ListenerGate: Sendable {
  private let state: Mutex<(mount: ListenerMount, isClosed: Bool)>

  public init(_ mount: ListenerMount) { state = Mutex((mount, false)) }

  /// What requests are judged by, and whether they come over a connection that has outlived its listener.
  var now: (mount: ListenerMount, isClosed: Bool) { state.withLock { $0 } }

  /// Grants something else from now on.
  public func replace(_ mount: ListenerMount) { state.withLock { $0.mount = mount } }

  /// Connections that outlive their listener are let in by nothing but their own credentials, and end with their next answer.
  public func close() {
    state.withLock { state in
      state.mount.role = nil
      state.isClosed = true
    }
  }
}
