/// Numbers of the whole server since its start. "In" is from connections to the server.
package struct ServerCounters {
  package var inMessages: UInt64 = 0
  package var inBytes: UInt64 = 0
  package var outMessages: UInt64 = 0
  package var outBytes: UInt64 = 0
  package var inClientMessages: UInt64 = 0
  package var inClientBytes: UInt64 = 0
  package var outClientMessages: UInt64 = 0
  package var outClientBytes: UInt64 = 0
  package var totalConnections: UInt64 = 0
  package var slowClients: UInt64 = 0
  package var slowLeafs: UInt64 = 0
  package var staleClients: UInt64 = 0
  package var staleLeafs: UInt64 = 0
  package var stalledClients: UInt64 = 0
  /// Logins of accounts that are not among those that a resolver is pinned to.
  package var pinnedAccountFails: UInt64 = 0

  @inline(__always)
  package mutating func received(_ size: UInt64, _ kind: ConnectionKind) {
    inMessages &+= 1
    inBytes &+= size
    if kind == .client {
      inClientMessages &+= 1
      inClientBytes &+= size
    }
  }

  @inline(__always)
  package mutating func sent(_ size: UInt64, _ kind: ConnectionKind) {
    outMessages &+= 1
    outBytes &+= size
    if kind == .client {
      outClientMessages &+= 1
      outClientBytes &+= size
    }
  }

  package mutating func stale(_ kind: ConnectionKind) { if kind == .leaf { staleLeafs += 1 } else { staleClients += 1 } }
  package mutating func slow(_ kind: ConnectionKind) { if kind == .leaf { slowLeafs += 1 } else { slowClients += 1 } }
}
