import CPages
import Flags
import Gateway
import HTTPServer

/// The pages for browsers that the command carries in itself, and a folder that stands in for them.
enum CarriedPages {
  /// - Parameter folder: Where they lie while somebody works on them; nil for those carried.
  /// - Throws: What is wrong with that folder.
  static func files(_ folder: String?) throws(CommandFailure) -> StaticFiles {
    guard let folder else { return carried }
    let files = StaticFiles(directory: folder)
    guard files.paths.contains("/index.html") else { throw CommandFailure("--pages \(folder): there is no index.html") }
    return files
  }

  private static var carried: StaticFiles {
    StaticFiles(
      (0..<cpages_count()).map { index in
        let file = cpages_at(index)
        return (String(cString: file.path), Array(UnsafeBufferPointer(start: file.bytes, count: file.count)))
      })
  }
}
