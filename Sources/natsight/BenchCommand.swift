import ArgumentParser
import ClientTools
import NATSClient
import Wire

/// `natsight bench`: loads any NATS server and says what it did.
struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Load a NATS server and measure it.",
    discussion: """
      Every run opens its own connections, drives the server as fast as it goes, and prints one line (or JSON). \
      The load comes from one thread: on a small machine it takes its share of the processors from the server.
      """,
    subcommands: [Publish.self, Subscribe.self, Request.self, Connect.self])
}

extension BenchCommand {
  /// What all runs take.
  struct Target: ParsableArguments {
    @Option(
      name: [.customShort("s"), .customLong("server")], help: "The server's URL.")
    var server = "nats://127.0.0.1:4222"
    @Option(help: "User name.") var user: String?
    @Option(help: "Password.") var password: String?
    @Option(help: "Token.") var token: String?
    @Option(name: [.customLong("creds"), .customLong("creds", withSingleDash: true)], help: "Credentials file.") var creds: String?
    @Flag(help: "Print the result as one JSON object.") var json = false

    func options() throws -> LoadOptions {
      guard let url = try ServerURL.list(server).first else { throw ValidationError("--server is empty") }
      var options = LoadOptions(server: url)
      if let user { options.user = user }
      if let password { options.password = password }
      options.token = token
      options.credentials = creds
      return options
    }
  }

  /// What is sent.
  struct Messages: ParsableArguments {
    @Option(help: "Messages (or requests) per connection.") var count = 100_000
    @Option(help: "Bytes of payload.") var size = 128
    @Option(help: "The subject, or its first token where there are many.") var subject = "bench"
    @Option(help: "How many subjects to publish to, in turn.") var subjects = 1

    func apply(to options: inout LoadOptions) {
      options.count = count
      options.size = size
      options.subject = subject
      options.subjects = subjects
    }
  }

  struct Publish: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "pub", abstract: "Publish; nobody of ours listens.")
    @OptionGroup var target: Target
    @OptionGroup var messages: Messages
    @Option(help: "Connections that publish.") var clients = 1

    func run() async throws {
      var options = try target.options()
      messages.apply(to: &options)
      options.publishers = clients
      BenchOutput(name: "publish", json: target.json).printMessages(try await LoadGenerator.publish(options), size: messages.size)
    }
  }

  struct Subscribe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "sub", abstract: "Publish, and count what the subscribers receive.")
    @OptionGroup var target: Target
    @OptionGroup var messages: Messages
    @Option(help: "Connections that subscribe.") var clients = 1
    @Option(help: "Connections that publish.") var publishers = 1
    @Option(help: "Subscribe in this queue group.") var queue: String?
    @Option(help: "Subscriptions with a wildcard, held by the subscribers together.") var wildcards = 0

    func run() async throws {
      var options = try target.options()
      messages.apply(to: &options)
      options.subscribers = clients
      options.publishers = publishers
      options.queue = queue
      options.wildcards = wildcards
      let report = try await LoadGenerator.publishAndSubscribe(options)
      BenchOutput(name: "publish and subscribe", json: target.json).printMessages(report, size: messages.size)
    }
  }

  struct Request: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "request", abstract: "Ask, wait for the reply, ask again.")
    @OptionGroup var target: Target
    @OptionGroup var messages: Messages
    @Option(help: "Connections that ask, each with one request under way.") var clients = 1
    @Flag(help: "Somebody else answers on the subject.") var external = false

    func run() async throws {
      var options = try target.options()
      messages.apply(to: &options)
      options.publishers = clients
      let report = try await LoadGenerator.request(options, answering: !external)
      BenchOutput(name: "request", json: target.json).printLatency(report, what: "requests")
    }
  }

  struct Connect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "connect", abstract: "Open connections as fast as it goes, and hold them idle.")
    @OptionGroup var target: Target
    @Option(help: "Connections to open.") var clients = 1000
    @Option(help: "Seconds to hold them open.") var hold = 0.0

    func run() async throws {
      var options = try target.options()
      options.publishers = clients
      options.hold = hold
      let output = BenchOutput(name: "connect", json: target.json)
      if hold > 0 {
        _ = try await LoadGenerator.connect(options) { output.printLatency($0, what: "connections") }
      } else {
        output.printLatency(try await LoadGenerator.connect(options), what: "connections")
      }
    }
  }
}

/// Prints a report for people or for programs.
struct BenchOutput: Sendable {
  let name: String
  let json: Bool

  func printMessages(_ report: LoadReport, size: Int) {
    if json { return printJSON(report) }
    let published = "\(grouped(report.published)) messages of \(size) B in \(fixed(report.seconds, 3)) s"
    if report.expected == 0 {
      let rate = fixed(Double(report.payloadBytes) / report.seconds / 1_048_576, 1)
      return emit("\(name): \(published): \(grouped(Int(report.publishedPerSecond))) msgs/s, \(rate) MiB/s")
    }
    let lost = report.expected - report.received
    emit(
      "\(name): \(published): \(grouped(Int(report.publishedPerSecond))) msgs/s published, \(grouped(Int(report.receivedPerSecond))) msgs/s "
        + "delivered" + (lost > 0 ? ", \(grouped(lost)) of \(grouped(report.expected)) lost" : ""))
  }

  func printLatency(_ report: LoadReport, what: String) {
    if json { return printJSON(report) }
    func time(_ share: Double) -> String { DurationText.go(report.latency.percentile(share).nanoseconds) }
    emit(
      "\(name): \(grouped(report.received)) \(what) in \(fixed(report.seconds, 3)) s: \(grouped(Int(report.receivedPerSecond)))/s, "
        + "p50 \(time(0.5)), p90 \(time(0.9)), p99 \(time(0.99)), max \(time(1))")
  }

  private func printJSON(_ report: LoadReport) {
    var writer = JSONWriter()
    writer.object { writer in
      writer.key("run")
      writer.string(name)
      writer.key("published")
      writer.integer(report.published)
      writer.key("received")
      writer.integer(report.received)
      writer.key("expected")
      writer.integer(report.expected)
      writer.key("seconds")
      writer.double(report.seconds)
      writer.key("published_per_second")
      writer.double(report.publishedPerSecond)
      writer.key("received_per_second")
      writer.double(report.receivedPerSecond)
      writer.key("latency_ns")
      writer.object { writer in
        for (label, share) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("max", 1.0)] {
          writer.key(label)
          writer.integer(report.latency.percentile(share).nanoseconds)
        }
      }
    }
    emit(writer.text)
  }

  private func emit(_ line: String) { StandardOutput.write(line + "\n") }

  private func fixed(_ value: Double, _ digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = Int((value * scale).rounded())
    let fraction = String(scaled % Int(scale))
    return "\(scaled / Int(scale)).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
  }

  private func grouped(_ value: Int) -> String {
    var text = ""
    for (index, digit) in String(value).reversed().enumerated() {
      if index > 0, index % 3 == 0, digit != "-" { text.append(",") }
      text.append(digit)
    }
    return String(text.reversed())
  }
}
