import COpenSSL

/// What a peer's certificate says about it.
public struct PeerCertificate: Sendable, Equatable {
  /// The subject as RFC 2253 writes it: `CN=…,OU=…,O=…`.
  public let subject: String
  /// SHA-256 of the certificate, in lower-case hexadecimal.
  public let fingerprint: String
  /// SHA-256 of the subject's public key info, in lower-case hexadecimal.
  public let publicKeyFingerprint: String
  /// Subject alternative names that are mail addresses, DNS names and URIs, in the order of the certificate.
  public let mailAddresses: [String]
  public let dnsNames: [String]
  public let uris: [String]
  /// When the certificate ends, in seconds since 1970.
  public let notAfter: Int64

  init(_ certificate: OpaquePointer) {
    subject = PeerCertificate.text(of: X509_get_subject_name(certificate))
    fingerprint = PeerCertificate.digest { i2d_X509(certificate, $0) }
    publicKeyFingerprint = PeerCertificate.digest { i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), $0) }
    let names = PeerCertificate.alternativeNames(certificate)
    mailAddresses = names.mail
    dnsNames = names.dns
    uris = names.uris
    notAfter = PeerCertificate.seconds(X509_get0_notAfter(certificate))
  }

  /// The end of validity of the first certificate in a PEM file, in seconds since 1970; nil where it can't be read.
  public static func notAfter(ofFile path: String) -> Int64? {
    guard let file = BIO_new_file(path, "r") else {
      ERR_clear_error()
      return nil
    }
    defer { BIO_free(file) }
    guard let certificate = PEM_read_bio_X509(file, nil, nil, nil) else {
      ERR_clear_error()
      return nil
    }
    defer { X509_free(certificate) }
    return seconds(X509_get0_notAfter(certificate))
  }

  static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64 {
    guard let time, let epoch = ASN1_TIME_set(nil, 0) else { return 0 }
    defer { ASN1_STRING_free(epoch) }
    var days: Int32 = 0
    var rest: Int32 = 0
    guard ASN1_TIME_diff(&days, &rest, epoch, time) == 1 else { return 0 }
    return Int64(days) * 86_400 + Int64(rest)
  }

  static func pem(_ certificate: OpaquePointer) -> String? {
    guard let memory = BIO_new(BIO_s_mem()) else { return nil }
    defer { BIO_free(memory) }
    var start: UnsafeMutablePointer<CChar>?
    guard PEM_write_bio_X509(memory, certificate) == 1 else { return nil }
    let count = natsight_BIO_get_mem_data(memory, &start)
    guard count > 0, let start else { return nil }
    return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
  }

  private static func text(of name: OpaquePointer?) -> String {
    guard let name, let memory = BIO_new(BIO_s_mem()) else { return "" }
    defer { BIO_free(memory) }
    natsight_X509_NAME_print_rfc2253(memory, name)
    var start: UnsafeMutablePointer<CChar>?
    let count = natsight_BIO_get_mem_data(memory, &start)
    guard count > 0, let start else { return "" }
    return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
  }

  private static func digest(_ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32) -> String {
    let length = encode(nil)
    guard length > 0 else { return "" }
    var bytes = [UInt8](repeating: 0, count: Int(length))
    var hash = [UInt8](repeating: 0, count: 32)
    bytes.withUnsafeMutableBufferPointer { buffer in
      var cursor = buffer.baseAddress
      _ = encode(&cursor)
    }
    SHA256(bytes, bytes.count, &hash)
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: hash.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  private static func alternativeNames(_ certificate: OpaquePointer) -> (mail: [String], dns: [String], uris: [String]) {
    var mail: [String] = []
    var dns: [String] = []
    var uris: [String] = []
    guard let extensionData = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else { return (mail, dns, uris) }
    let names = OpaquePointer(extensionData)
    defer { natsight_GENERAL_NAMES_free(names) }
    for index in 0..<natsight_GENERAL_NAMES_num(names) {
      var kind: Int32 = 0
      guard let text = natsight_GENERAL_NAMES_text(names, index, &kind) else { continue }
      let value = String(
        decoding: UnsafeBufferPointer(start: ASN1_STRING_get0_data(text), count: Int(ASN1_STRING_length(text))), as: UTF8.self)
      switch kind {
      case GEN_EMAIL: mail.append(value)
      case GEN_DNS: dns.append(value)
      case GEN_URI: uris.append(value)
      default: break
      }
    }
    return (mail, dns, uris)
  }
}
