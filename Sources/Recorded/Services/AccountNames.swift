import SystemAPI
import Wire

/// Which accounts a server knew.
enum AccountNames {
  /// Whether the server knew an account of this name.
  static func has(_ account: String, _ documents: RecordedDocuments) throws(Obstacle) -> Bool {
    let list = Document(.accountz, try documents.document(.accountz))
    let places = try list.members("accounts")
    return list.bytes.withUnsafeBufferPointer { bytes in
      guard let array = places[0] else { return false }
      var elements = JSONElements(bytes, array)
      while let element = elements.next() {
        guard element.count >= 2 else { continue }
        if JSONBytes.equals(bytes, element.lowerBound + 1..<element.upperBound - 1, account) { return true }
      }
      return false
    }
  }

  /// The system account's name; nil where there is none.
  static func system(_ documents: RecordedDocuments) throws(Obstacle) -> String? {
    Document(.accountz, try documents.document(.accountz)).string("system_account")
  }
}
