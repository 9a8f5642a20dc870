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
    options.groups = curvePreferences
    return options
  }
}
