import Foundation
import Recorded
import SystemAPI
import TestSupport

/// The full documents of a real server, as a recorder asks for them.
struct KeptServer {
  let name: String
  let id: String
  let recorded: RecordedServer
  let documents: [String: [UInt8]]

  init(_ name: String, id: String, from asker: Asker) throws {
    var kept: [String: [UInt8]] = [:]
    var server: [UInt8] = []
    guard case .reply(let own, _) = try asker.ask(FullDocument.named(.varz).question(version: ""), of: id, named: name) else {
      throw TestFailure("\(name) does not answer")
    }
    server = own
    let version = server.withUnsafeBufferPointer { ServerDescription(message: $0)?.version ?? "" }
    for document in FullDocument.table where document.account == nil && document.isSupported(by: version) {
      kept[document.name.rawValue] = try Self.whole(document, version, asker, id, name)
    }
    for document in FullDocument.table where document.account != nil && document.isSupported(by: version) {
      for account in document.accounts(accountz: kept["accountz"] ?? [], leafz: kept["leafz"] ?? []) {
        kept["\(document.name.rawValue) \(account)"] = try Self.whole(document, version, asker, id, name, account: account)
      }
    }
    let all = kept
    guard
      let documents = RecordedDocuments(
        server: server, lookup: { name, account in all[account.map { "\(name.rawValue) \($0)" } ?? name.rawValue] })
    else { throw TestFailure("\(name) does not say who it is") }
    self.name = name
    self.id = id
    self.documents = kept
    recorded = RecordedServer(documents)
  }

  static func object(_ bytes: [UInt8]) throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] ?? [:]
  }

  private static func whole(
    _ document: FullDocument, _ version: String, _ asker: Asker, _ id: String, _ name: String, account: String? = nil
  ) throws -> [UInt8]? {
    var join = PageJoin(document, version: version)
    var offset = 0
    while true {
      let question = document.question(version: version, account: account, offset: offset)
      guard case .reply(_, let page) = try asker.ask(question, of: id, named: name) else { return nil }
      guard join != nil else { return page }
      switch join?.add(page) {
      case .next(let next): offset = next
      case .whole: return join?.document()
      default: throw TestFailure("\(document.name): no page")
      }
    }
  }
}
