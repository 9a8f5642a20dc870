import Foundation
import TestSupport
import Testing

/// What people read is so: `scripts/book` runs the commands of README and docs, and follows their links.
@Suite struct BookTests {
  private static func book(_ arguments: [String]) throws -> Finished {
    try ChildProcess.run("\(packageRoot)/scripts/book", arguments, timeout: 600)
  }

  /// Pages that show commands and what they print.
  static let pages: [String] = {
    guard let listed = try? book(["pages"]) else { return [] }
    return listed.output.split(separator: "\n").map(String.init)
  }()

  @Test(arguments: pages) func commandsPrintWhatIsShown(_ page: String) throws {
    let ran = try Self.book(["run", "--natsight", NatsightProcess.binary, "\(packageRoot)/\(page)"])
    #expect(ran.status == 0 && ran.output == "", "\(ran.output)\(ran.errors)")
  }

  @Test func thePagesOfTheBeginningAreAmongThem() {
    for page in ["README.md", "docs/first-ten-minutes.md", "docs/your-system.md", "docs/exposing.md", "docs/an-incident.md"] {
      #expect(Self.pages.contains(page), "\(Self.pages)")
    }
  }

  @Test func linksLeadToWhatIsThere() throws {
    let checked = try Self.book(["check"])
    #expect(checked.status == 0 && checked.output == "", "\(checked.output)\(checked.errors)")
  }

  @Test func brokenLinksAreFound() throws {
    let folder = try TemporaryFolder()
    for path in ["docs/images", "Sources/Wire", "Sources/Reactor"] {
      try FileManager.default.createDirectory(atPath: folder.path(path), withIntermediateDirectories: true)
    }
    try folder.write("`Sources/Wire`", to: "CONTRIBUTING.md")
    try folder.write("", to: "docs/images/seen.png")
    try folder.write("", to: "docs/images/unseen.png")
    try folder.write(
      "[a](docs/a.md#the-first-c) [b](docs/b.md) `[no](link)`\n![](docs/images/seen.png) [c](docs/a.md#second)\n", to: "README.md")
    try folder.write("[a](a.md)\n", to: "docs/README.md")
    try folder.write("# The `first` (C)\n```\n# second\n[no](link)\n```\n", to: "docs/a.md")
    try folder.write("# Lost\n", to: "docs/lost.md")
    let checked = try Self.book(["check", "--root", folder.path])
    #expect(checked.status == 1)
    #expect(
      checked.output == """
        README.md:1: docs/b.md: there is no such file
        README.md:2: docs/a.md#second: there is no such heading
        docs/lost.md is not in docs/README.md
        docs/images/unseen.png is shown nowhere
        Sources/Reactor is not in CONTRIBUTING.md

        """, "\(checked.output)\(checked.errors)")
  }

  /// Lines that have to succeed.
  @Test(arguments: [("true  # well\n\n# nothing", true), ("true\nfalse", false), ("curl 127.0.0.1:8222/livez", false)])
  func whatFailsIsFound(lines: String, isSo: Bool) throws {
    let folder = try TemporaryFolder()
    let page = try folder.write("# A page\n\n```sh\n\(lines)\n```\n", to: "page.md")
    let ran = try Self.book(["run", "--patience", "1", "--natsight", NatsightProcess.binary, page])
    #expect((ran.status == 0) == isSo, "\(ran.output)\(ran.errors)")
  }

  @Test func errorsAreFailures() throws {
    let folder = try TemporaryFolder()
    let begin = "```console\n$ natsight serve\n…\nNatsight serves http://127.0.0.1:8222\n…\n```\n"
    for (path, status) in [("varz", Int32(0)), ("nothing", 1)] {
      let page = try folder.write(begin + "```sh\ncurl localhost:8222/\(path)\n```\n", to: "page.md")
      let patience = status == 0 ? "30" : "1"
      let ran = try Self.book(["run", "--patience", patience, "--natsight", NatsightProcess.binary, page])
      #expect(ran.status == status, "\(ran.output)\(ran.errors)")
    }
  }

  /// A page, and whether what it shows is what is printed.
  @Test(arguments: [
    ("$ echo one; echo two\none\ntwo", true), ("$ echo one; echo two\none\n…", true), ("$ echo one; echo two\none", false),
    ("$ echo one two\no… t…", true), ("$ echo one two\no… s…", false), ("$ true", true), ("$ true\n…", true), ("$ true\nword", false),
    ("$ echo \\\n  two\ntwo", true), ("$ false", false), ("$ false\n…", false), ("$ cat a.conf\nx: 1", true),
    ("$ natsight serve --listen 127.0.0.1:8222\n…\nNatsight serves http://127.0.0.1:8222\n…\n$ curl -s localhost:8222/livez\n…\n^C", true),
    ("$ natsight serve --listen 127.0.0.1:8222\n…\n^C\n$ curl -s localhost:8222/livez; echo $?\n7", true),
    ("$ natsight serve --lisen 127.0.0.1:8222\nError: …lisen…\n…", true),
    ("$ natsight serve --lisen 127.0.0.1:8222\n…", false),
  ])
  func whatIsNotSoIsFound(block: String, isSo: Bool) throws {
    let folder = try TemporaryFolder()
    let page = try folder.write("# A page\n\n```a.conf\nx: 1\n```\n\n```console\n\(block)\n```\n", to: "page.md")
    let ran = try Self.book(["run", "--natsight", NatsightProcess.binary, page])
    #expect((ran.status == 0) == isSo, "\(block)\n\(ran.output)\(ran.errors)")
    #expect(ran.output.contains("is shown to print") == !isSo, "\(ran.output)\(ran.errors)")
  }
}
