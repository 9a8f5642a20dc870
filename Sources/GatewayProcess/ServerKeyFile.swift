import Glibc
import Identity
import Logging

/// `server.nk` of the state folder: the seed of the embedded broker's key, so that it is the same server after a restart.
enum ServerKeyFile {
  static let name = "server.nk"

  /// The key that a folder keeps, or a new one, which is kept there from now on. A folder that cannot be written costs a warning: the key
  /// is one of this run then. Blocks.
  ///
  /// - Throws: A file that cannot be read or holds no server's seed; it stays as it is.
  static func key(in folder: String, _ log: Logger) throws(EmbeddedBroker.Failure) -> KeyPair {
    let path = folder + "/" + name
    if let kept = try read(path) { return kept }
    let key = KeyPair.generate(.server)
    do {
      try FileAccess.makeDirectory(folder)
      try FileAccess.writeAtomically(path, Array((try key.seed() + "\n").utf8), mode: 0o600)
    } catch {
      log.warning("the server's key could not be kept: its id will be another after a restart", metadata: ["error": "\(error)"])
    }
    return key
  }

  /// Nil where there is none yet.
  private static func read(_ path: String) throws(EmbeddedBroker.Failure) -> KeyPair? {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try FileAccess.read(path, limit: 4096)
    } catch {
      if error.isMissing { return nil }
      throw EmbeddedBroker.Failure(description: "--state-dir: the server's key cannot be read: \(error)")
    }
    let line = String(decoding: bytes.filter { $0 != 0x0A && $0 != 0x0D && $0 != 0x20 }, as: UTF8.self)
    guard let key = try? KeyPair(seed: line), key.kind == .server else {
      // What stands there may be somebody else's secret, and is not shown.
      throw EmbeddedBroker.Failure(
        description: "\(path): expected the seed of a server's key (SN…), found something else; move the file away for a new key and id")
    }
    return key
  }
}
