import SystemAPI
import Wire

/// A service of servers: who answers for it.
struct RecordedService: Sendable {
  typealias Answer = @Sendable (RequestPayload, RecordedDocuments) throws(Obstacle) -> [UInt8]

  let name: String
  /// The releases that have it.
  let since: [ServerVersion]
  /// What its options are; nil where it reads none.
  let shape: RequestShape?
  let answer: Answer

  private init(_ row: Endpoint, _ type: String?, _ answer: @escaping Answer) {
    name = row.service
    since = row.since
    shape = type.map { RequestShape($0, row) }
    self.answer = answer
  }

  static let table: [RecordedService] = [
    RecordedService(.varz, "VarzEventOptions") { _, documents throws(Obstacle) in try documents.document(.varz) },
    RecordedService(.connz, "ConnzEventOptions") { payload, documents throws(Obstacle) in try Connz.answer(payload, documents) },
    RecordedService(.routez, "RoutezEventOptions") { payload, documents throws(Obstacle) in try Routez.answer(payload, documents) },
    RecordedService(.gatewayz, "GatewayzEventOptions") { payload, documents throws(Obstacle) in try Gatewayz.answer(payload, documents) },
    RecordedService(.leafz, "LeafzEventOptions") { payload, documents throws(Obstacle) in try Leafz.answer(payload, documents) },
    RecordedService(.subsz, "SubszEventOptions") { payload, documents throws(Obstacle) in try Subsz.answer(payload, documents) },
    RecordedService(.jsz, "JszEventOptions") { payload, documents throws(Obstacle) in try Jsz.answer(payload, documents) },
    RecordedService(.accountz, "AccountzEventOptions") { payload, documents throws(Obstacle) in try Accountz.answer(payload, documents) },
    RecordedService(.statsz, "StatszEventOptions") { _, documents throws(Obstacle) in try Statsz.answer(documents) },
    RecordedService(.healthz, "HealthzEventOptions") { payload, documents throws(Obstacle) in try Healthz.answer(payload, documents) },
    RecordedService(.ipqueuesz, "IpqueueszEventOptions") { payload, documents throws(Obstacle) in
      try Ipqueuesz.answer(payload, documents)
    },
    RecordedService(.raftz, "RaftzEventOptions") { payload, documents throws(Obstacle) in try Raftz.answer(payload, documents) },
    RecordedService(.expvarz, "ExpvarzEventOptions") { _, documents throws(Obstacle) in try documents.document(.expvarz) },
    RecordedService(.idz, nil) { _, documents throws(Obstacle) in Idz.answer(documents) },
  ]

  private static let byName = Dictionary(table.map { ($0.name, $0) }) { first, _ in first }

  static func named(_ name: String) -> RecordedService? { byName[name] }

  static let accountStatz = RequestShape("AccountStatzEventOptions", ["accounts": .strings, "include_unused": .bool])
}

/// A service of accounts: who answers for it.
struct RecordedAccountService: Sendable {
  typealias Answer = @Sendable (RequestPayload, RecordedDocuments, _ account: String) throws(Obstacle) -> [UInt8]

  let name: String
  let shape: RequestShape
  let answer: Answer

  private init(_ row: Endpoint, _ shape: RequestShape, _ answer: @escaping Answer) {
    name = row.service
    self.shape = shape
    self.answer = answer
  }

  static let table: [RecordedAccountService] = [
    RecordedAccountService(.accountConnz, RequestShape("ConnzEventOptions", .connz)) { payload, documents, account throws(Obstacle) in
      try Connz.answer(payload, documents, account: account)
    },
    RecordedAccountService(.accountLeafz, RequestShape("LeafzEventOptions", .leafz)) { payload, documents, account throws(Obstacle) in
      try Leafz.answer(payload, documents, account: account)
    },
    RecordedAccountService(.accountSubsz, RequestShape("SubszEventOptions", .subsz)) { payload, documents, account throws(Obstacle) in
      try Subsz.answer(payload, documents, account: account)
    },
    RecordedAccountService(.accountJsz, RequestShape("JszEventOptions", .jsz)) { payload, documents, account throws(Obstacle) in
      try Jsz.answer(payload, documents, account: account)
    },
    RecordedAccountService(.accountInfo, RequestShape("AccInfoEventOptions")) { payload, documents, account throws(Obstacle) in
      try Accountz.info(payload, documents, account: account)
    },
    RecordedAccountService(.accountStatz, RecordedService.accountStatz) { payload, documents, account throws(Obstacle) in
      try AccountStatz.answer(payload, documents, account: account == "PING" ? nil : account)
    },
  ]

  private static let byName = Dictionary(table.map { ($0.name, $0) }) { first, _ in first }

  static func named(_ name: String) -> RecordedAccountService? { byName[name] }
}
