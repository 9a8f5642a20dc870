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
  /// It is on another machine, which cannot be reached at the moment.
  case away(path: String, reason: String)
  /// It is on another machine, which has not answered within so many seconds.
  case late(path: String, seconds: Int)
  /// Whoever the gateway is there may not do what recording takes.
  case forbidden(path: String, reason: String)
  /// The epoch before is still being written.
  case behind
  /// Anything else, in the store's own words.
  case failed(path: String, reason: String)

  public var sentence: String {
    switch self {
    case .unopened(let path, let reason): "cannot open the record \(path): \(reason)"
    case .taken(let path): "the record \(path) is being written by another process; give each its own folder"
    case .newer(let path, let schema, let known):
      "the record \(path) was written by a later version (schema \(schema); this one reads up to \(known)); it is left as it is"
    case .damaged(let path, let reason):
      "the record \(path) is damaged (\(reason)); it is left as it is: --record-set-aside renames it and begins a new one"
    case .gone(let epoch): "epoch \(epoch) is not kept any more"
    case .full(let path): "no room for the record \(path)"
    case .away(let path, let reason): "the record \(path) cannot be reached: \(reason)"
    case .late(let path, let seconds): "the record \(path) has not answered within \(seconds) s"
    case .forbidden(let path, let reason): "the record \(path) may not be used by this user: \(reason)"
    case .behind: "the record is slow: the epoch before is still being written"
    case .failed(let path, let reason): "the record \(path) cannot be used: \(reason)"
    }
  }
}

extension RecordError: CustomStringConvertible {
  public var description: String { sentence }
}
