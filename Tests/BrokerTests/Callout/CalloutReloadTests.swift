import Foundation
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Broker
@testable import BrokerCore
@testable import Identity

/// What a reload does to those whom an authorization service is being, or was, asked about.
@Suite struct CalloutReloadTests {
  private let service = CalloutService()

  private func text(_ more: String = "", issuer: KeyPair? = nil) -> String {
    """
    accounts { AUTH {users: [{user: auth, password: p}]}, APP {}, OTHER {} }
    authorization {
      timeout: 25
      auth_callout {issuer: \((issuer ?? service.issuer).publicKey), auth_users: [auth], account: AUTH, \(more)}
    }
    """
  }

  private func start(_ rule: @escaping CalloutService.Rule) throws -> BrokerHarness {
    let broker = try BrokerHarness(text: text())
    try service.serve(try RawNATS(port: broker.port, user: "auth", password: "p"), rule)
    return broker
  }

  /// What the new token allows, and until when.
  @Test func theNewTokenIsInForce() throws {
    let broker = try start { [service] request, _ in
      let isFirst = service.requests.count == 1
      return try service.user(request) {
        if isFirst { return }
        $0.limits.payload = 100
        $0.standard.expires = Int64(Date().timeIntervalSince1970) + 3
      }
    }
    let client = try RawNATS(port: broker.port, user: "bob", password: "p")
    try broker.reload(text("allowed_accounts: [APP, OTHER]"))
    try eventually("the new limit holds") { broker.onShard { $0.book.clients.values.contains { $0.maxPayload == 100 } } }
    #expect(try client.nextError() == "-ERR 'User Authentication Expired'")
  }

  /// The other way round: what was to end goes on.
  @Test func aTokenThatGoesOnIsInForceToo() throws {
    let broker = try start { [service] request, _ in
      let isFirst = service.requests.count == 1
      return try service.user(request) { if isFirst { $0.standard.expires = Int64(Date().timeIntervalSince1970) + 600 } }
    }
    let client = try RawNATS(port: broker.port, user: "bob", password: "p")
    func ends() -> Bool {
      broker.onShard { $0.book.clients.values.contains { $0.authorizedUser == "bob" && $0.expiryDue != .distantFuture } }
    }
    #expect(ends())
    try broker.reload(text("allowed_accounts: [APP, OTHER]"))
    try eventually("it does not end") { !ends() }
    try client.flush()
  }

  /// An answer by the word of an issuer who is trusted no longer lets nobody in.
  @Test func whoeverIsAskedAboutMeanwhileIsJudgedByTheNewRules() throws {
    let mayAnswer = DispatchSemaphore(value: 0)
    let broker = try start { [service] request, _ in
      if service.requests.count == 1 { mayAnswer.wait() }
      return try service.user(request)
    }
    let late = try RawConnection(port: broker.port)
    _ = try late.readLine()
    try late.send("CONNECT {\"verbose\":false,\"user\":\"late\"}\r\nPING\r\n")
    try eventually("it is asked about") { service.requests.count == 1 }
    try broker.reload(text(issuer: .generate(.account)))
    mayAnswer.signal()
    #expect(String(decoding: try late.readToEnd(), as: UTF8.self).hasSuffix("-ERR 'Authorization Violation'\r\n"))
    #expect(service.requests.count == 2)
  }

  /// Two reloads in a row: the answer to the last question counts, and nobody waits for the other.
  @Test func theLastQuestionCounts() throws {
    let broker = try start { [service] request, _ in service.requests.count == 2 ? nil : try service.user(request) }
    let client = try RawNATS(port: broker.port, user: "bob", password: "p")
    try broker.reload(text("allowed_accounts: [APP, OTHER]"))
    try eventually("the first reload's question") { service.requests.count == 2 }
    try broker.reload(text("allowed_accounts: [OTHER, APP]"))
    try eventually("the second reload's question") { service.requests.count == 3 }
    try eventually("nothing is open") { broker.onShard { $0.authenticator.callout.count } == 0 }
    try client.flush()
  }
}
