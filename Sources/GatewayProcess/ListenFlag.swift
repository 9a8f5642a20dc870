import ArgumentParser
import Wire

/// An address as flags write it: `HOST:PORT`, `[IPv6]:PORT`, or `:PORT` for every interface. Port 0 takes any free one.
struct ListenFlag {
  let host: String
  let port: UInt16

  /// - Throws: A sentence that names the flag and what it expects.
  init(_ text: String, flag: String) throws {
    guard let address = try? HostPort(text) else {
      throw ValidationError("--\(flag) \(text): expected HOST:PORT, such as 127.0.0.1:4222")
    }
    host = address.host
    port = UInt16(clamping: address.port)
  }
}
