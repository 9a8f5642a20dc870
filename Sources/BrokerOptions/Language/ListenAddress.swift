import BrokerCore
import Wire

/// A host and a port as `listen` and its kin give them.
struct ListenAddress: Sendable, Equatable {
  /// Empty when only a port was given.
  var host: String
  /// −1: any free port.
  var port: Int

  /// Reads `host:port`, `:port`, `[v6]:port` or a bare port.
  init(_ value: ConfigurationValue, _ name: String) throws(ConfigurationError) {
    if case .integer = value.content {
      self.init(host: "", port: Int(try value.integer(name, in: -1...65535)))
      return
    }
    let text = try value.string(name)
    do throws(BrokerConfigurationError) {
      self = try ListenAddress(text: text)
    } catch {
      throw ConfigurationError("\(name): \(error.description)", at: value.position)
    }
  }

  init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  init(text: String) throws(BrokerConfigurationError) {
    do throws(HostPort.Fault) {
      let address = try HostPort(text, ports: -1...65535)
      // Without brackets nobody can tell which colon the port stands behind.
      guard text.first == "[" || !address.host.contains(":") else { throw HostPort.Fault.noPort }
      self.init(host: address.host, port: address.port)
    } catch {
      switch error {
      case .noPort: throw BrokerConfigurationError("could not parse address string \"\(text)\": expected host:port")
      case .badPort(let port): throw BrokerConfigurationError("could not parse port \"\(port)\"")
      }
    }
  }
}

extension Substring {
  /// Without the blanks at both ends.
  var trimmingBlanks: Substring {
    var rest = self
    while rest.first == " " { rest.removeFirst() }
    while rest.last == " " { rest.removeLast() }
    return rest
  }
}

/// A port as the core takes it: −1 becomes 0, which is any free one.
package func listenerPort(_ port: Int) -> UInt16 { port < 0 ? 0 : UInt16(clamping: port) }

/// A port as files and documents show it: 0 becomes −1.
func shownPort(_ port: UInt16?) -> String { port.map { $0 == 0 ? "-1" : "\($0)" } ?? "0" }
