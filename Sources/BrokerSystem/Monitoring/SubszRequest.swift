import Wire

/// What SUBSZ is asked for.
struct SubszRequest {
  var offset = 0
  var limit = 1024
  var lists = false
  var account = ""
  var test = ""

  static let shape = RequestShape(
    "SubszEventOptions", ["offset": .int, "limit": .int, "subscriptions": .bool, "account": .string, "test": .string])

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
