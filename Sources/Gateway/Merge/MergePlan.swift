import HTTPServer
import SystemAPI
import Wire

/// What a merged request asks of each server, and how the answers become one document.
///
/// Pure: made once for a request, used from any thread.
public struct MergePlan: Sendable {
  /// The page of rows that was asked for.
  public struct Page: Sendable, Hashable {
    public var offset = 0
    /// nil = all rows.
    public var limit: Int?
    /// The limit is the caller's own, be it equal to the endpoint's.
    public var isLimitGiven = false
    /// nil = the endpoint's first order, by server where servers do not page.
    public var sort: String?
    /// Only rows of closed connections.
    public var closed = false
  }

  public let endpoint: Endpoint
  /// Stands for the server in the document: `all`, `cluster/A`, `account/T`.
  public let scope: String
  public let page: Page
  public let maxRows: Int
  /// Set by `cid=`: only the server with this ordinal is asked.
  public let connection: MergedConnectionID?
  /// Set by `cid=` with a server's id in front, which means the same after a restart of the gateway: only that server is asked.
  public let named: NamedConnection?
  /// Account rows without connections stay.
  public let keepsUnused: Bool
  /// JSON members, without braces, to send along with the other options of the request.
  public let options: [String]

  /// Query parameters of a merged path that the plan takes over: the request pipeline must not turn them into options itself.
  public static let handled: Set<String> = ["offset", "limit", "sort", "cid"]

  /// Query parameters that a merged path of this endpoint understands beyond the endpoint's own.
  public static func parameters(of endpoint: Endpoint) -> [String] {
    endpoint.rows == nil ? [] : ["offset", "limit", "sort"]
  }

  /// Reads the page from the query.
  ///
  /// - Parameters:
  ///   - value: the first value of a query parameter; nil where absent or empty.
  ///   - maxRows: the most rows that are merged.
  /// - Throws: ``Refusal`` with 400 for a value that cannot be read and for a page beyond `maxRows`.
  public init(_ endpoint: Endpoint, scope: String, maxRows: Int, value: (String) -> String?) throws(Refusal) {
    self.endpoint = endpoint
    self.scope = scope
    self.maxRows = maxRows
    keepsUnused = value("unused").flatMap(EndpointParameter.boolean) ?? false
    guard let rows = endpoint.rows else {
      page = Page()
      connection = nil
      named = nil
      options = []
      return
    }
    var page = try MergePlan.page(rows, value)
    page.closed = value("state")?.lowercased() == "closed"
    if page.sort == "stop" || page.sort == "reason", !page.closed {
      throw Refusal(.badParameter, "sort by \(page.sort ?? "") only valid on closed connections")
    }
    named = MergePlan.named(endpoint, value)
    connection = named == nil ? try MergePlan.connection(endpoint, value) : nil
    if connection != nil || named != nil {
      // As the port does: one row, whatever the page.
      page.offset = 0
      page.limit = 1
    }
    if let limit = page.limit {
      // What was not asked for is no reason to refuse.
      if !page.isLimitGiven { page.limit = Swift.min(limit, maxRows) }
      let wanted = page.offset + (page.limit ?? 0)
      if wanted > maxRows { throw .tooManyRows("offset + limit is \(wanted)", limit: maxRows) }
    }
    self.page = page
    options = MergePlan.options(rows, page, connection?.cid ?? named?.cid, maxRows)
  }

  private static func page(_ rows: Endpoint.Rows, _ value: (String) -> String?) throws(Refusal) -> Page {
    let counter = EndpointParameter("", nil, .count, "")
    func count(_ name: String) throws(Refusal) -> Int? {
      guard let text = value(name) else { return nil }
      guard let number = try? counter.count(text) else {
        throw .badParameter(name, text, accepted: "a whole number from 0")
      }
      return number
    }
    var page = Page()
    page.offset = try count("offset") ?? 0
    // Servers take a limit of zero for the default.
    let given = try count("limit").flatMap { $0 > 0 ? $0 : nil }
    page.limit = given ?? rows.defaultLimit
    page.isLimitGiven = given != nil
    if let sort = value("sort") {
      guard rows.sorts.contains(where: { $0.name == sort }) else {
        throw .badParameter("sort", sort, accepted: rows.sorts.map(\.name).joined(separator: ", "))
      }
      page.sort = sort
    }
    return page
  }

  private static func named(_ endpoint: Endpoint, _ value: (String) -> String?) -> NamedConnection? {
    guard endpoint.parameter("cid") != nil, let text = value("cid"), let slash = text.lastIndex(of: "/"), slash > text.startIndex else {
      return nil
    }
    let number = text[text.index(after: slash)...]
    guard let cid = UInt64(number), !number.hasPrefix("+"), cid > 0 else { return nil }
    return NamedConnection(server: String(text[..<slash]), cid: cid)
  }

  private static func connection(_ endpoint: Endpoint, _ value: (String) -> String?) throws(Refusal) -> MergedConnectionID? {
    guard endpoint.parameter("cid") != nil, let text = value("cid") else { return nil }
    guard let number = UInt64(text), !text.hasPrefix("+") else {
      throw .badParameter(
        "cid", text, accepted: "the cid of a merged row, a whole number, or a server's id and its own cid, such as NDAK/38")
    }
    // Zero is "not given" for servers.
    return number == 0 ? nil : MergedConnectionID(merged: number)
  }

  private static func options(
    _ rows: Endpoint.Rows, _ page: Page, _ cid: UInt64?, _ maxRows: Int
  ) -> [String] {
    var options: [String] = []
    if rows.pagedByServer {
      if let sort = page.sort ?? rows.sorts.first?.name { options.append("\"sort\":\"\(sort)\"") }
      options.append("\"limit\":\(page.offset + (page.limit ?? maxRows))")
    } else if rows.defaultLimit != nil {
      options.append("\"limit\":\(maxRows + 1)")
    }
    if let cid { options.append("\"cid\":\(cid)") }
    return options
  }

  /// The order of the rows; nil = by server, then by the endpoint's first order.
  var sortKey: Endpoint.SortKey? { endpoint.rows?.sorts.first { $0.name == page.sort } }

  /// Why a server of this version cannot take part: it does not know the order, or means something else by it.
  func refusal(version: String) -> MergeFailure.Cause? {
    guard let key = sortKey, let since = key.since.first, !Endpoint.isSupported(key.since, by: version) else { return nil }
    return .sortUnknown(version: version, sort: key.name, since: since)
  }
}
