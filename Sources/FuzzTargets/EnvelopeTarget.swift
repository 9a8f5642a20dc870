import SystemAPI
import Wire

extension FuzzTarget {
  /// A reply of a server: its parts are those that the tree has, the first of each name.
  public static let envelope = FuzzTarget(name: "envelope") { input in
    input.withUnsafeBufferPointer { bytes -> String? in
      // Text that has not passed gives no sense, but no harm either.
      let whole = 0..<bytes.count
      _ = (ServerDescription(bytes, whole), ReplyError(bytes, whole), ServerDescription.idRange(bytes, whole))
      _ = (ServerDescription.isAmbiguous(bytes, whole), ServerDescription(message: bytes))
      let parsed = try? JSONValue(parsing: input)
      let tree = parsed?.members == nil ? Optional.none : parsed
      guard let envelope = ReplyEnvelope(bytes) else { return tree == nil ? nil : "an object is refused" }
      guard let tree else { return "what is no object is accepted" }
      for (name, range) in [("server", envelope.server), ("statsz", envelope.statsz), ("error", envelope.error)] {
        if range.flatMap({ value(bytes, $0) }) != tree[name] { return "another \(name) than the first" }
      }
      let data = tree["data"]?.isNull == true ? Optional.none : tree["data"]
      if envelope.data.flatMap({ value(bytes, $0) }) != data { return "another data than the first" }
      return server(bytes, envelope, tree) ?? error(bytes, envelope, tree)
    }
  }

  private static func value(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> JSONValue? {
    try? JSONValue(parsing: Array(bytes[range]))
  }

  private static func server(_ bytes: UnsafeBufferPointer<UInt8>, _ envelope: ReplyEnvelope, _ tree: JSONValue) -> String? {
    guard let range = envelope.server else { return nil }
    let object = tree["server"]
    let id = object?["id"]?.string ?? ""
    guard let server = ServerDescription(bytes, range) else { return id.isEmpty ? nil : "a server with an id is refused" }
    let same =
      server.id == id && server.name == object?["name"]?.string ?? "" && server.host == object?["host"]?.string ?? ""
      && server.cluster == object?["cluster"]?.string ?? "" && server.domain == object?["domain"]?.string ?? ""
      && server.version == object?["ver"]?.string ?? "" && server.jetstream == (object?["jetstream"]?.bool ?? false)
      && server.tags == object?["tags"]?.elements?.compactMap(\.string) ?? []
    if !same { return "the description says \(server)" }
    let names = Set(["id", "name", "host", "cluster", "domain", "ver", "tags", "jetstream"])
    let told = (object?.members ?? []).map(\.name).filter { names.contains($0) }
    return ServerDescription.isAmbiguous(bytes, range) == (Set(told).count < told.count) ? nil : "a repeated name is overlooked"
  }

  private static func error(_ bytes: UnsafeBufferPointer<UInt8>, _ envelope: ReplyEnvelope, _ tree: JSONValue) -> String? {
    guard let range = envelope.error else { return nil }
    let object = tree["error"]
    guard let error = ReplyError(bytes, range) else { return object?.members == nil ? nil : "an error is refused" }
    let same = error.code == object?["code"]?.int ?? 0 && error.description == object?["description"]?.string ?? ""
    return same ? nil : "the error says \(error)"
  }
}
