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
