import Wire

/// What a server says about itself in `INFO`.
public struct ServerInformation: Sendable, Equatable {
  public var id = ""
  public var name = ""
  public var version = ""
  public var cluster = ""
  public var maxPayload = 0
  public var nonce: String?
  public var tlsRequired = false
  public var tlsAvailable = false
  public var authRequired = false
  public var headers = false
  public var lameDuck = false
  public var connectURLs: [String] = []

  public init() {}

  init?(_ bytes: [UInt8]) {
    guard let value = try? JSONValue(parsing: bytes) else { return nil }
    id = value["server_id"]?.string ?? ""
    name = value["server_name"]?.string ?? ""
    version = value["version"]?.string ?? ""
    cluster = value["cluster"]?.string ?? ""
    maxPayload = value["max_payload"]?.int ?? 0
    nonce = value["nonce"]?.string
    tlsRequired = value["tls_required"]?.bool ?? false
    tlsAvailable = value["tls_available"]?.bool ?? false
    authRequired = value["auth_required"]?.bool ?? false
    headers = value["headers"]?.bool ?? false
    lameDuck = value["ldm"]?.bool ?? false
    connectURLs = value["connect_urls"]?.elements?.compactMap(\.string) ?? []
  }
}
