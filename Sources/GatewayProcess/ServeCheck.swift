import ArgumentParser
import BrokerCore
import Flags
import Gateway
import Glibc
import HTTPServer
import LogOutput
import Reactor
import Recording
import Wire

/// What the start of `serve` would refuse, found without starting anything: files are read, nothing is listened on, connected to or written.
public struct ServeCheck: Sendable {
  /// One sentence each, in the order in which the start would meet them; empty where it would start.
  public private(set) var problems: [String] = []

  /// Blocks.
  public init(_ flags: ServeFlags) {
    attempt { _ = try flags.configuration() }
    for text in flags.listen { attempt { _ = try ListenAddress(text, basePath: flags.access.httpBasePath) } }
    attempt {
      let options = try flags.access.options()
      // What cannot be read was told of.
      for text in flags.listen { try (try? ListenAddress(text, basePath: flags.access.httpBasePath))?.check(options) }
    }
    attempt { _ = try flags.access.tls() }
    attempt { _ = try flags.notify.settings() }
    attempt { _ = try flags.notify.muteList() }
    if let archive = flags.record.archive {
      attempt { _ = try OpenedArchive(path: archive) }
      return
    }
    attempt { _ = try flags.record.streamPlace(tls: { try flags.client.tls() }) }
    attempt { try ServeCheck.folders(flags) }
    attempt { try ServeCheck.record(flags) }
    guard flags.client.namesASystem else {
      attempt { try GatewayServer.refuseIdentity(flags.client) }
      problems += EmbeddedBroker.problems(file: flags.broker.brokerConfig, listen: flags.broker.brokerListen)
      return
    }
    attempt { try GatewayServer.refuseBrokerFlags(flags.broker) }
    attempt { _ = try flags.client.options(name: "natsight", usesSelectedContext: false) }
  }

  private mutating func attempt(_ body: () throws -> Void) {
    do { try body() } catch {
      let sentence = ServeFlags.message(for: error)
      if !problems.contains(sentence) { problems.append(sentence) }
    }
  }

  /// - Throws: What is wrong with the record that is there.
  private static func record(_ flags: ServeFlags) throws {
    guard let folder = try flags.record.settings().folder, access(folder + "/record.sqlite", F_OK) == 0 else { return }
    // A damaged one would be set aside.
    if !flags.record.recordSetAside { try SQLiteRecordStore(reading: folder).close() }
  }

  /// - Throws: A sentence about a folder that can neither be written to nor be made.
  private static func folders(_ flags: ServeFlags) throws {
    let named = [("record", try flags.record.settings().folder), ("state-dir", flags.system.stateDir)]
    for case (let name, let folder?) in named {
      var place = folder
      // The nearest that is there: the start makes what is missing.
      while access(place, F_OK) != 0, let slash = place.lastIndex(of: "/"), place != "/" {
        place = slash == place.startIndex ? "/" : String(place[..<slash])
      }
      if access(place, F_OK) != 0 { place = "." }
      // With the dot, what is no folder is told as that.
      guard access(place + "/.", W_OK | X_OK) == 0 else {
        throw CommandFailure("--\(name) \(folder): \(place) cannot be written to: \(String(cString: strerror(errno)))")
      }
    }
  }
}
