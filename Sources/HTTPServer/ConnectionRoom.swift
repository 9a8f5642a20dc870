import Reactor
import Wire

/// How many connections a server takes.
struct ConnectionRoom: Sendable {
  /// Of all addresses together.
  let total: Int
  /// Of one address.
  let perAddress: Int
  /// So many more may be told why they are refused; beyond them they are closed unheard.
  let refusals: Int

  /// - Parameters:
  ///   - descriptors: The most that the process may have open.
  ///   - inUse: How many are open already.
  init(_ limits: HTTPLimits, descriptors: Int, inUse: Int) {
    // A quarter stays for what else the process opens: its own connections, clients of its broker, files.
    let reserve = max(16, descriptors / 4)
    total = max(1, min(limits.connections, max(4, descriptors - inUse - reserve)))
    perAddress = min(total, limits.connectionsPerAddress ?? max(1, total / 2))
    refusals = reserve / 2
  }
}
