import Reactor
import SystemAPI
import Wire

/// Puts a reply's document into an answer, without the rows that were not asked for.
enum DataFilter {
  /// - Parameter used: The accounts whose rows stay; nil for all.
  static func append(_ bytes: UnsafeBufferPointer<UInt8>, _ data: Range<Int>, _ used: UsedAccounts?, to body: inout [UInt8]) {
    guard let used, let rows = JSONBytes.member("account_statz", bytes, data) else {
      body.append(contentsOf: bytes[data])
      return
    }
    body.append(contentsOf: bytes[data.lowerBound..<rows.lowerBound])
    body.append(UInt8(ascii: "["))
    var elements = JSONElements(bytes, rows)
    var isFirst = true
    while let element = elements.next() {
      guard used.contains(bytes, element) else { continue }
      if !isFirst { body.append(UInt8(ascii: ",")) }
      isFirst = false
      body.append(contentsOf: bytes[element])
    }
    body.append(UInt8(ascii: "]"))
    body.append(contentsOf: bytes[rows.upperBound..<data.upperBound])
  }
}

/// The accounts that have a connection on any of the servers that answered. What an account did on a server that its clients have
/// left since is part of its sums, so its row stays there too.
struct UsedAccounts {
  private var accounts: Set<[UInt8]> = []

  /// - Parameter countsLeafnodes: Whether an account with nothing but leafnode connections is in use.
  init(_ replies: [Reply], countsLeafnodes: Bool = true) {
    for reply in replies where reply.error == nil {
      guard let data = reply.data else { continue }
      reply.payload.withUnsafeBufferPointer { bytes in
        guard let rows = JSONBytes.member("account_statz", bytes, data) else { return }
        var elements = JSONElements(bytes, rows)
        while let row = elements.next() {
          guard UsedAccounts.isUsed(bytes, row, countsLeafnodes), let account = UsedAccounts.account(bytes, row) else { continue }
          accounts.insert(account)
        }
      }
    }
  }

  func contains(_ bytes: UnsafeBufferPointer<UInt8>, _ row: Range<Int>) -> Bool {
    UsedAccounts.account(bytes, row).map { accounts.contains($0) } ?? false
  }

  private static func account(_ bytes: UnsafeBufferPointer<UInt8>, _ row: Range<Int>) -> [UInt8]? {
    JSONBytes.member("acc", bytes, row).map { Array(bytes[$0]) }
  }

  private static func isUsed(_ bytes: UnsafeBufferPointer<UInt8>, _ row: Range<Int>, _ countsLeafnodes: Bool) -> Bool {
    let counts = JSONBytes.members(countsLeafnodes ? ["conns", "leafnodes"] : ["conns"], bytes, row)
    return counts.contains { $0.flatMap { JSONBytes.integer(bytes, $0) } ?? 0 > 0 }
  }
}
