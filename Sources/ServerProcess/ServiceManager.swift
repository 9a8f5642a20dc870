import Glibc

/// Tells the service manager how the process is (sd_notify(3)): that it serves, that it reads its settings again, that it ends, and, where a watchdog
/// is set, that it still lives. Who was started by nobody that asks tells nobody.
public struct ServiceManager: Sendable {
  /// What is told.
  public enum News: Sendable, Equatable {
    /// It serves; with a line for people.
    case ready(String)
    /// It reads its settings again; `ready` ends that.
    case reloading
    case stopping
    /// It lives.
    case alive

    var text: String {
      switch self {
      case .ready(let status): "READY=1\nSTATUS=\(status.filter { !$0.isNewline })\n"
      case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(ServiceManager.monotonicMicroseconds)\n"
      case .stopping: "STOPPING=1\n"
      case .alive: "WATCHDOG=1\n"
      }
    }
  }

  private let address: sockaddr_un
  private let length: socklen_t
  /// How often `alive` has to be told, in seconds: half of what the watchdog waits. Nil without one.
  public let heartbeat: Double?

  /// - Parameter variable: The environment. `NOTIFY_SOCKET` is a path, or with `@` in front the name of an abstract socket; `WATCHDOG_USEC` counts where
  ///   `WATCHDOG_PID` is this process or is not there.
  /// - Returns: Nil where nobody asks, or where the address is none.
  public init?(variable: (String) -> String?) {
    guard let path = variable("NOTIFY_SOCKET"), path.hasPrefix("/") || path.hasPrefix("@") else { return nil }
    var bytes = Array(path.utf8)
    if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
    var address = sockaddr_un()
    // The kernel's own bound of such a path.
    guard bytes.count > 1, bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    self.address = address
    // A path ends with its zero byte; an abstract name with its last.
    length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count + (bytes[0] == 0 ? 0 : 1))
    let isOurs = variable("WATCHDOG_PID").map { Int32($0) == getpid() } ?? true
    let microseconds = isOurs ? variable("WATCHDOG_USEC").flatMap(Int.init) : nil
    heartbeat = microseconds.flatMap { $0 > 0 ? Double($0) / 2_000_000 : nil }
  }

  /// Sends it. What cannot be sent is passed over: the service manager has its own deadlines.
  public func tell(_ news: News) {
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let text = Array(news.text.utf8)
    var address = address
    withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        _ = text.withUnsafeBytes {
          sendto(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT), pointer, length)
        }
      }
    }
  }

  private static var monotonicMicroseconds: Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000 + time.tv_nsec / 1_000
  }
}
