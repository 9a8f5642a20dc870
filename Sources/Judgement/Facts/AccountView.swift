import SystemAPI
import Wire

/// An account's details, as the servers that know it tell.
struct AccountView {
  let id: String
  let replies: [JSONView]

  static func all(_ replies: [DocumentReply]) -> [AccountView] {
    let views = replies.compactMap { $0.document["account_detail"] ?? ($0.document["account_name"] == nil ? nil : $0.document) }
    return Dictionary(grouping: views) { $0["account_name"]?.string ?? "" }.filter { !$0.key.isEmpty }
      .map { AccountView(id: $0.key, replies: $0.value) }.sorted { $0.id < $1.id }
  }

  /// Servers may know different claims for a while.
  var newest: JSONView {
    replies.max { ($0["update_time"]?.time ?? .zero) < ($1["update_time"]?.time ?? .zero) } ?? JSONView(bytes: [], range: 0..<0)
  }

  var name: String { newest["name_tag"]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? id }

  /// A figure that each server has of its own.
  func sum(_ member: String) -> Int { replies.reduce(0) { $0 + ($1.member(named: member)?.amount ?? 0) } }

  /// A limit of JetStream, summed over its tiers; nil where one of them has none.
  func jetStreamLimit(_ name: String) -> Int? {
    let tiers = newest["jetstream_limits"]?.memberRanges.map { JSONView(bytes: newest.bytes, range: $0.value) } ?? []
    let limits = tiers.compactMap { $0.member(named: name)?.limit }
    return limits.isEmpty || limits.count < tiers.count ? nil : limits.reduce(0) { Amount.of($0 + $1) }
  }

  /// nil for none, and where there are no claims.
  func claimLimit(_ name: String) -> Int? { newest["decoded_jwt"]?["nats"]?["limits"]?.member(named: name)?.limit }
}
