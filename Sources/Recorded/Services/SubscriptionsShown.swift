import SystemAPI
import Wire

/// What is shown of the subscriptions of connections and routes.
enum SubscriptionsShown {
  case none
  /// Their subjects, as they were kept.
  case list
  /// Their subjects, out of the details that were kept.
  case listOfDetails
  case details

  /// Where both are asked for, the details are what is shown.
  init(_ request: RequestPayload, _ name: FullDocument.Name, _ documents: RecordedDocuments) throws(Obstacle) {
    let hasDetails = documents.holds(name, "subscriptions_detail")
    if request.bool("subscriptions_detail") {
      guard hasDetails else { throw .lacking(name, "subscriptions_detail") }
      self = .details
    } else if request.bool("subscriptions") {
      try documents.need(name, "subscriptions", for: "subs")
      self = hasDetails ? .listOfDetails : .list
    } else {
      self = .none
    }
  }

  static let listName: StaticString = "subscriptions_list"
  static let detailName: StaticString = "subscriptions_list_detail"

  /// Members of rows that are not shown.
  var hidden: [StaticString] {
    switch self {
    case .none: [Self.listName, Self.detailName]
    case .list: [Self.detailName]
    case .listOfDetails, .details: [Self.listName]
    }
  }

  /// Writes a row again.
  func copy(_ bytes: UnsafeBufferPointer<UInt8>, _ row: Range<Int>, without names: MemberNames, _ json: inout JSONWriter) {
    guard case .listOfDetails = self else { return json.copy(bytes, row, without: names) }
    json.copy(bytes, row) { name, value, json in
      if names.contains(bytes, name) { return .leftOut }
      guard JSONBytes.equals(bytes, name, Self.detailName) else { return .kept }
      json.key(Self.listName)
      json.beginArray()
      var details = JSONElements(bytes, value)
      while let detail = details.next() {
        guard let subject = JSONBytes.member("subject", bytes, detail) else { continue }
        json.raw(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[subject]))
      }
      json.endArray()
      return .written
    }
  }

  /// The subjects in a list or in details.
  static func subjects(_ bytes: UnsafeBufferPointer<UInt8>, _ list: Range<Int>) -> [String] {
    var found: [String] = []
    var elements = JSONElements(bytes, list)
    while let element = elements.next() {
      let subject = JSONBytes.string(bytes, element) ?? JSONBytes.member("subject", bytes, element).flatMap { JSONBytes.string(bytes, $0) }
      if let subject { found.append(subject) }
    }
    return found
  }
}
