import ArgumentParser
import Glibc
import Identity

/// `natsight links DIR`: the tools under the names that people know.
struct LinksCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "links",
    abstract: "Make links named nats-server, nats-sub, nats-pub, nats-req, nsc and nats-account-server.",
    discussion: "Each link points to this command and behaves as the tool of its name. A file that stands in the way is left alone.")

  @Argument(help: "The folder to put them in; it is made when it is missing.")
  var directory: String

  func run() throws {
    let command = try ownPath()
    mkdir(directory, 0o755)
    for link in CommandLink.table {
      let path = "\(directory)/\(link.name)"
      if isOurs(path, command) || symlink(command, path) == 0 {
        print("\(path) -> \(command)")
      } else {
        throw ValidationError("cannot make \(path): \(String(cString: strerror(errno)))")
      }
    }
  }

  private func ownPath() throws -> String {
    guard let path = FileAccess.ownExecutable else { throw ValidationError("cannot find this command's own file") }
    return path
  }

  private func isOurs(_ path: String, _ command: String) -> Bool { FileAccess.target(ofLink: path) == command }
}
