import SystemAPI
import Wire

extension ReplyPart {
  /// Where in the document the part lies.
  func range(_ bytes: UnsafeBufferPointer<UInt8>, _ data: Range<Int>) -> Range<Int>? {
    switch self {
    case .accountDetail: return JSONBytes.member("account_detail", bytes, data)
    case .jetStreamAccount(let id):
      guard let rows = JSONBytes.member("account_details", bytes, data) else { return nil }
      var elements = JSONElements(bytes, rows)
      while let row = elements.next() {
        if let value = JSONBytes.member("id", bytes, row), JSONBytes.string(bytes, value) == id { return row }
      }
      return nil
    }
  }

  /// What the account's own service would have said.
  func absence(_ bytes: UnsafeBufferPointer<UInt8>, _ data: Range<Int>) -> ReplyError {
    switch self {
    case .accountDetail: return ReplyError(code: 500, description: "the account does not exist")
    case .jetStreamAccount(let id):
      let isOff = JSONBytes.member("disabled", bytes, data).map { JSONBytes.isTrue(bytes, $0) } ?? false
      return ReplyError(code: 500, description: isOff ? "jetstream not enabled" : "account \"\(id)\" not jetstream enabled")
    }
  }
}
