/// What an entry's name has to be: a path below a folder, in parts that are file names.
public enum EntryPath {
  /// Why a name is none; completes a sentence that begins with it.
  public enum Fault: Sendable, Equatable, CustomStringConvertible {
    case empty, absolute, emptyPart, leadsUp, backslash, controlCharacter, noUTF8

    public var description: String {
      switch self {
      case .empty: "has no name"
      case .absolute: "begins at the root"
      case .emptyPart: "has an empty part in its name"
      case .leadsUp: "has \".\" or \"..\" as a part of its name"
      case .backslash: "has a backslash in its name"
      case .controlCharacter: "has a control character in its name"
      case .noUTF8: "has a name that is no UTF-8"
      }
    }
  }

  /// What is wrong with a whole path; nil where nothing is.
  public static func fault(in path: some Collection<UInt8>) -> Fault? {
    if path.isEmpty { return .empty }
    if path.first == UInt8(ascii: "/") { return .absolute }
    for part in path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      if let fault = fault(inPart: part) { return fault == .empty ? .emptyPart : fault }
    }
    return nil
  }

  /// What is wrong with a name that is to be one part of a path; nil where nothing is.
  public static func fault(inPart part: some Collection<UInt8>) -> Fault? {
    if part.isEmpty { return .empty }
    if part.elementsEqual(".".utf8) || part.elementsEqual("..".utf8) { return .leadsUp }
    for byte in part {
      switch byte {
      case UInt8(ascii: "\\"): return .backslash
      case UInt8(ascii: "/"): return .emptyPart
      case 0..<0x20, 0x7F: return .controlCharacter
      default: break
      }
    }
    return nil
  }

  /// The name as messages show it: in quotes, escaped and not too long.
  static func shown(_ name: some Collection<UInt8>) -> String {
    let text = String(decoding: name.prefix(200), as: UTF8.self).debugDescription
    return name.count > 200 ? text + "…" : text
  }
}
