import BrokerCore
import Reactor
import Wire

/// Writes the `server` object that begins every reply and event. Confined to the broker's shard.
package final class ServerObject {
  private unowned let server: Server
  private var sequence: UInt64 = 0

  package init(_ server: Server) { self.server = server }

  /// Every message with a server object takes the next number, whether or not anybody listens.
  func nextSequence() -> UInt64 {
    sequence += 1
    return sequence
  }

  func write(_ json: inout JSONWriter, sequence: UInt64? = nil) {
    let configuration = server.configuration
    json.object { json in
      json.member("name", server.serverName)
      json.member("host", configuration.host)
      json.member("id", server.serverID)
      json.member("cluster", unlessEmpty: configuration.clusterName ?? "")
      json.member("ver", configuration.version)
      json.member("tags", unlessEmpty: configuration.tags)
      json.metadata(configuration.metadata)
      json.featureFlags()
      json.member("jetstream", false)
      json.member("flags", 0)
      json.member("seq", sequence ?? nextSequence())
      json.member("time", WallClock.now())
    }
  }
}
