import Recorded
import SystemAPI

/// One question that a server is asked live and from what was kept of it.
struct QuestionRow {
  let form: QuestionForm
  /// Arrays whose order counts.
  let ordered: Set<String>

  init(_ form: QuestionForm, ordered: Set<String> = []) {
    self.form = form
    self.ordered = ordered
  }

  /// - Parameter options: JSON members without braces.
  init(_ endpoint: Endpoint, _ options: String, account: String? = nil, ordered: Set<String> = []) {
    let service: QuestionForm.Service
    switch endpoint.form {
    case .server: service = .server(endpoint.service)
    case .accountStatistics: service = .accountStatistics
    case .account: service = .subject("$SYS.REQ.ACCOUNT.\(account ?? "USERS").\(endpoint.service)")
    }
    self.init(
      QuestionForm(service, payload: options.isEmpty ? "" : "{\(options)}", endpoint: endpoint.name, envelope: endpoint.envelope),
      ordered: ordered)
  }

  /// The member that rows of connz come by. Whole seconds would make rows equal that have an order.
  var key: String {
    let field = Endpoint.connz.rows?.sorts.first { form.payload.contains("\"sort\":\"\($0.name)\"") }?.field ?? "cid"
    return ["idle": "last_activity", "uptime": "start"][field] ?? field
  }

  var title: String { "\(form.service) \(form.payload)" }

  /// Every parameter of every endpoint with values that matter, each by itself.
  static func parameters(connections: [UInt64]) -> [QuestionRow] {
    var rows: [QuestionRow] = []
    for endpoint in EndpointTable.endpoints + EndpointTable.accountEndpoints {
      rows.append(QuestionRow(endpoint, endpoint.fixedOptions))
      for parameter in endpoint.parameters where !parameter.field.isEmpty {
        for value in values(parameter, connections) {
          guard let option = try? parameter.option(value) else { continue }
          rows.append(QuestionRow(endpoint, option, ordered: ["connections"]))
        }
      }
    }
    return rows
  }

  private static func values(_ parameter: EndpointParameter, _ connections: [UInt64]) -> [String] {
    switch parameter.kind {
    case .boolean: ["true", "false"]
    case .booleanOrDetail: ["true", "false", "detail"]
    case .count, .number, .atMost: ["0", "1", "2", "3", "5000"]
    case .unsigned: ["0", "4000000000"] + connections.map(String.init)
    case .text, .identifier, .moment, .earlier:
      ["USERS", "OTHER", "SYS", "$G", "NOPE", "A", "B", "a", "b", "S1", "orders.>", ">", "*", "orders.1"]
    case .duration: ["1s"]
    case .list, .words: ["USERS", "NOPE"]
    case .word(let words): words.map(\.word)
    case .choice(let words): words + ["bogus"]
    }
  }

  /// Options that meet.
  static func combinations(connections: [UInt64]) -> [QuestionRow] {
    let some = connections.first ?? 1
    let connz: [String] = [
      #""auth":true,"subscriptions":true"#, #""auth":true,"acc":"USERS""#, #""auth":true,"acc":"OTHER","subscriptions":true"#,
      #""offset":1,"limit":2"#, #""offset":2,"limit":2,"sort":"bytes_from""#, #""offset":99"#, #""sort":"msgs_from","limit":1"#,
      #""offset":-3,"limit":-7"#, #""cid":\#(some),"auth":true"#, #""cid":\#(some),"offset":1"#, #""cid":\#(some),"acc":"OTHER""#,
      #""cid":\#(some),"limit":50,"user":"nobody""#, #""acc":"USERS","user":"a","sort":"last","limit":2"#, #""acc":"OTHER","user":"a""#,
      #""acc":"OTHER","filter_subject":"orders.1""#, #""acc":"OTHER","filter_subject":"orders.*","auth":true"#,
      #""acc":"OTHER","filter_subject":"nothing.here""#, #""acc":"OTHER","filter_subject":">""#, #""filter_subject":"orders.1""#,
      #""acc":"NOPE","offset":3,"limit":4"#, #""state":7"#, #""state":7,"auth":true,"sort":"last""#, #""sort":"uptime","auth":true"#,
      #""limit":"ten""#, #""auth":1"#, #""cid":-1"#, #""offset":1.5"#, #""sort":null,"LIMIT":2"#, #""limit":1,"limit":2"#,
      #""acc":"OTHER","mqtt_client":"x""#, #""unknown":true"#,
    ]
    let jsz: [String] = [
      #""accounts":true,"streams":true"#, #""consumer":true,"config":true"#, #""consumer":true"#, #""streams":true,"config":true"#,
      #""account":"USERS","consumer":true,"config":true"#, #""account":"USERS""#, #""account":"OTHER""#,
      #""account":"NOPE","streams":true"#,
      #""accounts":true,"offset":1"#, #""accounts":true,"offset":9"#, #""accounts":true,"limit":1"#,
      #""accounts":true,"streams":true,"consumer":true,"config":true,"raft":true"#, #""streams":true,"raft":true"#,
      #""consumer":true,"raft":true"#, #""streams":true,"stream_leader_only":true"#, #""consumer":true,"direct_consumer":true"#,
      #""leader_only":true,"accounts":true"#, #""accounts":"yes""#, #""config":true"#,
    ]
    let gatewayz: [String] = [
      #""name":"A""#, #""name":"B","accounts":true"#, #""account_name":"USERS""#, #""account_name":"NOPE""#, #""name":"C""#,
      #""name":"B","account_name":"OTHER""#, #""accounts":true"#, #""subscriptions":true"#,
    ]
    let accountJsz: [String] = [
      "", #""streams":true"#, #""consumer":true"#, #""streams":true,"consumer":true"#, #""streams":true,"consumer":true,"config":true"#,
      #""streams":true,"raft":true"#, #""streams":true,"config":true,"stream_leader_only":true"#,
    ]
    return connz.map { QuestionRow(.connz, $0, ordered: ["connections"]) }
      + jsz.map { QuestionRow(.jsz, $0) } + gatewayz.map { QuestionRow(.gatewayz, $0) }
      + ["USERS", "OTHER", "SYS", "$G", "NOPE"].flatMap { (account: String) -> [QuestionRow] in
        accountJsz.map { QuestionRow(.accountJsz, $0, account: account) }
          + [
            QuestionRow(.accountConnz, "", account: account, ordered: ["connections"]),
            QuestionRow(.accountConnz, #""auth":true,"sort":"bytes_from","limit":2"#, account: account, ordered: ["connections"]),
            QuestionRow(.accountConnz, #""cid":\#(some),"auth":true"#, account: account),
            QuestionRow(.accountLeafz, #""subscriptions":true"#, account: account), QuestionRow(.accountLeafz, "", account: account),
            QuestionRow(.accountSubsz, "", account: account), QuestionRow(.accountInfo, "", account: account),
            QuestionRow(.accountStatz, "", account: account), QuestionRow(.accountStatz, #""include_unused":true"#, account: account),
            QuestionRow(.subsz, #""account":"\#(account)""#), QuestionRow(.accountz, #""account":"\#(account)""#),
            QuestionRow(.leafz, #""account":"\#(account)","subscriptions":true"#),
            QuestionRow(.accstatz, #""accounts":["\#(account)","SYS"]"#),
            QuestionRow(.accstatz, #""accounts":["\#(account)"],"include_unused":true"#), QuestionRow(.raftz, #""account":"\#(account)""#),
          ]
      } + [
        QuestionRow(.accstatz, ""), QuestionRow(.accstatz, #""accounts":[]"#), QuestionRow(.subsz, #""test":"a.*""#),
        QuestionRow(.subsz, #""test":"a.b","offset":4,"limit":9"#), QuestionRow(.subsz, #""test":"a..b""#),
        QuestionRow(.healthz, #""js-server-only":true,"details":true"#), QuestionRow(.healthz, #""stream":"S1""#),
        QuestionRow(.healthz, #""account":"USERS","stream":"S1""#), QuestionRow(.healthz, #""account":"USERS","consumer":"C1""#),
        QuestionRow(.healthz, #""account":"USERS","stream":"S1","consumer":"C1","details":true"#),
        QuestionRow(.healthz, #""account":"USERS","stream":"NONE","details":true"#),
        QuestionRow(.healthz, #""account":"USERS","stream":"S1","consumer":"NONE""#),
        QuestionRow(.ipqueuesz, #""all":true,"filter":"JS API""#), QuestionRow(.raftz, #""group":"_meta_""#),
        QuestionRow(.raftz, #""group":"NONE""#), QuestionRow(.raftz, #""account":"SYS","group":"_meta_""#),
      ]
  }

  /// What chooses servers.
  static let filters: [QuestionRow] = [
    #""server_name":"a1""#, #""server_name":"a""#, #""server_name":"zz""#, #""cluster":"A""#, #""cluster":"B""#, #""host":"127""#,
    #""host":"10.0""#, #""tags":["x"]"#, #""tags":["green"]"#, #""tags":["GREEN","x"]"#, #""domain":"hub""#, #""domain":"""#,
    #""server_name":"a","exact_match":true"#, #""cluster":"A","exact_match":true"#, #""tags":"green""#, #""server_name":7"#,
  ].flatMap { [QuestionRow(.varz, $0), QuestionRow(.leafz, $0), QuestionRow(.statsz, $0)] }
}
