import Identity
import Reactor

extension ClientOptions {
  /// A file that a connection needs and that cannot be used.
  public struct UnusableFile: Error, Sendable, CustomStringConvertible {
    /// One sentence that names the file.
    public let description: String
  }

  /// Reads every file that is named, as the first connection will: what is missing or broken then is so now. Blocks.
  public func checkFiles() throws(UnusableFile) {
    do {
      _ = try ClientProof(authentication)
    } catch {
      throw UnusableFile(description: "\(authentication.noun) cannot be used: \(error)")
    }
    guard let tls else { return }
    do throws(TLSError) {
      _ = try TLSContext.client(tls)
    } catch {
      throw UnusableFile(description: error.description)
    }
  }
}

extension ClientAuthentication {
  /// What it is, in words; nothing secret.
  var noun: String {
    switch self {
    case .none: "no credentials"
    case .userPassword(let user, _): "the user \(user)"
    case .token: "the token"
    case .tokenFile(let path): "the token file \(path)"
    case .nkeyFile(let path): "the nkey file \(path)"
    case .nkeySeed: "the nkey seed"
    case .credentialsFile(let path): "the credentials file \(path)"
    case .jwt: "the JWT"
    }
  }
}
