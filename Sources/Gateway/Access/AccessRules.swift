import Synchronization
import Wire

/// What requests are judged by; a reload replaces it as a whole.
final class AccessRules: Sendable {
  let options: AccessOptions
  /// Nil where nobody signs in.
  let authenticator: Authenticator?
  let crossOrigin: CrossOrigin
  let hosts: Set<String>
  /// The last head whose authority was found good for everybody; nearly all requests repeat it.
  let accepted = Mutex<HTTPRequestHead?>(nil)

  /// - Parameter former: What these rules replace.
  init(_ options: AccessOptions, former: AccessRules? = nil) throws(AccessError) {
    self.options = options
    authenticator = options.policy.map { Authenticator($0, former: former?.authenticator) }
    crossOrigin = try CrossOrigin(options.crossOrigins, authenticated: options.policy != nil)
    hosts = Set(options.allowedHosts.map { Loopback.host(of: $0) })
  }
}
