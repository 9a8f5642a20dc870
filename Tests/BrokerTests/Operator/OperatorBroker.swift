import BrokerCore
import BrokerOptions
import Foundation
import Identity
import Logging
import Reactor
import TestSupport
import Wire

@testable import Broker
@testable import BrokerSystem

/// A broker in operator mode, in this process, configured as a file would.
final class OperatorBroker {
  let broker: Broker
  let folder: TemporaryFolder
  var port: UInt16 { broker.clientPort ?? 0 }

  /// `configuration`: NATS configuration text; `$DIR` stands for the broker's folder.
  init(_ configuration: String) throws {
    folder = try TemporaryFolder()
    let text = configuration.replacingOccurrences(of: "$DIR", with: folder.path)
    let report = BrokerOptions.parse(Array(text.utf8), file: "test.conf")
    guard report.errors.isEmpty else { throw TestFailure("\(report.errors)") }
    var options = report.options
    options.broker.host = "127.0.0.1"
    options.broker.port = 0
    // A loaded machine must not time logins out.
    options.broker.authorization.timeout = options.broker.authorization.timeout ?? 25
    let trust = try OperatorTrust(
      options.operatorMode, systemAccount: options.broker.systemAccount, version: options.broker.version)
    trust.apply(to: &options.broker)
    var log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    log.logLevel = .critical
    broker = try Broker(configuration: options.broker, shard: Shard(label: "operator-test"), log: log)
    try broker.useOperators(trust)
    try broker.start()
  }

  deinit { broker.stop() }

  func login(_ credentials: Credentials, options: [String: Any] = [:]) throws -> RawNATS {
    try RawNATS(port: port, options: options) { nonce in
      var proof: [String: Any] = ["jwt": credentials.jwt]
      if credentials.seed != nil { proof["sig"] = try credentials.userKey().signNonce(nonce) }
      return proof
    }
  }
}

/// Operators, accounts and users made for one test.
struct Realm {
  let operatorKey = KeyPair.generate(.operator)
  let systemKey = KeyPair.generate(.account)
  var now = Int64(Date().timeIntervalSince1970)

  func operatorToken(_ change: (inout OperatorClaims) -> Void = { _ in }) throws -> String {
    var claims = OperatorClaims(subject: operatorKey.publicKey, name: "O")
    claims.systemAccount = systemKey.publicKey
    change(&claims)
    return try Token.encode(claims, signer: operatorKey, now: now)
  }
  func account(
    _ key: KeyPair, _ name: String = "A", signer: KeyPair? = nil, at: Int64? = nil, _ change: (inout AccountClaims) -> Void = { _ in }
  ) throws -> String {
    var claims = AccountClaims(subject: key.publicKey, name: name)
    change(&claims)
    return try Token.encode(claims, signer: signer ?? operatorKey, now: at ?? now)
  }
  func user(
    _ signer: KeyPair, account: KeyPair? = nil, at: Int64? = nil, _ change: (inout UserClaims) -> Void = { _ in }
  ) throws -> Credentials {
    let pair = KeyPair.generate(.user)
    var claims = UserClaims(subject: pair.publicKey, name: "U")
    if let account { claims.issuerAccount = account.publicKey }
    change(&claims)
    return Credentials(jwt: try Token.encode(claims, signer: signer, now: at ?? now), seed: try pair.seed())
  }
  func systemAccount() throws -> String { try account(systemKey, "SYS") }
  func systemUser() throws -> Credentials { try user(systemKey) }

  /// A configuration with a memory resolver.
  func memory(_ accounts: [KeyPair: String] = [:]) throws -> String { try configuration("MEMORY", accounts) }
  func configuration(_ resolver: String, _ accounts: [KeyPair: String] = [:]) throws -> String {
    var text = "operator: \(try operatorToken())\nresolver: \(resolver)\nresolver_preload: {\n"
    text += "\(systemKey.publicKey): \(try systemAccount())\n"
    for (key, token) in accounts { text += "\(key.publicKey): \(token)\n" }
    return text + "}\n"
  }
}
