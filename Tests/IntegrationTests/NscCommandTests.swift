import Foundation
import TestSupport
import Testing

/// `natsight nsc` as a command: its words, its exit status, and its messages through real servers.
@Suite struct NscCommandTests {
  private struct Line: CustomStringConvertible {
    let words: String
    let status: Int32
    /// What stands in standard output, or in standard error where it fails.
    let text: String
    var description: String { words }
  }

  @Test func words() throws {
    let home = try NscHome()
    #expect(try home.run("add operator -n O --sys").status == 0)
    let lines = [
      // A word behind a group that names nothing gets the group's help, as nsc has it; with flags it is an error.
      Line(words: "add stuff", status: 0, text: "USAGE: nsc add <subcommand>"),
      Line(words: "delete operator", status: 0, text: "USAGE: nsc delete"),
      Line(words: "add stuff -n x", status: 1, text: "unknown command \"nsc add stuff\""),
      Line(words: "stuff", status: 1, text: "unknown command"),
      Line(words: "tool", status: 0, text: "USAGE: nsc tool <subcommand>"), Line(words: "keys", status: 0, text: "USAGE: nsc keys"),
      // What is missing has no help: another's would be taken for its own.
      Line(words: "restore", status: 1, text: "`nsc restore` is not available here: "),
      Line(words: "restore -h", status: 1, text: "`nsc restore` is not available here: "),
      Line(words: "help nosuch", status: 0, text: "USAGE: nsc <subcommand>"),
      Line(words: "help tool pub", status: 0, text: "USAGE: nsc tool pub"),
      Line(words: "help restore", status: 1, text: "`nsc restore` is not available here: "),
      Line(words: "generate diagram --help", status: 1, text: "`nsc generate diagram` is not available here: "),
      Line(words: "load", status: 1, text: "`nsc load` is not available here: "),
      Line(words: "update", status: 1, text: "`nsc update` is not"),
      Line(words: "test", status: 1, text: "`nsc test` is not"),
      Line(words: "completion powershell", status: 1, text: "`nsc completion powershell` is not"),
      Line(words: "completion ksh", status: 1, text: "\"ksh\" is none of bash, zsh and fish"),
      Line(words: "completion bash", status: 0, text: "complete -o filenames -F _nsc nsc"),
      Line(words: "completion zsh", status: 0, text: "#compdef nsc"),
      Line(words: "completion fish", status: 0, text: "complete -c 'nsc'"),
      Line(words: "generate profile --help", status: 0, text: "USAGE: nsc generate profile"),
      // Flags of every command stand anywhere; those without a value may have one.
      Line(words: "--data-dir elsewhere list operators", status: 0, text: ""),
      Line(words: "-i list operators", status: 0, text: ""),
      Line(words: "describe -J operator", status: 0, text: "\"jti\": "),
      Line(words: "describe --field name account SYS", status: 0, text: "\"SYS\""),
      Line(words: "list -J account", status: 0, text: "public_key"), Line(words: "-v", status: 0, text: "Natsight"),
      Line(words: "create account NEW", status: 0, text: "added account \"NEW\""), Line(words: "list key", status: 0, text: "NEW"),
      Line(words: "tool --nats nats://127.0.0.1:1 rtt -a SYS", status: 1, text: "cannot connect to nats://127.0.0.1:1"),
      Line(words: "validate --all-accounts=true", status: 0, text: ""),
      Line(words: "delete account SYS --force=false", status: 1, text: "use --force"),
      Line(words: "push -a SYS -A", status: 1, text: "specify only one of --account or --all-accounts"),
      Line(words: "push -A -P -D -u nats://127.0.0.1:1", status: 1, text: "--prune and --diff are mutually exclusive"),
      Line(words: "push -P -R X -u nats://127.0.0.1:1", status: 1, text: "--prune/--diff and --account-removal are mutually exclusive"),
      Line(words: "upgrade-jwt", status: 0, text: "already upgraded to version 2"),
      Line(words: "keys migrate", status: 0, text: "does not need migration"),
      Line(words: "tool rtt -a SYS", status: 1, text: "operator \"O\" doesn't have operator_service_urls set"),
    ]
    for line in lines {
      let finished = try home.run(line.words)
      #expect(finished.status == line.status, "\(line): \(finished.output)\(finished.errors)")
      let text = line.status == 0 ? finished.output : finished.errors
      #expect(line.text.isEmpty || text.contains(line.text), "\(line): \(finished.output)\(finished.errors)")
    }
  }

  @Test func bashCompletes() throws {
    let home = try NscHome()
    let script = try home.run("completion bash").output
    let file = try home.folder.write(
      script + """

        try() { COMP_LINE="$*"; COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); COMP_POINT=${#COMP_LINE}; COMPREPLY=()
          _nsc nsc "${@: -1}" "${@: -2:1}"; echo "${COMPREPLY[*]}"; }
        try nsc de; try nsc generate p; try nsc add account --allow-pubs

        """, to: "try.bash")
    let finished = try ChildProcess.run("bash", [file])
    #expect(finished.output == "delete describe\nprofile\n--allow-pubsub\n", "\(finished)")
  }

  @Test(arguments: ["nats-server", "broker"]) func tools(_ kind: String) throws {
    let home = try NscHome()
    for line in ["add operator -n O --sys", "add account -n APP", "add user -n me", "generate config --mem-resolver --config-file s.conf"] {
      let finished = try home.run(line)
      try #require(finished.status == 0, "\(line): \(finished.errors)")
    }
    let text = home.folder.read("s.conf")
    let server = try kind == "broker" ? RealServer.natsightBroker(text) : RealServer(text)
    #expect(try home.run("edit operator --service-url \(server.url)").status == 0)
    let answering = try home.start("tool reply svc answer --max-messages 1")
    let echoing = try home.start("reply echo -q workers --max-messages 1")
    let listening = try home.start("tool sub x.> --max-messages 2 -a APP -u me")
    for process in [answering, echoing, listening] {
      try eventually("it listens: \(process.transcript)") { process.output.contains("Listening on [") }
    }
    let asked = try home.run("tool req svc question")
    #expect(asked.status == 0 && asked.output.hasSuffix("] : 'answer'\n"), "\(asked)")
    #expect(try home.run("req echo same").output.hasSuffix("] : 'same'\n"))
    #expect(try home.run("tool pub x.1 one").output == "Published [x.1] : 'one'\n")
    #expect(try home.run("pub x.2 --nats \(server.url)").status == 0)
    #expect(
      try listening.waitForExit().output == "Listening on [x.>] for 2 messages\n[#1] Received on [x.1]: 'one'\n[#2] Received on [x.2]: ''\n"
    )
    #expect(try answering.waitForExit().status == 0 && echoing.waitForExit().status == 0)
    #expect(try home.run("tool rtt").output.hasPrefix("round trip time to [\(server.url)"))
    let refusals = [
      ("tool req nobody", "nobody listens on nobody"), ("tool pub a..b x", "is not a subject that can be published to"),
      ("tool pub x y -u nobody", "user \"nobody\" not found"), ("tool pub x y -a NO", "account \"NO\" not found"),
      ("tool sub x --max-messages 0", "max-messages must be greater than zero"),
      ("tool rtt --nats nats://127.0.0.1:1", "cannot connect to"),
      ("tool rtt -a SYS --ca-cert nosuch", "nosuch"),
    ]
    for (line, sentence) in refusals {
      let finished = try home.run(line)
      #expect(finished.status == 1 && finished.errors.contains(sentence), "\(line): \(finished)")
    }
    // Where the creds file is gone the store and the keystore have all that it takes.
    #expect(try home.run("generate context --context c").status == 0)
    let pub = try ChildProcess.run(NatsightProcess.binary, ["pub", "--context", "c", "x", "y"], environment: ["HOME": home.folder.path])
    #expect(pub.status == 0, "\(pub)")
    try FileManager.default.removeItem(atPath: home.folder.path(".local/share/nats/nsc/keys/creds"))
    #expect(try home.run("tool pub x y").status == 0)
    let gone = try home.run("generate context --context c")
    #expect(gone.status == 1 && gone.errors.contains("`nsc generate creds` first"))
  }

  /// The curves that a connection may use are the flag's, and no others.
  @Test func curves() throws {
    let home = try NscHome()
    for line in ["add operator -n O --sys", "add account -n APP", "add user -n me", "generate config --mem-resolver --config-file s.conf"] {
      #expect(try home.runHere(line).status == 0)
    }
    let certificate = try TestCertificate(in: home.folder)
    let server = try RealServer(
      home.folder.read("s.conf") + """

        tls {cert_file: "\(certificate.certificateFile)", key_file: "\(certificate.keyFile)", curve_preferences: [CurveP384, CurveP521]}

        """)
    let line = "tool rtt --nats tls://127.0.0.1:\(server.port) --ca-cert \(certificate.certificateFile)"
    for (curves, status) in [("", 0), (" --tls-curves P256", 1), (" --tls-curves P256,curvep521", 0), (" --tls-curves X25519", 1)]
      as [(String, Int32)]
    {
      let finished = try home.run(line + curves)
      #expect(finished.status == status, "\(curves): \(finished)")
    }
    #expect(
      try home.run("push -A -u tls://127.0.0.1:\(server.port) --ca-cert \(certificate.certificateFile) --tls-curves P256").status == 1)
  }

  /// An account that does not exist: the error alone, before anything is sent.
  @Test func pushingNobody() throws {
    let home = try NscHome()
    for line in ["add operator -n O --sys", "add account -n APP", "generate config --nats-resolver --config-file s.conf"] {
      #expect(try home.run(line).status == 0)
    }
    let server = try RealServer(home.folder.read("s.conf").replacing("'./jwt'", with: "\"$DIR/jwt\""))
    let finished = try home.run("push -a NOPE -u \(server.url)")
    #expect(finished.status == 1 && finished.output == "" && finished.errors == "Error: account \"NOPE\" not found\n", "\(finished)")
    #expect(try home.run("push -A -u \(server.url)").status == 0)
    let diff = try home.run("push -D -u \(server.url)")
    #expect(diff.output.contains("named APP exists") && !diff.output.contains("only exists"))
    #expect(try home.run("delete account APP").status == 0)
    #expect(try home.run("push -D -u \(server.url)").output.contains(" only exists in server\n"))
  }
}
