import BrokerCore
import Reactor
import Wire

/// Reads `tls` blocks.
enum TLSOptionsReader {
  struct Entry {
    var certificateFile = ""
    var keyFile = ""
    var listener = TLSListenerConfiguration(certificateFile: "", keyFile: "")
    var insecure = false
    var knownURLs = false
    var allowsInsecure = false

    /// Weak suites are taken by whoever says so, where OpenSSL has them.
    func checkCipherSuites(_ value: ConfigurationValue) throws(ConfigurationError) {
      let weak = listener.cipherSuites.filter(TLSCipherSuite.insecure.contains)
      guard weak.isEmpty || allowsInsecure else {
        throw ConfigurationError(
          "insecure cipher suites configured without 'allow_insecure_cipher_suites' option set: \(weak.joined(separator: ", "))",
          at: value.position)
      }
      if let unknown = weak.first(where: { !TLSCipherSuite.isKnown($0) }) {
        throw ConfigurationError("unrecognized cipher \(unknown): this server's OpenSSL has no such suite", at: value.position)
      }
    }
  }

  private static let curves = TLSListenerConfiguration.Curve.allCases.map(\.rawValue).joined(separator: ", ")

  static let table = OptionTable<Entry>(
    "tls", unknown: { "error parsing tls config, unknown field \"\($0)\"" },
    [
      .text("cert_file", "the certificate with its chain, PEM", \.certificateFile),
      .text("key_file", "its private key, PEM", \.keyFile),
      .optionalText("ca_file", "authorities of client certificates, PEM", \.listener.caFile),
      .flag("verify", "clients must present a certificate", \.listener.verify),
      Option("verify_and_map", type: "boolean", fallback: "false", "as `verify`, and the certificate names the user") { value, target, _ in
        target.listener.verifyAndMap = try value.boolean("verify_and_map")
        if target.listener.verifyAndMap { target.listener.verify = true }
      },
      .flag("verify_cert_and_check_known_urls", "for routes and gateways only", \.knownURLs),
      .flag("insecure", "for outgoing connections: do not check the certificate", \.insecure),
      Option("timeout", type: "number or duration", fallback: "2", "seconds that a handshake may take") { value, target, _ in
        let time = seconds(try value.durationOrSeconds("timeout"))
        target.listener.timeout = time == 0 ? 2 : time
      },
      Option("cipher_suites", type: "string or [string]", "the only cipher suites, by their IANA names") { value, target, _ in
        let names = try value.strings("cipher_suites")
        guard !names.isEmpty else {
          throw ConfigurationError("error parsing tls config, 'cipher_suites' cannot be empty", at: value.position)
        }
        for name in names where !TLSCipherSuite.isKnown(name) && !TLSCipherSuite.insecure.contains(name) {
          throw ConfigurationError("unrecognized cipher \(name)", at: value.position)
        }
        target.listener.cipherSuites = names
      },
      Option(
        "curve_preferences", type: "string or [string]", "the only key exchange curves, in order of preference: \(curves)"
      ) { value, target, _ in
        let names = try value.strings("curve_preferences")
        guard !names.isEmpty else {
          throw ConfigurationError("error parsing tls config, 'curve_preferences' cannot be empty", at: value.position)
        }
        target.listener.curvePreferences = []
        for name in names {
          guard let curve = TLSListenerConfiguration.Curve(rawValue: name) else {
            throw ConfigurationError("unrecognized curve preference \(name), expected \(curves)", at: value.position)
          }
          target.listener.curvePreferences.append(curve)
        }
      },
      .flag("allow_insecure_cipher_suites", "take weak cipher suites too, as far as OpenSSL has them", \.allowsInsecure),
      Option("min_version", type: "string", fallback: "1.2", "the lowest TLS version: 1.2 or 1.3") { value, target, _ in
        let version = try value.string("min_version")
        guard ["1.2", "1.3"].contains(version) else {
          throw ConfigurationError("unknown version: \(version), expected \"1.2\" or \"1.3\"", at: value.position)
        }
        target.listener.minimumVersion = version
      },
      Option("pinned_certs", type: "[string]", "SHA-256 of the public keys of the only admitted client certificates") { value, target, _ in
        for pin in try value.strings("pinned_certs") {
          let lower = pin.lowercased()
          guard lower.utf8.count == 64, lower.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) }) else {
            throw ConfigurationError(
              "error parsing 'pinned_certs' key \(pin) does not look like lower case hex-encoded sha256", at: value.position)
          }
          target.listener.pinnedCertificates.insert(lower)
        }
      },
      .integer("connection_rate_limit", "handshakes a second; 0: no limit", in: 0...1_000_000, \.listener.connectionRateLimit),
      Option(
        "handshake_first", "first", "immediate", type: "boolean, \"auto\" or duration", fallback: "false", "start TLS before INFO"
      ) { value, target, _ in
        target.listener.handshakeFirst = try handshakeFirst(value)
      },
      .unavailable(
        "certs certificates", type: "[map]", "several certificates: not available",
        "this server takes one certificate: use cert_file and key_file instead of `certs`"),
      .unavailable("ocsp_peer", type: "boolean or map", "OCSP checks: not available", "this server does not check OCSP: remove ocsp_peer"),
    ])

  private static func handshakeFirst(_ value: ConfigurationValue) throws(ConfigurationError) -> TLSListenerConfiguration.HandshakeFirst {
    if case .boolean(let on) = value.content { return on ? .always : .no }
    switch try value.string("handshake_first").lowercased() {
    case "true", "on": return .always
    case "false", "off": return .no
    case "auto", "auto_fallback": return .within(0.05)
    default: return .within(seconds(try value.duration("handshake_first")))
    }
  }

  /// The block of a listener, which needs a certificate.
  static func readListener(_ value: ConfigurationValue, _ notes: inout OptionNotes) throws -> TLSListenerConfiguration {
    var entry = Entry()
    let before = notes.errors.count
    table.read(try value.map("tls"), into: &entry, &notes)
    if entry.knownURLs {
      throw ConfigurationError("verify_cert_and_check_known_urls not supported in this context", at: value.position)
    }
    try entry.checkCipherSuites(value)
    entry.listener.certificateFile = entry.certificateFile
    entry.listener.keyFile = entry.keyFile
    if notes.errors.count == before {
      if entry.certificateFile.isEmpty { throw ConfigurationError("missing 'cert_file' in TLS configuration", at: value.position) }
      if entry.keyFile.isEmpty { throw ConfigurationError("missing 'key_file' in TLS configuration", at: value.position) }
    }
    return entry.listener
  }

  /// The block of a system that this server joins. A certificate is presented where one is given.
  static func readRemote(_ value: ConfigurationValue, _ notes: inout OptionNotes) throws -> LeafRemoteConfiguration.TLS {
    var entry = Entry()
    table.read(try value.map("tls"), into: &entry, &notes)
    try entry.checkCipherSuites(value)
    var remote = LeafRemoteConfiguration.TLS()
    guard entry.certificateFile.isEmpty == entry.keyFile.isEmpty else {
      throw ConfigurationError(
        "missing '\(entry.keyFile.isEmpty ? "key_file" : "cert_file")' in TLS configuration", at: value.position)
    }
    if !entry.certificateFile.isEmpty {
      remote.certificateFile = entry.certificateFile
      remote.keyFile = entry.keyFile
    }
    remote.caFile = entry.listener.caFile
    remote.insecure = entry.insecure
    remote.timeout = entry.listener.timeout
    remote.handshakeFirst = entry.listener.handshakeFirst != .no
    remote.cipherSuites = entry.listener.cipherSuites
    remote.curvePreferences = entry.listener.curvePreferences
    remote.minimumVersion = entry.listener.minimumVersion
    return remote
  }

  /// The block of an outgoing connection.
  static func readClient(_ value: ConfigurationValue, _ notes: inout OptionNotes) throws -> OperatorModeOptions.ResolverTLS {
    var entry = Entry()
    table.read(try value.map("tls"), into: &entry, &notes)
    var client = OperatorModeOptions.ResolverTLS()
    client.certificateFile = entry.certificateFile
    client.keyFile = entry.keyFile
    client.caFile = entry.listener.caFile ?? ""
    client.insecure = entry.insecure
    return client
  }
}
