import Glibc
import Identity
import Wire

/// How the account server runs: flags of the original, and its configuration file.
public struct AccountServerOptions: Sendable, Equatable {
  public var host = "localhost"
  /// 0 takes any free port.
  public var port: UInt16 = 9090
  public var certificateFile = ""
  public var keyFile = ""
  /// An nsc operator folder, served read-only.
  public var nscDirectory = ""
  /// A folder of `<key>.jwt` files.
  public var directory = ""
  public var isSharded = false
  public var isReadOnly = false
  /// File of the operator's token.
  public var operatorFile = ""
  public var natsURLs: [String] = []
  public var credentialsFile = ""
  /// URL of the server that this one repeats.
  public var primary = ""
  /// Seconds.
  public var replicationTimeout = 5.0
  public var maxReplicationPack = 10_000
  public var signRequestSubject = ""
  /// Seconds.
  public var signRequestTimeout = 1.0
  public var debug = false
  public var trace = false

  public init() {}

  /// Splits `host:port`.
  public mutating func listen(on text: String) throws(AccountServerError) {
    guard let address = try? HostPort(text) else { throw AccountServerError("expected host:port, found \"\(text)\"") }
    host = address.host
    port = UInt16(clamping: address.port)
  }

  /// Reads a configuration file over the defaults.
  public static func load(_ path: String) throws -> AccountServerOptions {
    let sources = ConfigurationSources(
      readFile: { try FileAccess.read($0) }, environment: { name in getenv(name).map { String(cString: $0) } })
    let document = try ConfigurationDocument(parsing: try FileAccess.read(path), file: path, sources: sources)
    var options = AccountServerOptions()
    for entry in document.root.entries { try options.take(entry) }
    return options
  }

  private mutating func take(_ entry: ConfigurationEntry) throws {
    let (name, value) = (entry.key.lowercased(), entry.value)
    switch name {
    case "logging":
      for item in try value.map(name).entries {
        switch item.key.lowercased() {
        case "debug": debug = try item.value.boolean(item.key)
        case "trace": trace = try item.value.boolean(item.key)
        default: break
        }
      }
    case "http": try takeHTTP(try value.map(name))
    case "nats": try takeNATS(try value.map(name))
    case "store": try takeStore(try value.map(name))
    case "operatorjwtpath": operatorFile = try value.string(name)
    case "systemaccountjwtpath": break
    case "primary": primary = try value.string(name)
    case "replicationtimeout": replicationTimeout = try value.number(name) / 1000
    case "maxreplicationpack": maxReplicationPack = Int(try value.integer(name))
    case "signrequestsubject": signRequestSubject = try value.string(name)
    case "signrequesttimeout": signRequestTimeout = try value.number(name) / 1000
    default: throw AccountServerError("\(entry.position): unknown field \"\(entry.key)\"")
    }
  }

  private mutating func takeHTTP(_ map: ConfigurationMap) throws {
    for item in map.entries {
      switch item.key.lowercased() {
      case "host": host = try item.value.string(item.key)
      case "port": port = UInt16(clamping: try item.value.integer(item.key))
      case "tls":
        for file in try item.value.map(item.key).entries {
          switch file.key.lowercased() {
          case "cert": certificateFile = try file.value.string(file.key)
          case "key": keyFile = try file.value.string(file.key)
          default: break
          }
        }
      default: break
      }
    }
  }

  private mutating func takeNATS(_ map: ConfigurationMap) throws {
    for item in map.entries {
      switch item.key.lowercased() {
      case "servers": natsURLs = try item.value.strings(item.key)
      case "usercredentials": credentialsFile = try item.value.string(item.key)
      default: break
      }
    }
  }

  private mutating func takeStore(_ map: ConfigurationMap) throws {
    for item in map.entries {
      switch item.key.lowercased() {
      case "nsc": nscDirectory = try item.value.string(item.key)
      case "dir": directory = try item.value.string(item.key)
      case "shard": isSharded = try item.value.boolean(item.key)
      case "readonly": isReadOnly = try item.value.boolean(item.key)
      default: break
      }
    }
  }
}

extension AccountServerOptions {
  /// The settings as a configuration file that says the same.
  public var text: String {
    let quoted = { (text: String) in String(decoding: ClaimValue.string(text).encoded(), as: UTF8.self) }
    let servers = natsURLs.map(quoted).joined(separator: ", ")
    return """
      logging { debug: \(debug), trace: \(trace) }
      http { host: \(quoted(host)), port: \(port), tls { cert: \(quoted(certificateFile)), key: \(quoted(keyFile)) } }
      nats { servers: [\(servers)], usercredentials: \(quoted(credentialsFile)) }
      store { nsc: \(quoted(nscDirectory)), dir: \(quoted(directory)), shard: \(isSharded), readonly: \(isReadOnly) }
      operatorjwtpath: \(quoted(operatorFile))
      primary: \(quoted(primary))
      replicationtimeout: \(Int(replicationTimeout * 1000))
      maxreplicationpack: \(maxReplicationPack)
      signrequestsubject: \(quoted(signRequestSubject))
      signrequesttimeout: \(Int(signRequestTimeout * 1000))
      """
  }
}

/// What keeps the account server from starting.
public struct AccountServerError: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}
