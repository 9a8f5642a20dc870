import COpenSSL
import Wire

/// What a TLS context is made from.
public struct TLSOptions: Sendable, Equatable {
  /// PEM file of this side's certificate chain, leaf first.
  public var certificateFile: String?
  /// PEM file of the private key of `certificateFile`.
  public var keyFile: String?
  /// PEM file of the authorities that the peer's certificate must come from; nil for the system's.
  public var authorityFile: String?
  /// Whether a server asks for a client certificate, and whether it may be missing.
  public var clientCertificate = ClientCertificate.ignored
  /// True where a client accepts whatever certificate the server shows.
  public var insecure = false
  /// The lowest version offered: `1.2` or `1.3`.
  public var minimumVersion = "1.2"
  /// IANA names of the only cipher suites, in order of preference; empty for forward secret ones that authenticate what they carry.
  public var cipherSuites: [String] = []
  /// OpenSSL names of the only key-exchange groups, in order of preference; empty for the library's own choice.
  public var groups: [String] = []

  /// A server's attitude to client certificates.
  public enum ClientCertificate: Sendable, Equatable { case ignored, optional, required }

  public init() {}
}

/// Certificates, keys and rules of one side, shared by all of its connections.
public final class TLSContext: @unchecked Sendable {
  // Sendable: `SSL_CTX` counts its references atomically and is not changed after `init`.
  let context: OpaquePointer
  private let isServer: Bool
  private let verifiesHost: Bool
  /// What a server asks of its clients; `.ignored` for a client.
  public let clientCertificate: TLSOptions.ClientCertificate

  /// A context for accepting connections. `options` must name a certificate and its key.
  public static func server(_ options: TLSOptions) throws(TLSError) -> TLSContext {
    try TLSContext(isServer: true, options)
  }

  /// A context for making connections.
  public static func client(_ options: TLSOptions) throws(TLSError) -> TLSContext {
    try TLSContext(isServer: false, options)
  }

  private init(isServer: Bool, _ options: TLSOptions) throws(TLSError) {
    ERR_clear_error()
    guard let context = SSL_CTX_new(isServer ? TLS_server_method() : TLS_client_method()) else {
      throw TLSError.last("could not make a TLS context")
    }
    self.context = context
    self.isServer = isServer
    clientCertificate = isServer ? options.clientCertificate : .ignored
    verifiesHost = !isServer && !options.insecure
    let version = options.minimumVersion == "1.3" ? TLS1_3_VERSION : TLS1_2_VERSION
    _ = natsight_SSL_CTX_set_min_proto_version(context, version)
    // Partial writes and moving buffers suit a growing queue; released buffers keep idle connections small.
    _ = natsight_SSL_CTX_set_mode(
      context, Int(SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS))
    try loadCertificate(options)
    try setVerification(options)
    try setCipherSuites(options.cipherSuites)
    if !options.groups.isEmpty, natsight_SSL_CTX_set1_groups_list(context, options.groups.joined(separator: ":")) != 1 {
      throw TLSError.last("an unknown key-exchange group among \(options.groups.joined(separator: ", "))")
    }
  }

  deinit { SSL_CTX_free(context) }

  private func setCipherSuites(_ names: [String]) throws(TLSError) {
    if names.isEmpty {
      if isServer { _ = SSL_CTX_set_cipher_list(context, TLSCipherSuite.usual) }
      return
    }
    // OpenSSL passes over an unknown name among known ones.
    if let unknown = names.first(where: { !TLSCipherSuite.isKnown($0) }) { throw TLSError("unrecognized cipher \(unknown)") }
    let (older, newer) = TLSCipherSuite.lists(names)
    // Without any for a version nothing of that version is spoken.
    if older.isEmpty {
      _ = natsight_SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION)
    } else if SSL_CTX_set_cipher_list(context, older) != 1 {
      throw TLSError.last("no usable cipher suite among \(names.joined(separator: ", "))")
    }
    if newer.isEmpty { _ = SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(TLS1_2_VERSION), nil) }
    guard newer.isEmpty || SSL_CTX_set_ciphersuites(context, newer) == 1 else {
      throw TLSError.last("no usable cipher suite among \(names.joined(separator: ", "))")
    }
  }

  private func loadCertificate(_ options: TLSOptions) throws(TLSError) {
    guard let certificate = options.certificateFile else {
      if isServer { throw TLSError("a TLS server needs a certificate and a key file") }
      return
    }
    guard SSL_CTX_use_certificate_chain_file(context, certificate) == 1 else {
      throw TLSError.last("could not read the certificate file \(certificate)")
    }
    let key = options.keyFile ?? certificate
    try loadKey(key)
    guard SSL_CTX_check_private_key(context) == 1 else {
      throw TLSError.last("the key in \(key) does not belong to the certificate in \(certificate)")
    }
  }

  /// A key that asks for a pass phrase is refused: the library would ask the terminal, and wait for it on this thread.
  private func loadKey(_ file: String) throws(TLSError) {
    var isEncrypted = false
    let isLoaded = withUnsafeMutablePointer(to: &isEncrypted) { asked in
      SSL_CTX_set_default_passwd_cb_userdata(context, asked)
      SSL_CTX_set_default_passwd_cb(context) { _, _, _, asked in
        asked?.assumingMemoryBound(to: Bool.self).pointee = true
        return -1
      }
      defer { SSL_CTX_set_default_passwd_cb_userdata(context, nil) }
      return SSL_CTX_use_PrivateKey_file(context, file, SSL_FILETYPE_PEM) == 1
    }
    if isLoaded { return }
    guard isEncrypted else { throw TLSError.last("could not read the key file \(file)") }
    ERR_clear_error()
    throw TLSError("the key in \(file) is encrypted; nobody is there to give its pass phrase: decrypt it, with `openssl pkey`")
  }

  private func setVerification(_ options: TLSOptions) throws(TLSError) {
    if let authority = options.authorityFile {
      guard SSL_CTX_load_verify_locations(context, authority, nil) == 1 else {
        throw TLSError.last("could not read the authority file \(authority)")
      }
      if isServer { SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(authority)) }
    } else if !isServer {
      SSL_CTX_set_default_verify_paths(context)
    }
    let mode: Int32
    if isServer {
      switch options.clientCertificate {
      case .ignored: mode = SSL_VERIFY_NONE
      case .optional: mode = SSL_VERIFY_PEER
      case .required: mode = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
      }
    } else {
      mode = options.insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER
    }
    SSL_CTX_set_verify(context, mode, nil)
    // Sessions are not resumed; without an id context a server that verifies clients would fail on the attempt.
    _ = SSL_CTX_ctrl(context, SSL_CTRL_SET_SESS_CACHE_MODE, 0, nil)
    SSL_CTX_set_options(context, UInt64(1) << 14)
  }

  /// When the certificate that it shows ends; nil without one.
  public var certificateEnd: Timestamp? {
    SSL_CTX_get0_certificate(context).map { Timestamp(seconds: PeerCertificate.seconds(X509_get0_notAfter($0))) }
  }

  /// An engine for one connection.
  ///
  /// - Parameter serverName: For a client: the name or address that the server's certificate must bear.
  public func makeEngine(serverName: String? = nil) throws(TLSError) -> TLSEngine {
    try TLSEngine(context: self, isServer: isServer, serverName: serverName, verifiesHost: verifiesHost)
  }
}
