import Foundation
import Testing

/// Files that earlier versions wrote; `Tests/README.md` tells where they come from.
enum StoredRecord {
  /// The epochs of `schema1.sqlite`.
  static let epochs = [179_601_687, 179_601_688, 179_601_689]

  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Stored")

  /// Makes the folder of a record out of such a file.
  static func copy(_ name: String, to path: String) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: folder.appendingPathComponent(name).path, toPath: path + "/record.sqlite")
  }
}
