/// Numbers of the whole server since its start. "In" is from connections to the server.
struct ServerCounters {
  var inMessages: UInt64 = 0
  var inBytes: UInt64 = 0
  var outMessages: UInt64 = 0
  var outBytes: UInt64 = 0
  var inClientMessages: UInt64 = 0
  var inClientBytes: UInt64 = 0
  var outClientMessages: UInt64 = 0
  var outClientBytes: UInt64 = 0
  var totalConnections: UInt64 = 0
  var slowClients: UInt64 = 0
  var slowLeafs: UInt64 = 0
  var staleClients: UInt64 = 0
  var staleLeafs: UInt64 = 0
  var stalledClients: UInt64 = 0

  @inline(__always)
  mutating func received(_ size: UInt64, _ kind: Client.Kind) {
    inMessages &+= 1
    inBytes &+= size
    if kind == .client {
      inClientMessages &+= 1
      inClientBytes &+= size
    }
  }

  @inline(__always)
  mutating func sent(_ size: UInt64, _ kind: Client.Kind) {
    outMessages &+= 1
    outBytes &+= size
    if kind == .client {
      outClientMessages &+= 1
      outClientBytes &+= size
    }
  }

  mutating func stale(_ kind: Client.Kind) { if kind == .leaf { staleLeafs += 1 } else { staleClients += 1 } }
  mutating func slow(_ kind: Client.Kind) { if kind == .leaf { slowLeafs += 1 } else { slowClients += 1 } }
}
