import BrokerCore
import Identity
import Wire

/// CLAIMS.UPDATE where accounts come from the configuration: nothing can be updated, and whoever tries is told why.
extension SystemService {
  func subscribeClaimsRequests() {
    on("$SYS.ACCOUNT.*.CLAIMS.UPDATE") { $0.refuseClaims($1, account: Self.token(2, of: $1)) }
    on("$SYS.REQ.ACCOUNT.*.CLAIMS.UPDATE") { $0.refuseClaims($1, account: Self.token(3, of: $1)) }
  }

  private static func token(_ index: Int, of message: InternalMessage) -> String {
    let tokens = message.subject.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return index < tokens.count ? String(decoding: tokens[index], as: UTF8.self) : ""
  }

  private func refuseClaims(_ message: InternalMessage, account: String) {
    let token = String(decoding: message.payload, as: UTF8.self).filter { !$0.isWhitespace }
    var fault: String?
    if message.payload.isEmpty {
      fault = "jwt update error - request body is empty"
    } else {
      do {
        let claims = try Token.decode(token, as: AccountClaims.self)
        if claims.standard.subject != account { fault = "jwt update resulted in error - subject does not match jwt content" }
      } catch {
        fault = "jwt update resulted in error - \(error)"
      }
    }
    var json = JSONWriter(capacity: 512)
    json.object { json in
      json.key("server")
      object.write(&json)
      json.member(fault == nil ? "data" : "error") { json in
        json.member("account", account)
        json.member("code", fault == nil ? 200 : 500)
        if let fault { json.member("description", fault) } else { json.member("message", "jwt update skipped") }
      }
    }
    send(json.bytes, to: message, encoded: false)
  }
}
