import SystemAPI
import Testing

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

  @Test func everyEndpointHasRulesAndHelp() {
    for endpoint in EndpointTable.endpoints + EndpointTable.accountEndpoints {
      #expect(!endpoint.help.isEmpty)
      #expect(!endpoint.merge.fields.isEmpty)
      #expect(Set(endpoint.parameters.map(\.name)).count == endpoint.parameters.count)
    }
    #expect(EndpointTable.endpoint("subscriptionsz")?.name == "subsz")
    #expect(EndpointTable.endpoint("debug/vars")?.name == "expvarz")
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
