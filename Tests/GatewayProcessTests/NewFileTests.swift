import Foundation
import TestSupport
import Testing

@testable import GatewayProcess

/// A file that is there as a whole or not at all.
struct NewFileTests {
  /// What a killed process of the same number left behind is in nobody's way.
  @Test func whatWasLeftBehindIsReplaced() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("archive.zip")
    try folder.write("left behind", to: "archive.zip.\(getpid()).part")
    let file = try NewFile(path, replaces: false)
    try file.write(Array("whole".utf8)[...])
    #expect(!FileManager.default.fileExists(atPath: path))
    try file.finish()
    #expect(folder.read("archive.zip") == "whole")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["archive.zip"])
  }

  /// Processes of one number in two containers write into one folder: each into a file of its own.
  @Test func nobodyTakesTheFileOfOneThatLives() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("archive.zip")
    let first = try NewFile(path, replaces: true)
    try first.write(Array("fir".utf8)[...])
    let second = try NewFile(path, replaces: true)
    try second.write(Array("second".utf8)[...])
    try NewFile(path, replaces: true).write(Array("third".utf8)[...])
    try first.write(Array("st".utf8)[...])
    try first.finish()
    #expect(folder.read("archive.zip") == "first")
    try second.finish()
    #expect(folder.read("archive.zip") == "second")
    first.discard()
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["archive.zip"])
  }

  /// Where there are no locks, or somebody cleans up.
  @Test func whatAnotherPutInItsPlaceStays() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("archive.zip")
    let part = "archive.zip.\(getpid()).part"
    let file = try NewFile(path, replaces: true)
    try FileManager.default.removeItem(atPath: folder.path(part))
    try folder.write("another's", to: part)
    #expect(throws: (any Error).self) { try file.finish() }
    file.discard()
    #expect(folder.read(part) == "another's" && !FileManager.default.fileExists(atPath: path))
  }

  @Test func whatIsThereStays() throws {
    let folder = try TemporaryFolder()
    try folder.write("first", to: "archive.zip")
    #expect(throws: (any Error).self) { try NewFile(folder.path("archive.zip"), replaces: false) }
    let file = try NewFile(folder.path("archive.zip"), replaces: true)
    try file.write(Array("second".utf8)[...])
    file.discard()
    #expect(folder.read("archive.zip") == "first")
  }

  private func mode(_ path: String) -> mode_t {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o777 : 0
  }

  private func make(_ path: String, isShared: Bool) throws {
    let file = try NewFile(path, replaces: true, isShared: isShared)
    try file.write(Array("x".utf8)[...])
    try file.finish()
  }

  @Test func whoMayReadIt() throws {
    let folder = try TemporaryFolder()
    try make(folder.path("own"), isShared: false)
    #expect(mode(folder.path("own")) == 0o600)
    let path = folder.path("shared")
    try make(path, isShared: true)
    // As far as this process's umask lets others.
    #expect(mode(path) & 0o600 == 0o600 && mode(path) & 0o133 == 0)
    for old: mode_t in [0o640, 0o664, 0o600] {
      try #require(chmod(path, old) == 0)
      try make(path, isShared: true)
      #expect(mode(path) == old && folder.read("shared") == "x")
    }
  }

  /// A device or a link that is replaced is lost to everybody else.
  @Test func whatIsNoFileIsNotReplaced() throws {
    let folder = try TemporaryFolder()
    try folder.write("first", to: "file")
    try FileManager.default.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: folder.path("file"))
    try #require(mkfifo(folder.path("pipe"), 0o600) == 0)
    for name in ["link", "pipe"] {
      #expect(throws: (any Error).self) { try NewFile(folder.path(name), replaces: true, isShared: true) }
    }
    #expect(folder.read("link") == "first")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["file", "link", "pipe"])
  }
}
