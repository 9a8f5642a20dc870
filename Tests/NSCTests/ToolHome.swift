import ArgumentParser
import Foundation
import Identity
import NSC
import TestSupport

/// The tool in a home of its own, with what it said.
final class ToolHome {
  let folder: TemporaryFolder
  private let variables: [String: String]
  private(set) var output = ""
  private(set) var errors = ""
  /// Unix seconds; the clock of the tool.
  var now = Int64(Date().timeIntervalSince1970)
  /// Where the tool is run; nil for the home itself.
  var directory: String?

  init(_ variables: [String: String] = [:]) throws {
    folder = try TemporaryFolder()
    self.variables = variables
  }

  /// Runs one command; what it said replaces what was said before.
  @discardableResult
  func run(key: String? = nil, _ command: (NSCTool) throws -> Void) -> Int32 {
    output = ""
    errors = ""
    let variables = variables
    let now = now
    let environment = NSCEnvironment(home: folder.path, directory: directory ?? folder.path, variable: { variables[$0] }, now: { now })
    let tool = NSCTool(environment: environment, output: { self.output += $0 }, errors: { self.errors += $0 })
    tool.privateKey = key
    return tool.execute(command)
  }

  var lines: [String] { output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }

  @discardableResult
  func addOperator(_ name: String = "O", _ flags: String...) throws -> Int32 {
    let options = try AddOperatorOptions.parse([name] + flags)
    return run { try $0.addOperator(options) }
  }
  @discardableResult
  func addAccount(_ name: String, _ flags: String...) throws -> Int32 {
    let options = try AddAccountOptions.parse([name] + flags)
    return run { try $0.addAccount(options) }
  }
  @discardableResult
  func addUser(_ name: String, key: String? = nil, _ flags: String...) throws -> Int32 {
    let options = try AddUserOptions.parse([name] + flags)
    return run(key: key) { try $0.addUser(options) }
  }
  @discardableResult
  func editAccount(_ flags: String...) throws -> Int32 {
    let options = try EditAccountOptions.parse(flags)
    return run { try $0.editAccount(options) }
  }

  /// Every file below the home, sorted.
  var files: [String] {
    let all = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    return all.filter { name in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: folder.path(name), isDirectory: &isFolder) && !isFolder.boolValue
    }.sorted()
  }

  /// `name` → token text, wherever the store is.
  func token(_ path: String) -> String { folder.read(path) }
  static let stores = ".local/share/nats/nsc/stores"
  static let creds = ".local/share/nats/nsc/keys/creds"
}
