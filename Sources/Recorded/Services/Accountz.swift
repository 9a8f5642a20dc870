import SystemAPI
import Wire

/// ACCOUNTZ and INFO: the accounts, and one account's details.
enum Accountz {
  static func answer(_ payload: RequestPayload, _ documents: RecordedDocuments) throws(Obstacle) -> [UInt8] {
    let account = payload.string("account")
    guard !account.isEmpty else { return try documents.document(.accountz) }
    return try whole(account, documents)
  }

  /// `$SYS.REQ.ACCOUNT.<a>.INFO`
  static func info(_ payload: RequestPayload, _ documents: RecordedDocuments, account: String) throws(Obstacle) -> [UInt8] {
    try details(of: account, documents).bytes
  }

  /// What `account_detail` holds.
  static func details(of account: String, _ documents: RecordedDocuments) throws(Obstacle) -> Document {
    let document = Document(.account, try whole(account, documents))
    guard let part = try document.members("account_detail")[0] else { throw .notRecorded(.unreadable(.account)) }
    return Document(.account, Array(document.bytes[part]))
  }

  private static func whole(_ account: String, _ documents: RecordedDocuments) throws(Obstacle) -> [UInt8] {
    if let found = try documents.find(.account, account: account) { return found }
    guard try AccountNames.has(account, documents) else { throw .refused("Account \(account) does not exist") }
    throw .notRecorded(.account(account))
  }
}
