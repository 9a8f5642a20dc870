import Recorded
import SystemModel
import Wire

/// With which options an archive of another tool was gathered, as far as its documents show it: nothing else says so.
enum GatheredHoldings {
  static func of(_ contents: ArchiveContents) -> Holdings {
    let ids = contents.objects.keys
    func documents(_ name: FullDocument.Name) -> [JSONView] {
      ids.compactMap { contents.document(name, of: $0) }.map { JSONView(bytes: $0, range: 0..<$0.count) }
    }
    let connections = documents(.connz).flatMap { $0["connections"]?.elements ?? [] }
    let lists = connections.contains { $0["subscriptions_list_detail"] != nil || $0["subscriptions_list"] != nil }
    let subscribes = connections.contains { ($0["subscriptions"]?.int ?? 0) > 0 }
    let details = documents(.jsz).contains { $0["account_details"] != nil }
    let hasAccounts = documents(.jsz).contains { ($0["accounts"]?.int ?? 0) > 0 }
    var holdings = Holdings.gathered
    if subscribes, !lists { holdings.take(from: .gatheredBare, [.connz, .routez, .leafz, .subsz]) }
    if hasAccounts, !details { holdings.take(from: .gatheredBare, [.jsz, .gatewayz, .healthz]) }
    // The accounts' own lists tell whose a connection is.
    if !connections.isEmpty, connections.allSatisfy({ $0["account"] != nil }) { holdings.with[.connz, default: []].insert("account") }
    return holdings
  }
}

extension Holdings {
  /// Goes by others for these documents.
  fileprivate mutating func take(from others: Holdings, _ names: [FullDocument.Name]) {
    for name in names { (without[name], with[name]) = (others.without[name], others.with[name]) }
  }
}
