import ArgumentParser
import Flags
import GatewayProcess
import Glibc
import LogOutput
import Logging

/// `natsight check`: judges a system once, for monitoring plugins and pipelines.
struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Judge a NATS deployment once, as a monitoring plugin or a step of a pipeline.",
    discussion: """
      The checks are those of /findings, with the same codes, thresholds and sentences (docs/checks.md). A NATS system is asked as a user \
      of its system account; with an http URL a running gateway is asked, which also knows what was before, where it records.

        natsight check all --server nats://admin:changeit@nats1:4222
        natsight check stream consumer --context production --format nagios
        natsight check certificate_expiring --certificate-days 45 --server http://localhost:8222
        natsight check all --of-cluster east --over 10s --server nats://nats1:4222 --creds sys.creds
        natsight check audit:SERVER_008 --server nats://nats1:4222 --creds sys.creds

      The exit status is 2 where something critical was found, else 3 where anything is not known (no connection, a server that did not \
      answer), else 1 where there is a warning, else 0; and 64 where the command line is wrong. What is only worth knowing (info) does not \
      count. With --format prometheus it is 0, and the outcome is in the metrics.

      Of a family, checks that need what was not asked for (--quick), an earlier moment (--over, or a gateway that records), or the events \
      of the last minutes (a gateway that has listened for so long), are left out and listed as that. A check that is named by its code, \
      and cannot be made, is unknown; so is everything where --outfile cannot be written.
      """)

  @OptionGroup var flags: CheckFlags

  func run() async throws {
    let run = CheckRun(flags, version: Natsight.configuration.version, output: LogOutput(format: .text, level: .error))
    let report = await run.run()
    do throws(CommandFailure) {
      if let text = try run.write(report) { CommandExit.say(text) }
    } catch {
      // Whoever reads the file learns nothing: that is no warning, but unknown.
      CommandExit.complain("Error: \(error)\n")
      throw ExitCode(CheckReport.Status.unknown.rawValue)
    }
    let status = report.exitStatus(flags.format)
    if status != 0 { throw ExitCode(status) }
  }
}
