/// Why a file cannot be opened as an archive: one clause, for people.
public struct ArchiveOpeningError: Error, Equatable, Sendable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
