import Foundation
import NSC
import Synchronization
import TestSupport
import Testing

@testable import natsight

/// One command line of `nsc` whose flags are driven together, and what each of them does.
struct NscRow: Sendable, CustomTestStringConvertible {
  struct Flag: Sendable {
    let text: String
    let effect: NscEffect
    init(_ text: String, _ effect: NscEffect) {
      self.text = text
      self.effect = effect
    }
  }

  /// Such as `add user`.
  let command: String
  /// What follows the command in any case.
  let words: String
  let before: [String]
  /// In an empty home; else in one with operator O, accounts SYS, A and B, and user u of A. A is selected.
  let isFresh: Bool
  /// The row says itself where files lie.
  let movesFolders: Bool
  /// A server that knows the operator, and keeps the accounts that it is sent, is at `%url`.
  let needsServer: Bool
  let flags: [Flag]

  init(
    _ command: String, with words: String = "", before: [String] = [], isFresh: Bool = false, movesFolders: Bool = false,
    needsServer: Bool = false, _ flags: [(String, NscEffect)]
  ) {
    self.command = command
    self.words = words
    self.before = before
    self.isFresh = isFresh
    self.movesFolders = movesFolders
    self.needsServer = needsServer
    self.flags = flags.map { Flag($0.0, $0.1) }
  }

  init(
    _ command: String, with words: String = "", before: [String] = [], isFresh: Bool = false, movesFolders: Bool = false,
    needsServer: Bool = false, _ flags: (String, NscEffect)...
  ) {
    self.init(command, with: words, before: before, isFresh: isFresh, movesFolders: movesFolders, needsServer: needsServer, flags)
  }

  var line: String { words.isEmpty ? command : "\(command) \(words)" }
  var testDescription: String { "\(line) \(flags.map(\.text).joined(separator: " "))" }
}

/// What shows that a flag was heeded. `%O`, `%A`, `%B`, `%S`, `%u` stand for public keys (`%S`: of SYS).
enum NscEffect: Sendable {
  /// `describe` of the object has this JSON at the path; `null`: has no such member.
  case claim(String, String, String)
  /// Standard output and error hold the text.
  case says(String)
  /// Neither holds the text.
  case keepsSilentOf(String)
  /// Status 1, and the text in standard error.
  case refuses(String)
  /// The file is there and holds the text.
  case file(String, String)
  /// No file of this name is below the home.
  case noFile(String)
  /// Another command then says the text.
  case then(String, String)
  /// Another command then fails, saying the text.
  case thenFails(String, String)
  /// Nothing but that the command succeeds.
  case accepted

  var isRefusal: Bool { if case .refuses = self { true } else { false } }
}

/// A home folder with the built command in it.
///
/// Sendable: the shared template is not changed once it is made; every other is one test's own.
final class NscHome: @unchecked Sendable {
  let folder: TemporaryFolder
  private var keys: [String: String] = [:]
  private var server: RealServer?
  private var answers: [String: Finished] = [:]

  init() throws { folder = try TemporaryFolder() }

  private static let template = Result { try NscHome().filled() }

  /// The home that a row starts from, without what the row wants done before it.
  private static func bare(for row: NscRow) throws -> NscHome {
    let home = try row.isFresh ? NscHome() : NscHome(copyOf: template.get())
    if row.needsServer { try home.startServer() }
    return home
  }

  /// The home that a row starts from. Rows that want the same done before them, or begin alike, have copies of one home.
  static func make(for row: NscRow) throws -> NscHome {
    if row.needsServer || row.before.isEmpty {
      let home = try bare(for: row)
      for line in row.before { try home.prepare(line) }
      return home
    }
    return try NscHome(copyOf: prepared(for: row, row.before[...]))
  }

  private static func prepared(for row: NscRow, _ lines: ArraySlice<String>) throws -> NscHome {
    guard let last = lines.last else { return try bare(for: row) }
    let name = "\(row.isFresh)\n" + lines.joined(separator: "\n")
    let known = prepared.withLock { known in
      let prepared = known[name] ?? Prepared()
      known[name] = prepared
      return prepared
    }
    return try known.home {
      let home = try NscHome(copyOf: prepared(for: row, lines.dropLast()))
      try home.prepare(last)
      return home
    }
  }

  private static let prepared = Mutex<[String: Prepared]>([:])

  /// A home that whoever comes first makes, and the others wait for.
  private final class Prepared: Sendable {
    private let made = Mutex<Result<NscHome, any Error>?>(nil)

    func home(_ make: () throws -> NscHome) throws -> NscHome {
      try made.withLock { made in
        let home = made ?? Result { try make() }
        made = home
        return try home.get()
      }
    }
  }

  private convenience init(copyOf original: NscHome) throws {
    try self.init()
    keys = original.keys
    let manager = FileManager.default
    for name in try manager.contentsOfDirectory(atPath: original.folder.path) {
      try manager.copyItem(atPath: original.folder.path(name), toPath: folder.path(name))
    }
    // Settings name the folder of the stores.
    let files = manager.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    for file in files where file.hasSuffix("nsc.json") {
      try folder.write(folder.read(file).replacingOccurrences(of: original.folder.path, with: folder.path), to: file)
    }
  }

  /// The same, with all files in the folder `flat`.
  static func makeFlat(for row: NscRow) throws -> NscHome {
    let home = try bare(for: row)
    let manager = FileManager.default
    try manager.createDirectory(atPath: home.folder.path("flat"), withIntermediateDirectories: true)
    for folder in [".config/nats/nsc", ".local/share/nats/nsc/stores", ".local/share/nats/nsc/keys"] {
      for name in try manager.contentsOfDirectory(atPath: home.folder.path(folder)) {
        try manager.moveItem(atPath: home.folder.path("\(folder)/\(name)"), toPath: home.folder.path("flat/\(name)"))
      }
    }
    for name in [".config", ".local"] { try manager.removeItem(atPath: home.folder.path(name)) }
    let stores = home.folder.path(".local/share/nats/nsc/stores")
    try home.folder.write(
      home.folder.read("flat/nsc.json").replacingOccurrences(of: stores, with: home.folder.path("flat")), to: "flat/nsc.json")
    return home
  }

  private func filled() throws -> NscHome {
    let lines = ["add operator O --sys", "add account A", "add account B", "select account A", "add user u -a A --allow-pub first"]
    for line in lines { try #require(try runHere(line).status == 0, "\(line)") }
    for (letter, what) in [("O", "operator O"), ("A", "account A"), ("B", "account B"), ("S", "account SYS"), ("u", "user u -a A")] {
      let answer = try runHere("describe \(what) --field sub").output
      keys["%\(letter)"] = answer.trimmingCharacters(in: CharacterSet(charactersIn: "\"\n"))
    }
    return self
  }

  private func startServer() throws {
    try #require(try runHere("generate config --nats-resolver --config-file server.conf").status == 0)
    let configuration = folder.read("server.conf").replacingOccurrences(of: "'./jwt'", with: "\"$DIR/jwt\"")
      .replacingOccurrences(of: "allow_delete: false", with: "allow_delete: true")
    let server = try RealServer(configuration)
    keys["%url"] = server.url
    self.server = server
  }

  /// Runs one command line; words are parted by blanks.
  func run(_ line: String) throws -> Finished {
    try start(line).waitForExit()
  }

  /// Runs one command line as the built command does, in this process: to start one takes a hundred times as long as most of them. What waits
  /// for messages is a process.
  func runHere(_ line: String) throws -> Finished {
    let words = filledIn(line).split(separator: " ").map(String.init)
    let said = Mutex((output: "", errors: ""))
    let around = NscSurroundings(
      environment: NSCEnvironment(home: folder.path, directory: folder.path), say: { text in said.withLock { $0.output += text } },
      complain: { text in said.withLock { $0.errors += text } })
    let status = NscSurroundings.$other.withValue(around) { NscCommand.runAtOnce(words) }
    guard let status else { return try run(line) }
    return said.withLock { Finished(status: status, output: $0.output, errors: $0.errors) }
  }

  /// Starts one that goes on.
  func start(_ line: String) throws -> ChildProcess {
    let words = filledIn(line).split(separator: " ").map(String.init)
    let variables = ["HOME": folder.path, "XDG_CONFIG_HOME": "", "XDG_DATA_HOME": ""]
    return try ChildProcess(NatsightProcess.binary, ["nsc"] + words, environment: variables, directory: folder.path) { name in
      !["NSC_", "NATS_", "NKEYS_"].contains { name.hasPrefix($0) }
    }
  }

  /// Does what a row wants done before it: a command line of `nsc`, with what follows every one, or one of a few steps of its own.
  func prepare(_ line: String, _ suffix: String = "") throws {
    let words = line.split(separator: " ").map(String.init)
    switch words[0] {
    case "folder":
      try FileManager.default.createDirectory(atPath: folder.path(words[1]), withIntermediateDirectories: true)
    case "seed":
      // `seed.nk`: the first operator's seed of another home.
      let files = FileManager.default.enumerator(atPath: folder.path(words[1]))?.compactMap { $0 as? String } ?? []
      let file = try #require(files.first { $0.hasPrefix("keys/O/") && $0.hasSuffix(".nk") })
      try folder.write(folder.read("\(words[1])/\(file)"), to: "seed.nk")
    case "next":
      // Tokens are dated in seconds.
      let now = Int(Date().timeIntervalSince1970)
      try eventually("the next second") { Int(Date().timeIntervalSince1970) > now }
    default:
      let finished = try runHere(line + suffix)
      try #require(finished.status == 0, "before: nsc \(line): \(finished.output)\(finished.errors)")
    }
  }

  func filledIn(_ text: String) -> String {
    // `%url` before `%u`.
    keys.sorted { $0.key.utf8.count > $1.key.utf8.count }.reduce(text) { $0.replacingOccurrences(of: $1.key, with: $1.value) }
  }

  func json(_ text: String) throws -> NSObject {
    let value = try JSONSerialization.jsonObject(with: Data(filledIn(text).utf8), options: .fragmentsAllowed)
    return try #require(value as? NSObject)
  }

  /// What the stored token of an object says, such as `user u -a A`; of what is not named the home's own. Nil where there is none.
  private func payload(of what: String) throws -> NSObject? {
    let words = what.split(separator: " ").map(String.init)
    let name = words.count > 1 ? words[1] : "O"
    let stores = ".local/share/nats/nsc/stores"
    let path: String
    switch words[0] {
    case "operator": path = "\(stores)/\(name)/\(name).jwt"
    case "account": path = "\(stores)/O/accounts/\(name)/\(name).jwt"
    default: path = "\(stores)/O/accounts/\(words.last == "B" ? "B" : "A")/users/\(name).jwt"
    }
    guard FileManager.default.fileExists(atPath: folder.path(path)) else { return nil }
    let parts = folder.read(path).split(separator: ".")
    try #require(parts.count == 3, "\(path) holds no token")
    var text = parts[1].replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
    while text.utf8.count % 4 != 0 { text += "=" }
    let data = try #require(Data(base64Encoded: text))
    return try JSONSerialization.jsonObject(with: data) as? NSObject
  }

  /// The member of an object's claims; nil where there is no such object, null where it has no such member.
  func claim(_ what: String, _ path: String) throws -> NSObject? {
    guard var value = try payload(of: what) else { return nil }
    for name in filledIn(path).split(separator: "/").map(String.init) {
      if let index = Int(name), let list = value as? [NSObject] {
        value = list.indices.contains(index) ? list[index] : NSNull()
      } else {
        value = (value as? [String: NSObject])?[name] ?? NSNull()
      }
    }
    return value
  }

  /// What a command says that changes nothing: it is asked once, however many flags it shows the effect of.
  private func asked(_ line: String) throws -> Finished {
    if let known = answers[line] { return known }
    let finished = try runHere(line)
    answers[line] = finished
    return finished
  }

  func check(_ effect: NscEffect, of finished: Finished, _ what: String) throws {
    let said = finished.output + finished.errors
    switch effect {
    case .claim(let object, let path, let value):
      let found = try #require(try claim(object, path), "\(what): no \(object)")
      #expect(found.isEqual(try json(value)), "\(what): \(path) is \(found)")
    case .says(let text): #expect(said.contains(filledIn(text)), "\(what): \(said)")
    case .keepsSilentOf(let text): #expect(!said.contains(filledIn(text)), "\(what): \(said)")
    case .refuses(let text):
      #expect(finished.status == 1, "\(what): \(said)")
      #expect(finished.errors.contains(filledIn(text)), "\(what): \(finished.errors)")
    case .file(let path, let text):
      let file = folder.path(filledIn(path))
      try #require(FileManager.default.fileExists(atPath: file), "\(what): no \(path)")
      let content = try String(contentsOfFile: file, encoding: .utf8)
      #expect(text.isEmpty || content.contains(filledIn(text)), "\(what): \(content)")
    case .noFile(let name):
      let files = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
      #expect(!files.isEmpty && !files.contains { $0.hasSuffix(filledIn(name)) }, "\(what)")
    case .then(let line, let text):
      let next = try asked(line)
      #expect(next.status == 0 && (next.output + next.errors).contains(filledIn(text)), "\(what): \(next.output)\(next.errors)")
    case .thenFails(let line, let text):
      let next = try asked(line)
      #expect(next.status == 1 && next.errors.contains(filledIn(text)), "\(what): \(next.output)\(next.errors)")
    case .accepted: #expect(finished.status == 0, "\(what): \(said)")
    }
  }
}
