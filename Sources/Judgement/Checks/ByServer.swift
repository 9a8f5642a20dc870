/// Something that is known of servers, by their names and clusters: names are another's too in another cluster.
struct ByServer<Value: Sendable>: Sendable {
  private var rows: [String: [String: Value]] = [:]

  init() {}

  /// - Parameter cluster: Empty where it is not known.
  mutating func set(_ value: Value, _ name: String, _ cluster: String) { rows[name, default: [:]][cluster] = value }

  /// - Parameter cluster: Empty where it is not known: then that of any server of the name.
  func value(_ name: String, _ cluster: String) -> Value? {
    guard let clusters = rows[name] else { return nil }
    if let value = clusters[cluster] ?? clusters[""] { return value }
    return cluster.isEmpty ? clusters.min { $0.key < $1.key }?.value : nil
  }

  var names: [String] { rows.keys.sorted() }
}
