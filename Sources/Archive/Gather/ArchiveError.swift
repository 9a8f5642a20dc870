/// Why a ZIP file is no archive of `nats audit gather`, or does not answer a question. Every description is a sentence without a full stop.
public enum ArchiveError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What says what the entries are is missing: it is some other ZIP file.
  case noManifest
  /// The manifest is no JSON of the form that is expected; where it is not.
  case damagedManifest(String)
  /// The manifest speaks of an entry that is not there.
  case missingEntry(String)
  /// What was asked for by a question that one entry answers; the question, and how many do.
  case notOne(String, found: Int)
  /// What answers a question is more than is read at once.
  case tooLarge(String, found: UInt64, limit: UInt64)
  /// An entry that has to be JSON is none, or none of this form.
  case noJSON(String)

  public var description: String {
    switch self {
    case .noManifest: "the ZIP file is no archive of a NATS system: expected an entry \"\(ArchivePath.manifest)\""
    case .damagedManifest(let reason): "the archive's manifest is damaged: \(reason)"
    case .missingEntry(let name): "the archive's manifest names \(name), which the archive does not have"
    case .notOne(let question, let found): "expected one entry with \(question), found \(found)"
    case .tooLarge(let question, let found, let limit): "the entries with \(question) have \(found) bytes: expected \(limit) at most"
    case .noJSON(let name): "the entry \(name) is not JSON of the form that is expected"
    }
  }
}
