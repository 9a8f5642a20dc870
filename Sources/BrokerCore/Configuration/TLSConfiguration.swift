import Reactor

extension TLSListenerConfiguration {
  /// What the transport needs to know.
  public var options: TLSOptions {
    var options = TLSOptions()
    options.certificateFile = certificateFile
    options.keyFile = keyFile
    options.authorityFile = caFile
    options.clientCertificate = verify || verifyAndMap ? .required : .ignored
    if let minimumVersion { options.minimumVersion = minimumVersion }
    options.cipherSuites = cipherSuites
    options.groups = curvePreferences.map(\.openSSLName)
    return options
  }
}

extension LeafRemoteConfiguration.TLS {
  /// What the transport needs to know.
  public var options: TLSOptions {
    var options = TLSOptions()
    options.certificateFile = certificateFile
    options.keyFile = keyFile
    options.authorityFile = caFile
    options.insecure = insecure
    if let minimumVersion { options.minimumVersion = minimumVersion }
    options.cipherSuites = cipherSuites
    options.groups = curvePreferences.map(\.openSSLName)
    return options
  }
}

extension TLSListenerConfiguration.Curve {
  fileprivate var openSSLName: String {
    switch self {
    case .x25519: "X25519"
    case .p256: "P-256"
    case .p384: "P-384"
    case .p521: "P-521"
    }
  }
}
