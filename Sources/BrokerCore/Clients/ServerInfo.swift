import Identity
import Wire

/// Writes INFO lines for clients. Confined to the shard.
final class ServerInfo {
  struct Details {
    var isConnectInfo = false
    var isLameDuck = false
  }

  private let services: Services
  private let authenticator: Authenticator
  /// Set once the listener is open.
  var clientPort: UInt16 = 0
  var isLameDuck = false

  init(_ services: Services, _ authenticator: Authenticator) {
    self.services = services
    self.authenticator = authenticator
  }

  /// What limits nobody is said as it is configured.
  private func limit(of client: ClientConnection) -> Int {
    let limits = services.configuration.limits
    guard client.isRegistered, limits.maxPayload >= 0 || client.maxPayload < limits.largestPayload else { return limits.maxPayload }
    return client.maxPayload
  }

  /// Where clients are told to come.
  var told: AdvertisedAddress {
    AdvertisedAddress(services.configuration.clientAdvertise, instead: services.configuration.host, Int(clientPort))
  }

  func line(for client: ClientConnection, _ details: Details = Details()) -> [UInt8] {
    let configuration = services.configuration
    var json = JSONWriter(capacity: 512)
    json.object { json in
      json.member("server_id", services.serverID)
      json.member("server_name", services.serverName)
      json.member("version", configuration.version)
      json.member("proto", 1)
      json.member("git_commit", unlessEmpty: configuration.gitCommit)
      json.member("go", configuration.toolchain)
      let told = told
      json.member("host", told.host)
      json.member("port", told.port)
      json.member("headers", configuration.headers || client.preset != nil)
      json.member("auth_required", ifTrue: authenticator.announcesRequirement && client.preset == nil)
      if let tls = configuration.tls, !client.isInProcess {
        json.member("tls_required", ifTrue: !configuration.allowNonTLS)
        json.member("tls_verify", ifTrue: tls.verify || tls.verifyAndMap)
        json.member("tls_available", ifTrue: configuration.allowNonTLS)
      }
      json.member("max_payload", limit(of: client))
      json.member("client_id", client.cid)
      json.member("client_ip", client.host)
      if !client.nonce.isEmpty && !client.isRegistered {
        json.member("nonce", String(decoding: client.nonce, as: UTF8.self))
      }
      json.member("cluster", unlessEmpty: configuration.clusterName ?? "")
      json.member("ldm", ifTrue: details.isLameDuck || isLameDuck)
      if details.isConnectInfo {
        json.member("connect_info", true)
        json.member("remote_account", client.account.name)
        json.member("acc_is_sys", ifTrue: client.account.isSystem)
      }
      json.member("xkey", services.curveKey.publicKey)
    }
    return Array("INFO ".utf8) + json.bytes + Array(" \r\n".utf8)
  }
}
