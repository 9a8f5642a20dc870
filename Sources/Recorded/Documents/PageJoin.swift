import SystemAPI
import Wire

/// Puts the pages of one document together: all rows under the members of the first page, with the counts that belong to them.
public struct PageJoin: Sendable {
  public enum Step: Equatable, Sendable {
    /// The next page has to be asked for from here.
    case next(offset: Int)
    /// There are no more pages; ``document()`` is whole.
    case whole
    /// The page is no such document.
    case malformed
  }

  /// Rows that are asked for again with each page: as many connections may end between two pages without that one of those behind them
  /// slips through.
  public static let overlap = 32

  private let paging: FullDocument.Paging
  private let most: Int
  private let isPaged: Bool
  private var first: [UInt8] = []
  private var rows: [UInt8] = []
  private var keys: Set<String> = []
  private var count = 0
  /// Where the page begins that was asked for last.
  private var offset = 0
  /// What the server says that there are.
  private var total = 0
  private var isCut = false

  /// - Parameters:
  ///   - version: The server's.
  ///   - most: Rows that are kept; what is beyond is counted in the document's total, and not in it.
  /// - Returns: nil where one reply holds the document.
  public init?(_ document: FullDocument, version: String, most: Int = .max) {
    guard let paging = document.paging else { return nil }
    self.paging = paging
    self.most = max(0, most)
    isPaged = document.isPaged(by: version)
  }

  /// Takes the next page: the `data` of a reply that has passed ``ReplyEnvelope``.
  public mutating func add(_ page: [UInt8]) -> Step {
    guard let rows = page.withUnsafeBufferPointer({ take($0) }) else { return .malformed }
    if first.isEmpty { first = page }
    if isCut || !isPaged || rows < paging.limit || offset + rows >= total { return .whole }
    offset += rows - Self.overlap
    return .next(offset: offset)
  }

  /// - Returns: how many rows are on the page; nil where it is no such document.
  private mutating func take(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    var members = JSONMembers(bytes, 0..<bytes.count)
    var array: Range<Int>?
    while let (name, value) = members.next() {
      if JSONBytes.equals(bytes, name, paging.total) { total = JSONBytes.integer(bytes, value) ?? 0 }
      if array == nil, JSONBytes.equals(bytes, name, paging.array) { array = value }
    }
    guard !members.malformed else { return nil }
    guard let array, !JSONBytes.isNull(bytes, array) else { return 0 }
    var elements = JSONElements(bytes, array)
    var rows = 0
    while let row = elements.next() {
      rows += 1
      keep(bytes, row)
    }
    return elements.malformed ? nil : rows
  }

  private mutating func keep(_ bytes: UnsafeBufferPointer<UInt8>, _ row: Range<Int>) {
    var members = JSONMembers(bytes, row)
    var key: Range<Int>?
    while key == nil, let (name, value) = members.next() {
      if JSONBytes.equals(bytes, name, paging.key) { key = value }
    }
    if let key, !keys.insert(String(decoding: bytes[key], as: UTF8.self)).inserted { return }
    guard count < most else {
      isCut = true
      return
    }
    if !rows.isEmpty { rows.append(UInt8(ascii: ",")) }
    rows.append(contentsOf: bytes[row])
    count += 1
  }

  /// Bytes of what is joined so far.
  public var bytes: Int { first.count + rows.count }

  /// The document of all pages so far.
  public func document() -> [UInt8] {
    first.withUnsafeBufferPointer { bytes in
      var json = JSONWriter(capacity: bytes.count + rows.count)
      json.object { json in
        var members = JSONMembers(bytes, 0..<bytes.count)
        while let (name, value) = members.next() {
          if JSONBytes.equals(bytes, name, paging.array) {
            json.key(JSONBytes.unescaped(bytes, name))
            json.array { json in if count > 0 { json.raw(rows) } }
          } else if let counted = paging.count, JSONBytes.equals(bytes, name, counted) {
            json.key(counted)
            json.integer(count)
          } else if paging.count != nil, JSONBytes.equals(bytes, name, paging.total) {
            // Some of those that the server counted may have gone before their page was asked for.
            json.key(paging.total)
            json.integer(isCut ? max(total, count) : count)
          } else if JSONBytes.equals(bytes, name, "limit") {
            json.member("limit", max(count, JSONBytes.integer(bytes, value) ?? 0))
          } else {
            json.raw(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[name.lowerBound - 1..<value.upperBound]))
          }
        }
      }
      return json.bytes
    }
  }
}
