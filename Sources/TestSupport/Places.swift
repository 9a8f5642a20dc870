import Foundation
import Glibc
import Synchronization

/// A folder that is removed, with all that it holds, when the last reference goes.
public final class TemporaryFolder: Sendable {
  public let path: String

  /// - Throws: `TestFailure` when the system's temporary folder cannot be written.
  public init() throws {
    var template = Array("\(NSTemporaryDirectory())/natsight-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw TestFailure("cannot make a temporary folder: \(String(cString: strerror(errno)))") }
    path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress ?? UnsafePointer(strdup("/nonexistent"))) }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  public func path(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file, making the folders on its way. Returns its path.
  @discardableResult
  public func write(_ text: String, to name: String) throws -> String {
    let file = path(name)
    try FileManager.default.createDirectory(atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    return file
  }

  /// A file's text; empty when there is none.
  public func read(_ name: String) -> String {
    guard let data = FileManager.default.contents(atPath: path(name)) else { return "" }
    return String(decoding: data, as: UTF8.self)
  }
}

/// The package's own folder.
public let packageRoot: String = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

/// The folder that the build put its products in, the `natsight` command among them.
public let productsFolder: String = {
  if let given = ProcessInfo.processInfo.environment["NATSIGHT_PRODUCTS"] { return given }
  var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
  let count = readlink("/proc/self/exe", &buffer, Int(PATH_MAX))
  let own = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  let folder = URL(fileURLWithPath: own).deletingLastPathComponent().path
  if access("\(folder)/natsight", X_OK) == 0 { return folder }
  return "\(packageRoot)/.build/debug"
}()

private let nextPort = Mutex<UInt16>(UInt16.random(in: 10_000..<30_000))

/// A TCP port that nobody listens on now, below the range that the kernel gives to outgoing connections. Each call gives another one.
///
/// For what cannot take port 0, such as peers that must know each other's port beforehand.
public func freePort() -> UInt16 {
  nextPort.withLock { next in
    while true {
      next = next >= 32_000 ? 10_000 : next + 1
      if canListen(next) { return next }
    }
  }
}

private func canListen(_ port: UInt16) -> Bool {
  let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
  defer { close(socket) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = INADDR_ANY
  return withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
  } == 0
}
