/// A self-signed certificate, for `localhost` and 127.0.0.1 unless it is told otherwise, that is its own authority, and its key; both in a folder that the caller keeps.
public struct TestCertificate: Sendable {
  /// The PEM files.
  public let certificateFile: String
  public let keyFile: String

  public init(in folder: TemporaryFolder, name: String = "localhost", addresses: [String] = ["127.0.0.1"]) throws {
    certificateFile = folder.path("\(name).pem")
    keyFile = folder.path("\(name).key")
    let names = (["DNS:\(name)"] + addresses.map { "IP:\($0)" }).joined(separator: ",")
    let made = try ChildProcess.run(
      "openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=\(name)",
        "-addext", "subjectAltName=\(names)", "-keyout", keyFile, "-out", certificateFile,
      ])
    guard made.status == 0 else { throw TestFailure("openssl made no certificate: \(made.errors)") }
  }
}
