import Glibc
import Wire

/// What others are told of a listener: its own address, or the one that the configuration has instead, which may leave host or port out.
package struct AdvertisedAddress {
  package let host: String
  package let port: Int

  /// What is configured was looked at (`isGood`) before anything listens; what is no address is passed over here.
  init(_ advertised: String?, instead host: String, _ port: Int) {
    let given = Self.parts(advertised ?? "")
    self.host = given.flatMap { $0.host.isEmpty ? nil : $0.host } ?? host
    self.port = given?.port ?? port
  }

  /// Whether peers can be told this: a host, an IPv6 address in brackets, a port of up to 65535 behind a colon, or host and
  /// port. Nothing at all is good too: it changes nothing.
  package static func isGood(_ advertised: String) -> Bool { advertised.isEmpty || parts(advertised) != nil }

  /// No port: the listener's own, which 0 and -1 stand for too.
  private static func parts(_ text: String) -> (host: String, port: Int?)? {
    let text = trimmed(text)
    if text.first == "[", text.last == "]" {
      let inner = String(text.dropFirst().dropLast())
      return isIPv6(inner) ? (inner, nil) : nil
    }
    do throws(HostPort.Fault) {
      let address = try HostPort(text, ports: -1...65_535)
      let host = trimmed(address.host)
      // Without brackets a second colon belongs to nothing, as in a URL.
      guard text.first == "[" ? isIPv6(host) : !host.contains(where: { "[]:".contains($0) }) else { return nil }
      return (host, address.port > 0 ? address.port : nil)
    } catch .noPort {
      return text.isEmpty || text.contains { "[]".contains($0) } ? nil : (text, nil)
    } catch {
      return nil
    }
  }

  private static func trimmed(_ text: String) -> String {
    let blank = UInt8(ascii: " ")
    let rest = text.utf8.drop { $0 == blank }
    return String(decoding: rest.reversed().drop { $0 == blank }.reversed(), as: UTF8.self)
  }

  private static func isIPv6(_ text: String) -> Bool {
    // A zone is the sender's own and no part of the address.
    let address = text.prefix { $0 != "%" }
    var bytes = in6_addr()
    return inet_pton(AF_INET6, String(address), &bytes) == 1
  }

  /// `host:port`, with brackets where they are needed.
  var text: String { HostPort.text(host, port) }
}
