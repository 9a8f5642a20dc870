import ArgumentParser
import Identity

/// How a gateway is asked for something.
public struct GatewayAccess: Sendable {
  public var url: String
  public var headers: [(name: String, value: String)] = []
  public var caFile = ""
  public var certificateFile = ""
  public var keyFile = ""

  /// - Parameters:
  ///   - base: The gateway's address, such as `http://localhost:8222`.
  ///   - flag: Where that stood, for complaints.
  ///   - path: What it is asked for, beginning with a slash.
  /// - Throws: A sentence about a URL or a file that cannot be used.
  init(_ base: String, flag: String, path: String, _ client: ClientFlags) throws {
    guard !base.contains("?"), !base.contains("#") else {
      throw ValidationError("\(flag) takes a gateway's address, such as http://localhost:8222")
    }
    var url = base
    while url.hasSuffix("/") { url.removeLast() }
    self.url = url + path
    if let authorization = try client.authorization() { headers.append(("Authorization", authorization)) }
    (caFile, certificateFile, keyFile) = client.certificates
  }
}
