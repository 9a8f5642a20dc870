import ArgumentParser
import Flags
import GatewayProcess
import Glibc
import LogOutput
import Logging
import ServerProcess

/// `natsight archive`: a file of everything that is known of a system at one moment.
struct ArchiveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "archive", abstract: "Put everything that a NATS deployment tells of itself into one file.",
    discussion: """
      The file is a zip that nats audit analyze judges and natsight serve --archive shows, on any machine and without a connection. Every \
      server is asked for its documents, a few questions at a time; JWTs, passwords and tokens are left out unless --secrets is given. \
      Subjects, client names and addresses are in it.

        natsight archive -o case-4711.zip --server nats://admin:changeit@nats1:4222
        natsight archive -o case-4711.zip --server nats://nats1:4222 --creds sys.creds
        natsight archive -o before.zip --from http://localhost:8222 --at=-2h
        natsight archive -o night.zip --record /var/lib/natsight --at 2026-11-30T03:12:00Z

      The user has to be in the system account. With --from a running gateway makes the file, of now or of a moment that it has recorded; \
      --user and --password, --token, and the TLS flags are then for the gateway, and its access file decides whether secrets are in it.

      With --record a moment is taken from the folder that serve --record writes, whether or not a gateway is running: nobody is asked.

      The exit status is 0 where every expected server is in the file, 2 where the file is there and some are missing (standard error names \
      them), and 1 where there is no file: then nothing has been written, and a file that was there is as it was.
      """)

  @OptionGroup var flags: ArchiveFlags

  func run() async throws {
    let signals = SignalWatch(label: "natsight.archive.signals")
    let output = flags.output
    for number in [SIGINT, SIGTERM] {
      signals.on(number) {
        // What is half written stands under a name of its own.
        unlink("\(output).\(getpid()).part")
        Glibc.exit(128 + number)
      }
    }
    let run = ArchiveRun(
      flags, version: Natsight.configuration.version, output: LogOutput(format: .text, level: .error),
      tell: { CommandExit.complain($0 + "\n") })
    let outcome = try await run.run()
    for line in outcome.lines { CommandExit.complain(line + "\n") }
    CommandExit.complain("\(output) is written: \(outcome.size) bytes\n")
    if outcome.isComplete != true { throw ExitCode(2) }
  }
}
