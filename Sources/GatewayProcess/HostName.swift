import Glibc
import SystemAPI

/// What this host is called.
enum HostName {
  /// The host's name, where it can stand in a path: a server is asked for by it.
  static var asServerName: String? {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return nil }
    let name = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return (try? SubjectToken.checkName(name)) == nil ? nil : name
  }
}
