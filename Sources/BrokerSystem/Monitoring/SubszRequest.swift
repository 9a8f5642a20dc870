import SystemAPI
import Wire

/// What SUBSZ is asked for.
struct SubszRequest {
  var offset = 0
  var limit = 1024
  var lists = false
  var account = ""
  var test = ""

  /// The Go type that errors about a request's members name.
  static let typeName = "SubszEventOptions"

  init() {}

  init(_ request: RequestPayload) {
    offset = max(0, request.int("offset"))
    let wanted = request.int("limit")
    limit = wanted <= 0 ? 1024 : wanted
    lists = request.bool("subscriptions")
    account = request.string("account")
    test = request.string("test")
  }
}
