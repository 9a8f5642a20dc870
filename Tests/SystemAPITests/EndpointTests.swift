import SystemAPI
import Testing
import Wire

@Suite struct VersionTests {
  @Test(arguments: [
    ("2.9.10", ServerVersion(2, 9, 10)), ("v2.10.26", ServerVersion(2, 10, 26)), ("2.15.0-dev", ServerVersion(2, 15, 0)),
    ("2.11.0-RC.3", ServerVersion(2, 11, 0)),
  ])
  func reads(_ text: String, _ expected: ServerVersion) { #expect(ServerVersion(text) == expected) }

  @Test(arguments: ["", "2", "2.9", "two.nine.ten", "..", "2..1"])
  func refuses(_ text: String) { #expect(ServerVersion(text) == nil) }

  @Test(arguments: [
    ("2.9.10", false), ("2.11.10", false), ("2.11.11", true), ("2.11.12", true), ("2.12.0", false), ("2.12.1", false),
    ("2.12.2", true), ("2.13.0", true), ("3.0.0", true), ("unreadable", true),
  ])
  func aFeatureOfTwoLines(_ version: String, _ isThere: Bool) {
    let since = [ServerVersion(2, 11, 11), ServerVersion(2, 12, 2)]
    #expect(Endpoint.isSupported(since, by: version) == isThere)
  }

  @Test func raftzIsNewerThanThePackagedServer() throws {
    let raftz = try #require(EndpointTable.endpoint("raftz"))
    #expect(!raftz.isSupported(by: "2.9.10"))
    #expect(raftz.isSupported(by: "2.10.26"))
  }
}

@Suite struct SubjectTests {
  @Test(arguments: ["", "a b", "a\tb", "a*", ">", "a\r\nb", "PING", "NSUBS", "CLAIMS", "a\u{0}", "a\u{85}b", "a\u{2003}b", "a.b"])
  func refuses(_ text: String) { #expect(throws: SubjectToken.Refusal.self) { try SubjectToken(text) } }

  @Test(arguments: ["a1", "$G", "NDSX436Q27RJSQCGRKXCI6FTY2CCJBKG73U5KS62PIZAXTM2JRCMCJAS", "ping", "server-1_x", "größe"])
  func takes(_ text: String) throws { #expect(try SubjectToken(text).text == text) }

  @Test func aNameMayHoldADotButATokenMayNot() throws {
    try SubjectToken.checkName("host.example")
    #expect(throws: SubjectToken.Refusal.self) { try SubjectToken("host.example") }
  }

  @Test func subjects() throws {
    let subject = SystemSubject()
    #expect(subject.ping == "$SYS.REQ.SERVER.PING")
    #expect(subject.everyServer("VARZ") == "$SYS.REQ.SERVER.PING.VARZ")
    #expect(subject.server(try SubjectToken("NA"), "VARZ") == "$SYS.REQ.SERVER.NA.VARZ")
    #expect(subject.account(try SubjectToken("A"), "CONNZ") == "$SYS.REQ.ACCOUNT.A.CONNZ")
    #expect(SystemSubject(prefix: "mon").everyServer("VARZ") == "mon.SERVER.PING.VARZ")
  }
}

@Suite struct ParameterTests {
  @Test(arguments: [
    ("connz", "subs", "true", #""subscriptions":true"#), ("connz", "subs", "detail", #""subscriptions_detail":true"#),
    ("connz", "state", "Closed", #""state":1"#), ("connz", "state", "all", #""state":2"#), ("connz", "limit", "-1", #""limit":0"#),
    ("jsz", "limit", "-1", #""limit":0"#), ("jsz", "offset", "-9223372036854775808", #""offset":0"#),
    ("connz", "offset", "9223372036854775807", #""offset":2147483648"#), ("jsz", "consumers", "1", #""consumer":true"#),
    ("jsz", "direct-consumers", "t", #""direct_consumer":true"#), ("gatewayz", "gw_name", "B", #""name":"B""#),
    ("healthz", "js-enabled-only", "1", #""js-enabled-only":true"#), ("subsz", "test", "a\"b", #""test":"a\"b""#),
    ("ipqueuesz", "queues", "x", #""filter":"x""#), ("connz", "sort", "bytes_to", #""sort":"bytes_to""#),
  ])
  func becomesAnOption(_ endpoint: String, _ name: String, _ value: String, _ option: String) throws {
    let parameter = try #require(EndpointTable.endpoint(endpoint)?.parameter(name))
    #expect(try parameter.option(value) == option)
  }

  @Test(arguments: [
    ("connz", "auth", "yes"), ("connz", "limit", "ten"), ("connz", "limit", "1.5"), ("connz", "state", "ajar"), ("leafz", "subs", "detail"),
    ("connz", "cid", "-1"), ("connz", "cid", "+1"), ("jsz", "offset", "99999999999999999999"),
  ])
  func refuses(_ endpoint: String, _ name: String, _ value: String) throws {
    let parameter = try #require(EndpointTable.endpoint(endpoint)?.parameter(name))
    let error = #expect(throws: EndpointParameter.Refusal.self) { try parameter.option(value) }
    let sentence = try #require(error?.sentence)
    #expect(sentence.contains(name) && sentence.contains(value) && sentence.contains("accepted"))
  }

  @Test(arguments: [
    (EndpointParameter.Kind.duration(), ["0", "0s", "500ms", "1m30s", "+2s", ".5s"], ["", "5", "-1s", "1x", "s"]),
    (.duration(aboveZero: true), ["1ns", "2s"], ["0", "0s", "-1s"]),
    (.number(1...15), ["1", "15"], ["0", "16", "-1", "1.5", "x"]),
    (.atMost(15), ["0", "15", "16", "99999"], ["-1", "x"]),
    (.list, ["a", "a,b"], []),
    (.words(["a", "b"]), ["a", "a,b", "b,b"], ["c", "a,c"]),
    (.moment, ["15m", "2d", "2026-11-20T21:35:18Z"], ["-15m", "yesterday"]),
  ])
  func readsWhatItSays(_ kind: EndpointParameter.Kind, _ taken: [String], _ refused: [String]) {
    let parameter = EndpointParameter("p", nil, kind, "help")
    func read(_ value: String) throws(EndpointParameter.Refusal) {
      switch kind {
      case .moment: _ = try parameter.moment(value, now: .zero)
      default: _ = try parameter.option(value)
      }
    }
    for value in taken { #expect(throws: Never.self, "\(value)") { try read(value) } }
    for value in refused { #expect(throws: EndpointParameter.Refusal.self, "\(value)") { try read(value) } }
  }

  @Test func largerNumbersCountAsTheLargest() throws {
    let parameter = EndpointParameter("p", nil, .atMost(15), "help")
    #expect(try parameter.number("16") == 15 && parameter.number("3") == 3)
  }

  @Test func filtersBecomeOptions() throws {
    let options = try CommonParameters.filters.map { try $0.option($0.name == "exact" ? "1" : "a,b") }
    #expect(
      options == [
        #""server_name":"a,b""#, #""host":"a,b""#, #""cluster":"a,b""#, #""tags":["a","b"]"#, #""domain":"a,b""#, #""exact_match":true"#,
      ])
  }

  @Test func everyEndpointHasRulesAndHelp() {
    for endpoint in EndpointTable.endpoints + EndpointTable.accountEndpoints {
      #expect(!endpoint.help.isEmpty)
      #expect(!endpoint.merge.fields.isEmpty)
      #expect(Set(endpoint.parameters.map(\.name)).count == endpoint.parameters.count)
    }
    #expect(EndpointTable.endpoint("subscriptionsz")?.name == "subsz")
    #expect(EndpointTable.endpoint("debug/vars")?.name == "expvarz")
    #expect(EndpointTable.canonical(["server", "a", "debug", "vars"]) == ["server", "a", "expvarz"])
    #expect(EndpointTable.canonical(["subscriptionsz"]) == ["subsz"] && EndpointTable.canonical(["vars"]) == ["vars"])
    #expect(EndpointTable.endpoint("stacksz") == nil && EndpointTable.endpoint("kick") == nil)
  }
}

@Suite struct EnvelopeTests {
  private func read<R>(_ text: String, _ body: (UnsafeBufferPointer<UInt8>, ReplyEnvelope?) -> R) -> R {
    Array(text.utf8).withUnsafeBufferPointer { body($0, ReplyEnvelope($0)) }
  }

  @Test func partsOfAReply() {
    read(#"{"server":{"name":"n1","id":"NA","cluster":"c","tags":["x"],"ver":"2.9.10","jetstream":true},"data":{"a":[1,{"b":"}"}]}}"#) {
      bytes, envelope in
      #expect(envelope?.data.map { String(decoding: bytes[$0], as: UTF8.self) } == #"{"a":[1,{"b":"}"}]}"#)
      let server = envelope?.server.flatMap { ServerDescription(bytes, $0) }
      #expect(server?.name == "n1" && server?.id == "NA" && server?.cluster == "c" && server?.tags == ["x"] && server?.jetstream == true)
    }
  }

  @Test func anErrorWithNullData() {
    read(#"{"server":{"id":"NA"},"data":null,"error":{"code":500,"description":"invalid \"x\""}}"#) { bytes, envelope in
      #expect(envelope?.data == nil)
      #expect(envelope?.error.flatMap { ReplyError(bytes, $0) } == ReplyError(code: 500, description: #"invalid "x""#))
    }
  }

  @Test func heartbeats() {
    read(#"{"server":{"id":"NA"},"statsz":{"active_servers":3}}"#) { bytes, envelope in
      #expect(envelope?.statsz.flatMap { JSONBytes.member("active_servers", bytes, $0) }.flatMap { JSONBytes.integer(bytes, $0) } == 3)
    }
  }

  @Test(arguments: [
    "", "[]", "null", "{", #"{"server":{}"#, #"{"server":{}}x"#, #"{"server":{},}"#, #"{"server" {}}"#, #"{"a":[1,2}}"#, #"{"a":"unended}"#,
    #"{"server":{"id":"NA"}} {"server":{}}"#, String(repeating: "[", count: 10_000),
  ])
  func refusesWhatIsNoObject(_ text: String) { read(text) { _, envelope in #expect(envelope == nil) } }

  /// Of repeated names the first counts, also where it is written with escapes.
  @Test func theFirstOfRepeatedNames() {
    read(
      #"{"s\u0065rver":{"id":"A","id":"B","n\u0061me":"x","name":"y"},"server":{"id":"C"},"data":1,"data":2,"error":{"code":1,"code":2}}"#
    ) {
      bytes, envelope in
      let server = envelope?.server.flatMap { ServerDescription(bytes, $0) }
      #expect(server?.id == "A" && server?.name == "x")
      #expect(envelope?.server.map { ServerDescription.isAmbiguous(bytes, $0) } == true)
      #expect(envelope?.data.map { String(decoding: bytes[$0], as: UTF8.self) } == "1")
      #expect(envelope?.error.flatMap { ReplyError(bytes, $0) }?.code == 1)
    }
    // A first part that says nothing is the part all the same.
    read(#"{"data":null,"data":2,"server":{"id":"A","ID":"B"}}"#) { bytes, envelope in
      #expect(envelope != nil && envelope?.data == nil)
      #expect(envelope?.server.map { ServerDescription.isAmbiguous(bytes, $0) } == false)
    }
  }

  /// What is spliced into an answer is JSON.
  @Test(arguments: ["nonsense", "01", "+1", ".5", "1.", "1e", "nan", "NaN", "TRUE", "nul", #""\x""#, "\"\t\"", "[1,]", "{,}", "\u{7F}"])
  func refusesWhatIsNoValue(_ value: String) {
    read(#"{"server":{"id":"NA"},"data":{"a":\#(value)}}"#) { _, envelope in #expect(envelope == nil) }
  }

  @Test func depth() {
    func nested(_ depth: Int) -> String { #"{"data":"# + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}" }
    read(nested(127)) { _, envelope in #expect(envelope != nil) }
    read(nested(128)) { _, envelope in #expect(envelope == nil) }
  }

  @Test func everyPrefixIsCutShort() {
    let whole = #"{"server":{"id":"NA","tags":["a","b\"\\"]},"data":{"x":[1,-2.5e3,true,null]}}"#
    for length in 0..<whole.utf8.count {
      let part = String(decoding: Array(whole.utf8).prefix(length), as: UTF8.self)
      read(part) { _, envelope in #expect(envelope == nil, "\(part)") }
    }
  }

  @Test(arguments: [
    (#""a\u003eb""#, "a>b"), (#""\ud83d\ude00""#, "😀"), (#""tab\tnl\n""#, "tab\tnl\n"), (#""\\\/""#, "\\/"), (#""µ""#, "µ"),
  ])
  func strings(_ json: String, _ text: String) {
    Array(json.utf8).withUnsafeBufferPointer { #expect(JSONBytes.string($0, 0..<$0.count) == text) }
  }
}

@Suite struct EndpointTraitTests {
  private static let all = EndpointTable.endpoints + EndpointTable.accountEndpoints

  private func names(_ isSo: (Endpoint) -> Bool) -> [String] {
    Self.all.filter(isSo).map { ($0.form == .account ? "account/" : "") + $0.name }
  }

  @Test func eachTraitIsWhereItBelongs() {
    #expect(names(\.isHealth) == ["healthz"] && Endpoint.healthz.quorum == "min")
    #expect(names { if case .health = $0.merge { true } else { false } } == ["healthz"])
    #expect(names(\.rates) == ["statsz"])
    #expect(names(\.hidesCommandLines) == ["expvarz"])
    #expect(names(\.dropsUnusedRows) == ["accstatz", "account/statz"])
    #expect(names { $0.leaderOnly != nil } == ["jsz"])
    #expect(names { !$0.filters.isEmpty } == ["raftz"])
    #expect(names(\.refusalIsAnswer) == ["account/jsz", "account/info"])
    #expect(names(\.ignoresDisabled) == ["jsz", "account/jsz"])
    #expect(
      names { $0.size == .small } == ["varz", "statsz", "healthz", "ipqueuesz", "expvarz", "idz", "account/info", "account/statz"])
  }

  @Test func traitsNameParametersThatAreThere() {
    for endpoint in Self.all {
      for name in endpoint.filters.union(endpoint.leaderOnly.map { [$0] } ?? []) { #expect(endpoint.parameter(name) != nil, "\(name)") }
      if let checked = endpoint.account?.rowsCheckedWith { #expect(endpoint.parameter(checked) != nil) }
      if endpoint.rates { #expect(endpoint.parameter("rate") != nil) }
      if endpoint.dropsUnusedRows { #expect(endpoint.parameter("unused") != nil && !endpoint.fixedOptions.isEmpty) }
      #expect((endpoint.account != nil) == (endpoint.form == .account))
    }
  }

  @Test(arguments: [
    ("/expvarz", true), ("/server/a/debug/vars", true), ("/cluster/c/merged/expvarz", true), ("/varz", false), ("/e%78pvarz", true),
  ])
  func pathsThatMayHoldCommandLines(_ path: String, _ may: Bool) { #expect(EndpointTable.mayHoldCommandLines(path) == may) }
}
