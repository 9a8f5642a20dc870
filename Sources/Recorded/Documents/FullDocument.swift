import SystemAPI
import Wire

/// One of the documents that a recorder asks every server for. Asked with these options a document holds all that the server would
/// show with any others, but for what ``lacks`` names; what it would show is then a function of it.
public struct FullDocument: Sendable {
  /// What a document is kept under.
  public enum Name: String, CaseIterable, Hashable, Sendable {
    case varz, connz, routez, gatewayz, leafz, subsz, jsz, accountz
    /// ``accountz`` with one account's details: one for each account.
    case account
    /// ``connz`` of one account: one for each account with leafnode connections, which servers before 2.11.5 list nowhere else.
    case leafconnz
    case accstatz, healthz, raftz, ipqueuesz, statsz, expvarz
  }

  /// How a document that is too large for one reply is asked for.
  public struct Paging: Sendable {
    /// Member that holds the rows.
    public let array: String
    /// Member that counts the rows of a page; nil where none does.
    public let count: String?
    /// Member that counts all rows.
    public let total: String
    /// Member that tells rows apart.
    public let key: String
    /// Most rows on a page.
    public let limit: Int
    /// Releases from which on pages are cut from rows in one order, one for each line; older ones have to be asked for the whole.
    public let since: [ServerVersion]
  }

  /// Something that a document does not hold, and what asks for it.
  public struct Lack: Sendable {
    /// What is missing: a few words.
    public let what: String
    /// The option that asks for it, and the parameter's name and value on a path.
    public let option: String
    public let parameter: String
    public let value: String
  }

  public let name: Name
  /// Whose service it is; its `since` are the releases that have it.
  public let endpoint: Endpoint
  /// The options that make it full: JSON members without braces.
  public let options: String
  /// nil where one reply holds it.
  public let paging: Paging?
  /// The option that takes an account's name, where there is a document for each account.
  public let account: String?
  /// The releases from which on it is not needed any more, one for each line; nil where all have to be asked for it.
  public let until: [ServerVersion]?
  public let lacks: [Lack]
  /// Recorded where nobody chose otherwise.
  public let isUsual: Bool

  init(
    _ name: Name, _ endpoint: Endpoint, _ options: String = "", paging: Paging? = nil, account: String? = nil,
    until: [ServerVersion]? = nil, lacks: [Lack] = [], isUsual: Bool = true
  ) {
    self.name = name
    self.endpoint = endpoint
    self.options = options
    self.paging = paging
    self.account = account
    self.until = until
    self.lacks = lacks
    self.isUsual = isUsual
  }

  /// The row of the table.
  public static func named(_ name: Name) -> FullDocument { table.first { $0.name == name } ?? FullDocument(name, .varz) }

  /// Whether a server of this version has it, and has to be asked for it.
  public func isSupported(by version: String) -> Bool {
    if let until, Endpoint.isSupported(until, by: version) { return false }
    return endpoint.isSupported(by: version)
  }

  /// The accounts that there is a document for; none where there is one for all.
  ///
  /// - Parameters:
  ///   - accountz: What the server answered as ``Name/accountz``.
  ///   - leafz: What it answered as ``Name/leafz``.
  public func accounts(accountz: [UInt8], leafz: [UInt8]) -> [String] {
    switch name {
    case .account:
      return accountz.withUnsafeBufferPointer { bytes in
        JSONBytes.member("accounts", bytes, 0..<bytes.count).map { JSONBytes.strings(bytes, $0) } ?? []
      }
    case .leafconnz:
      return leafz.withUnsafeBufferPointer { bytes in
        guard let array = JSONBytes.member("leafs", bytes, 0..<bytes.count) else { return [] }
        var found: Set<String> = []
        var rows = JSONElements(bytes, array)
        while let row = rows.next() {
          if let account = JSONBytes.member("account", bytes, row).flatMap({ JSONBytes.string(bytes, $0) }) { found.insert(account) }
        }
        return found.sorted()
      }
    default: return []
    }
  }

  /// Whether a server of this version has to be asked page by page.
  public func isPaged(by version: String) -> Bool { paging.map { Endpoint.isSupported($0.since, by: version) } ?? false }

  /// What a server is asked.
  ///
  /// - Parameters:
  ///   - version: The server's.
  ///   - account: Whose, where there is a document for each account.
  ///   - offset: The page's, as ``PageJoin`` gives it.
  public func question(version: String, account: String? = nil, offset: Int = 0) -> QuestionForm {
    var members: [String] = options.isEmpty ? [] : [options]
    if let option = self.account, let account { members.append("\"\(option)\":" + Self.quoted(account)) }
    if let paging {
      if isPaged(by: version) {
        members.append("\"offset\":\(offset),\"limit\":\(paging.limit)")
      } else {
        members.append("\"limit\":\(EndpointParameter.countLimit)")
      }
    }
    let service: QuestionForm.Service = endpoint.form == .accountStatistics ? .accountStatistics : .server(endpoint.service)
    return QuestionForm(
      service, payload: members.isEmpty ? "" : "{" + members.joined(separator: ",") + "}", endpoint: endpoint.name,
      envelope: endpoint.envelope, compress: endpoint.size == .large)
  }

  private static func quoted(_ text: String) -> String {
    var bytes: [UInt8] = []
    JSONEscaping.append(text, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}
