/// Why a record cannot be written or read.
public enum RecordError: Error, Equatable, Sendable {
  /// The folder or the file cannot be opened.
  case unopened(path: String, reason: String)
  /// Another process writes there.
  case taken(path: String)
  /// The file was written by a later version.
  case newer(path: String, schema: Int, known: Int)
  /// The file is no record, or not what was written.
  case damaged(path: String, reason: String)
  /// The epoch is not kept any more: it was given up while it was read.
  case gone(epoch: Int)
  /// There is no room.
  case full(path: String)
  /// Anything else, in the store's own words.
  case failed(path: String, reason: String)

  public var sentence: String {
    switch self {
    case .unopened(let path, let reason): "cannot open the record \(path): \(reason)"
    case .taken(let path): "the record \(path) is being written by another process; give each its own folder"
    case .newer(let path, let schema, let known):
      "the record \(path) was written by a later version (schema \(schema); this one reads up to \(known)); it is left as it is"
    case .damaged(let path, let reason):
      "the record \(path) is damaged (\(reason)); it is left as it is: move it away to begin a new one"
    case .gone(let epoch): "epoch \(epoch) is not kept any more"
    case .full(let path): "no room for the record \(path)"
    case .failed(let path, let reason): "the record \(path) cannot be used: \(reason)"
    }
  }
}

extension RecordError: CustomStringConvertible {
  public var description: String { sentence }
}
