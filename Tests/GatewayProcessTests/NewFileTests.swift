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
}
