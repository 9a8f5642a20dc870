import ArgumentParser
import CPosix

/// An error that is not about the command line: its sentence goes to standard error, without the usage.
struct CommandFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
