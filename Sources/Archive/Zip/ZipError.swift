/// Why a file is no ZIP file that is read here, or an entry cannot be taken from it. Every description is a sentence without a full stop.
public enum ZipError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The system does not let the file be read; its errno's text.
  case unreadable(String)
  /// Nothing at the file's end says where its directory is: it is no ZIP file, or was cut short.
  case noDirectory
  /// The directory, or what says where it is, contradicts itself; the contradiction.
  case damagedDirectory(String)
  case spansSeveralFiles
  case tooManyEntries(found: UInt64, limit: Int)
  case directoryTooLarge(found: UInt64, limit: Int)
  /// An entry's name cannot be a path below a folder.
  case badName(shown: String, EntryPath.Fault)
  case nameTooLong(found: Int, limit: Int)
  case duplicateName(String)
  case encrypted(String)
  case unknownMethod(String, UInt16)
  case entryTooLarge(String, found: UInt64, limit: UInt64)
  case archiveTooLarge(found: UInt64, limit: UInt64)
  /// An entry claims to unfold to a size that no honest data does.
  case tooDense(String, packed: UInt64, unpacked: UInt64, limit: UInt64)
  /// Two entries share bytes, or one reaches into the directory.
  case overlapping(String)
  /// The entry's own header is not the one that the directory speaks of; what is different.
  case damagedEntry(String, String)
  case damagedData(String)
  case wrongSize(String, expected: UInt64, found: UInt64)
  case wrongChecksum(String, expected: UInt32, found: UInt32)
  case noEntry(String)

  public var description: String {
    switch self {
    case .unreadable(let reason): "the file cannot be read: \(reason)"
    case .noDirectory: "this is no ZIP file, or its end is missing: no end of a directory was found"
    case .damagedDirectory(let reason): "the ZIP file's directory is damaged: \(reason)"
    case .spansSeveralFiles: "the ZIP file is one of several that belong together: expected a whole one"
    case .tooManyEntries(let found, let limit): "the ZIP file has \(found) entries: expected \(limit) at most"
    case .directoryTooLarge(let found, let limit): "the ZIP file's directory has \(found) bytes: expected \(limit) at most"
    case .badName(let name, let fault): "the entry \(name) \(fault)"
    case .nameTooLong(let found, let limit): "the name of an entry has \(found) bytes: expected \(limit) at most"
    case .duplicateName(let name): "there are two entries \(name)"
    case .encrypted(let name): "the entry \(name) is encrypted"
    case .unknownMethod(let name, let method): "the entry \(name) is packed by method \(method): expected 8 (deflate) or 0 (not packed)"
    case .entryTooLarge(let name, let found, let limit): "the entry \(name) has \(found) bytes: expected \(limit) at most"
    case .archiveTooLarge(let found, let limit): "all entries together have \(found) bytes or more: expected \(limit) at most"
    case .tooDense(let name, let packed, let unpacked, let limit):
      "the entry \(name) unfolds \(packed) bytes to \(unpacked): expected \(limit) times as many at most"
    case .overlapping(let name): "the entry \(name) reaches into another one, or into the directory"
    case .damagedEntry(let name, let reason): "the entry \(name) is damaged: \(reason)"
    case .damagedData(let name): "the packed bytes of the entry \(name) are damaged"
    case .wrongSize(let name, let expected, let found): "the entry \(name) has \(found) bytes: its directory says \(expected)"
    case .wrongChecksum(let name, let expected, let found):
      "the entry \(name) has the checksum \(String(found, radix: 16)): its directory says \(String(expected, radix: 16))"
    case .noEntry(let name): "there is no entry \(name)"
    }
  }
}
