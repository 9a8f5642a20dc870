import Dispatch
import Logging
import Reactor
import Testing

@testable import BrokerCore

/// What is replaced or taken away is let go of: reloads and claims that change may come for years.
@Suite struct AccountLifeTests {
  private static func configuration() -> BrokerConfiguration {
    var configuration = BrokerConfiguration()
    configuration.port = nil
    var exporter = AccountConfiguration(name: "E")
    exporter.exports = [ExportConfiguration(.service, subject: "help.*")]
    var importer = AccountConfiguration(name: "I")
    importer.imports = [ImportConfiguration(.service, account: "E", subject: "help.me")]
    configuration.accounts = [exporter, importer]
    return configuration
  }

  private final class Ghosts {
    weak var service: ServiceImport?
    weak var subscription: Subscription?
    weak var export: AccountExport?
    weak var account: Account?
    weak var exporter: Account?

    init(_ server: Server) {
      account = server.accounts.byName["I"]
      exporter = server.accounts.byName["E"]
      service = account?.serviceImports.first
      subscription = service?.subscription
      export = exporter?.exports.first
    }
  }

  private static func server() throws -> Server {
    let log = Logger(label: "account life test", factory: { _ in SwiftLogNoOpLogHandler() })
    return try Server(configuration(), ListenerCertificates(), shard: Shard(label: "account-life-test"), log: log)
  }

  @Test func aReloadLetsGoOfTheBordersThatItReplaces() throws {
    let server = try AccountLifeTests.server()
    try server.shard.queue.sync {
      let before = Ghosts(server)
      #expect(before.service != nil && before.subscription != nil && before.export != nil)
      try server.accounts.rebuild(AccountLifeTests.configuration())
      #expect(before.service == nil && before.subscription == nil && before.export == nil)
      #expect(before.account != nil && before.account?.serviceImports.isEmpty == false)
    }
  }

  @Test func anAccountThatIsTakenAwayGoes() throws {
    let server = try AccountLifeTests.server()
    try server.shard.queue.sync {
      let before = Ghosts(server)
      var configuration = AccountLifeTests.configuration()
      configuration.accounts.removeLast()
      try server.reload(configuration, ListenerCertificates())
      #expect(before.account == nil && before.service == nil && before.exporter != nil)
    }
  }

  /// Claims may take an exporter away while those who import from it stay: they are told that nobody answers.
  @Test func anExporterThatIsTakenAway() throws {
    let server = try AccountLifeTests.server()
    try server.shard.queue.sync {
      let ghosts = Ghosts(server)
      let importer = try #require(ghosts.account)
      if let exporter = ghosts.exporter { server.accounts.remove(exporter) }
      var answers = 0
      server.router.subscribe("answers", in: importer) { _ in answers += 1 }
      server.router.publish("help.me", reply: "answers", payload: Array("please".utf8), in: importer)
      #expect(importer.serviceImports.first?.exporter.name == "E" && answers == 0)
      // The importer's next imports are others, and nothing is left of what is gone.
      importer.dropServiceImports()
      #expect(ghosts.exporter == nil && ghosts.service == nil)
    }
  }

  /// Accounts that import from each other go too.
  @Test func accountsThatKeepEachOther() throws {
    var configuration = AccountLifeTests.configuration()
    configuration.accounts[1].exports = [ExportConfiguration(.stream, subject: "news")]
    configuration.accounts[0].imports = [ImportConfiguration(.stream, account: "I", subject: "news")]
    let log = Logger(label: "account life test", factory: { _ in SwiftLogNoOpLogHandler() })
    var server: Server? = try Server(configuration, ListenerCertificates(), shard: Shard(label: "account-life-test"), log: log)
    let ghosts = try #require(server.map(Ghosts.init))
    #expect(ghosts.exporter?.streamImports.count == 1)
    #expect(ghosts.account?.serviceImports.contains { $0.exporter === ghosts.exporter } == true)
    server = nil
    #expect(ghosts.account == nil && ghosts.exporter == nil)
  }

  /// Answers that are owed have an entry in the exporting account's own sublist.
  @Test func accountsGoWithTheirServer() throws {
    var server: Server? = try AccountLifeTests.server()
    let ghosts = try #require(server.map(Ghosts.init))
    server?.shard.queue.sync {
      guard let server, let account = ghosts.account, let exporter = ghosts.exporter else { return }
      server.router.subscribe("help.*", in: exporter) { _ in }
      server.router.publish("help.me", reply: "answers", payload: Array("please".utf8), in: account)
      #expect(ghosts.exporter?.replies.count == 1)
    }
    server = nil
    #expect(ghosts.account == nil && ghosts.exporter == nil && ghosts.subscription == nil)
  }
}
