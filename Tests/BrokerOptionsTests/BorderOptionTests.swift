import BrokerCore
import Testing
import Wire

@testable import BrokerOptions

/// What accounts let out and in, and what is wrong with it.
@Suite struct BorderOptionTests {
  @Test func exportsInFull() throws {
    let options = try options(
      """
      accounts { A { exports [
        { service: "one.*", response_type: singleton, account_token_position: 2, allow_trace: true, response_time: "5s" },
        { service: two, response: chunked }, { service: three, response: chunk }, { service: five, latency: lat.two },
        { service: six, latency { sampling: 7, subject: lat.three } },
        { stream: four, accounts: [B, C] } ] }, B {}, C {} }
      """)
    let exports = options.broker.accounts[0].exports
    #expect(exports.map(\.responseType) == [.singleton, .chunked, .chunked, .singleton, .singleton, .singleton])
    #expect(exports[0].accountTokenPosition == 2 && exports[0].allowTrace && exports[0].responseThreshold == 5)
    #expect(exports[3].latency?.subject == "lat.two" && exports[4].latency?.sampling == .percent(7))
    #expect(exports[5].accounts == ["B", "C"])
  }

  @Test(arguments: [
    ("{}", "an export needs a stream or a service"),
    ("{ stream: a, service: b }", "Detected stream and service in one export: exactly one is allowed"),
    ("{ stream: a, response: single }", "Detected response type on non-service"),
    ("{ stream: a, threshold: \"1s\" }", "Detected response threshold on non-service"),
    ("{ stream: a, latency: l }", "Detected latency on non-service"),
    ("{ service: a, response: maybe }", "Unknown response type: \"maybe\""),
    ("{ service: a, latency: { subject: \"l.*\" } }", "latency needs a subject without wildcards"),
    ("{ service: a, latency: \"l.*\" }", "latency needs a subject without wildcards"),
    ("{ service: a, latency: \"l..x\" }", "latency needs a subject without wildcards"),
    ("{ service: a, latency: \"\" }", "latency needs a subject without wildcards"),
    ("{ service: a, latency: { sampling: 0, subject: l } }", "latency sampling: expected 1 to 100 percent or \"headers\""),
    ("{ service: a, latency: { sampling: \"many\", subject: l } }", "latency sampling: expected 1 to 100 percent or \"headers\""),
    ("{ service: a, latency: { sampling: true, subject: l } }", "latency sampling: expected 1 to 100 percent or \"headers\""),
    ("{ service: a, latency: { often: 1, subject: l } }", "unknown field \"often\" parsing latency"),
    ("{ service: a.*, account_token_position: 1 }", "account_token_position: token 1 of \"a.*\" is no wildcard"),
    ("{ stream: a.*, account_token_position: 3 }", "account_token_position: token 3 of \"a.*\" is no wildcard"),
    ("{ service: a, response: stream, latency: l }", "on subject \"l\": bad service response type"),
    ("{ service: a, accounts: B }", "accounts"),
    ("{ service: a, account_token_position: 300 }", "account_token_position"),
    ("{ service: a, foo: 1 }", "Unknown field \"foo\" parsing export stream or service"),
    ("7", "exports"),
  ])
  func faultsOfExports(_ entry: String, _ sentence: String) {
    let errors = read("accounts { A { exports [ \(entry) ] } }").errors
    #expect(errors.count == 1 && errors[0].hasPrefix("b.conf:1:") && errors[0].contains(sentence), "\(errors)")
  }

  @Test(arguments: [
    ("{}", "an import needs a stream or a service"),
    ("{ stream: {account: B, subject: s}, service: {account: B, subject: s} }", "Detected stream and service in one import"),
    ("{ stream: {subject: s} }", "expect an account name to be specified"),
    ("{ stream: {account: \"\", subject: s} }", "expect an account name to be specified"),
    ("{ service: {account: B} }", "expect a subject to be specified"),
    ("{ stream: {account: B, subject: s}, prefix: p, to: t }", "Stream import can not have a 'prefix' and a 'to' property"),
    ("{ stream: {account: B, subject: s}, prefix: \"p.*\" }", "the prefix \"p.*\" can not have wildcards"),
    ("{ service: {account: B, subject: s}, prefix: p }", "Can not have a 'prefix' for services"),
    ("{ stream: {account: B, subject: s, more: 1} }", "Unknown field \"more\" parsing import stream or service"),
    ("{ stream: {account: B, subject: s}, foo: 1 }", "Unknown field \"foo\" parsing import"),
    ("{ stream: s }", "import"),
  ])
  func faultsOfImports(_ entry: String, _ sentence: String) {
    let errors = read("accounts { A { imports [ \(entry) ] }, B {} }").errors
    #expect(errors.count == 1 && errors[0].hasPrefix("b.conf:1:") && errors[0].contains(sentence), "\(errors)")
  }

  @Test(arguments: [
    ("{ \"a..b\": c }", "Subject \"a..b\" is not a valid subject"),
    ("{ a: [ {dest: b, weight: 101} ] }", "Invalid weight for mapping destination"),
    ("{ a: [ {dest: b, weight: true} ] }", "Invalid weight for mapping destination"),
    ("{ a: [ {dest: b, heavy: 1} ] }", "Unknown field \"heavy\" parsing mapping destinations"),
  ])
  func faultsOfMappings(_ map: String, _ sentence: String) {
    let errors = read("mappings \(map)").errors
    #expect(errors.count == 1 && errors[0].contains(sentence), "\(errors)")
  }
}
