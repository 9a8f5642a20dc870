import BrokerCore
import Identity
import Reactor

extension ListenerCertificates {
  /// Reads the files that a configuration names. Blocks.
  ///
  /// - Throws: Which file could not be used, and why.
  init(_ configuration: BrokerConfiguration) throws(BrokerConfigurationError) {
    do throws(TLSError) {
      self.init(
        clients: try configuration.tls.map { tls throws(TLSError) in try TLSContext.server(tls.options) },
        leafs: try configuration.leafNodes?.tls.map { tls throws(TLSError) in try TLSContext.server(tls.options) },
        remotes: try configuration.leafRemotes.map { remote throws(TLSError) in
          LeafRemoteSecrets(context: try TLSContext.client(remote.tls?.options ?? TLSOptions())) {
            try remote.credentialsFile.map { try Credentials(usableFile: $0) }
          }
        })
    } catch {
      throw BrokerConfigurationError("\(error)")
    }
  }
}
