import HTTPServer
import Wire

/// An answer that is an error: one shape for all of them.
public struct GatewayError: Error, Sendable, Equatable {
  public let code: Int
  public let reason: String
  public let description: String
  /// More members of the `error` object, as JSON: `"servers":[…]`.
  public var details = ""

  public init(_ code: Int, _ reason: String, _ description: String) {
    self.code = code
    self.reason = reason
    self.description = description
  }

  /// Nobody answers on the system's subjects: says so, and what to do.
  static func notInSystemAccount(_ subject: String) -> GatewayError {
    GatewayError(
      503, "not_in_system_account",
      "the gateway's user is not in the system account: nobody answers \(subject). Connect it as a user of the account that "
        + "system_account names; where its own account imports the system services under another name, give --sys-req-prefix")
  }

  public var reply: GatewayReply {
    var json = JSONWriter()
    json.beginObject()
    json.key("error")
    json.beginObject()
    json.member("code", code)
    json.member("reason", reason)
    json.member("description", description)
    json.endObject()
    json.endObject()
    var body = json.bytes
    if !details.isEmpty {
      body.removeLast(2)
      body.append(contentsOf: ",\(details)}}".utf8)
    }
    body.append(0x0A)
    return .json(body, status: code, headers: code == 429 || code == 503 ? [HTTPHeader("Retry-After", "1")] : [])
  }
}
