import BrokerCore
import Synchronization

/// What documents show of the process around the broker. Filled before the broker starts, then on its shard only.
package final class ServerReport {
  package var options = ReportedOptions()
  /// Requests to the monitoring port by path, as VARZ shows them. Counted on the port's shard at once, behind a lock: a count that had to
  /// wait for its turn on the broker's could come after the document that should show it.
  private let counts = Mutex<[String: UInt64]>([:])

  var requests: [String: UInt64] { counts.withLock { $0 } }

  package init() {}

  private static let countedPaths: Set<String> = [
    "/", "/varz", "/connz", "/routez", "/gatewayz", "/leafz", "/subsz", "/accountz", "/accstatz", "/jsz", "/healthz",
  ]

  /// The name under which a request to the monitoring port is counted, by its path below the base path; nil for what is not counted.
  package static func countedName(_ path: String) -> String? {
    var name = String(path.prefix { $0 != "?" })
    if name == "/subscriptionsz" { name = "/subsz" }
    if name.isEmpty { name = "/" }
    return countedPaths.contains(name) ? name : nil
  }

  /// Call it from anywhere.
  package func count(_ name: String) { counts.withLock { $0[name, default: 0] += 1 } }
}
