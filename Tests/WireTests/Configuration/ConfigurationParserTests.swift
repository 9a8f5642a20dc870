import Testing
import Wire

/// Shows a tree in one line, so that expectations are short.
private func show(_ value: ConfigurationValue) -> String {
  switch value.content {
  case .boolean(let value): "\(value)"
  case .integer(let value): "\(value)"
  case .float(let value): "\(value)f"
  case .string(let value): "\"\(value)\""
  case .date(let value): "@\(value)"
  case .array(let values): "[" + values.map(show).joined(separator: ",") + "]"
  case .map(let map): show(map)
  }
}

private func show(_ map: ConfigurationMap) -> String {
  "{" + map.entries.map { "\($0.key)=\(show($0.value))" }.joined(separator: ",") + "}"
}

private func parse(
  _ text: String, files: [String: String] = [:], environment: [String: String] = [:]
) throws(ConfigurationError) -> ConfigurationDocument {
  try ConfigurationDocument(
    parsing: text.utf8, file: "/a/b.conf",
    sources: ConfigurationSources(
      readFile: { path in
        guard let file = files[path] else { throw ConfigurationError("open \(path): no such file or directory") }
        return Array(file.utf8)
      }, environment: { environment[$0] }))
}

@Suite struct ConfigurationParserTests {
  @Test(arguments: [
    ("", "{}"),
    ("a=1", "{a=1}"), ("a:1", "{a=1}"), ("a 1", "{a=1}"), ("a=1;b=2", "{a=1,b=2}"), (#"{"a":1}"#, "{a=1}"),
    ("a=1,b=2", "{a=1,b=2}"), ("a=1;;b=2", "{a=1,;b=2}"), ("a=", #"{a=""}"#), ("a=1}", "{a=1}"),
    (#"{"a":"x"} {"b":2}"#, #"{a="x",b=2}"#), ("a {b=1}", "{a={b=1}}"), ("a\n\n{b=1}", "{a={b=1}}"),
    ("a {b=1}", "{a={b=1}}"), ("a=1\na=2", "{a=2}"), ("a=foo # c", #"{a="foo"}"#), ("a=foo#bar", #"{a="foo#bar"}"#),
    ("a=http://x", #"{a="http://x"}"#), ("a = a //b", #"{a="a"}"#), ("# c\n// d\na=1", "{a=1}"), ("a=1\r\nb=2\r\n", "{a=1,b=2}"),
    ("a=x\rb=2", #"{a="x",b=2}"#), ("a.b-ä: 1", "{a.b-ä=1}"), (#"'a b'=1"#, "{a b=1}"), ("a={b=1,}", "{a={b=1}}"),
    ("a={b=1;}", "{a={b=1}}"), ("a={b=\n1}", "{a={b=1}}"), ("a={,b=1}", "{a={,b=1}}"), ("a=}", #"{a=""}"#),
  ])
  func structure(_ text: String, _ expected: String) throws {
    #expect(show(try parse(text).root) == expected)
  }

  @Test(arguments: [
    (#"a="x\t\n\r\"\\\x41""#, "x\t\n\r\"\\A"), (#"a='x\n"'"#, #"x\n""#), ("a=\"x\ny\"", "x\ny"), (#"a=\x41b"#, "Ab"),
    ("a=$", "$"), ("a=>", ">"), ("a=*.x.>", "*.x.>"), ("a=@x", "@x"), ("a=x$y", "x$y"), ("a=10s", "10s"), ("a=1h", "1h"),
    ("a=3secret", "3secret"), ("a=127.0.0.1:4222", "127.0.0.1:4222"), ("a=0x10", "0x10"), ("a=1_000", "1_000"), ("a=+1", "+1"),
    ("a=5min", "5min"), ("a=10ms", "10ms"), ("a=4222/x", "4222/x"), ("a=(\nabc\n)\n", "\nabc\n"), ("a=( x (\n)", " x (\n"),
    ("a=(\n )\n)", "\n )\n"), ("a=$2a$11$abc", "$2a$11$abc"), (#"a="$X""#, "$X"), ("a=a\"b", "a\"b"), ("a=\"true\"", "true"),
    (#"a="./file""#, "./file"), ("a=/x", "/x"),
  ])
  func strings(_ text: String, _ expected: String) throws {
    #expect(try parse(text).root["a"]?.content == .string(expected))
  }

  @Test(
    arguments: [
      ("1", 1), ("010", 10), ("-7", -7), ("1k", 1000), ("1K", 1000), ("2m", 2_000_000), ("1g", 1_000_000_000), ("1t", 1_000_000_000_000),
      ("1kb", 1024), ("1Ki", 1024), ("1KiB", 1024), ("64mb", 67_108_864), ("1gib", 1_073_741_824), ("1e", 1_000_000_000_000_000_000),
      ("9223372036854775807", Int64.max), ("-9223372036854775808", Int64.min),
    ] as [(String, Int64)])
  func integers(_ text: String, _ expected: Int64) throws {
    #expect(try parse("a=\(text)").root["a"]?.content == .integer(expected))
    #expect(try parse("a=[\(text)]").root["a"].map(show) == "[\(expected)]")
    #expect(try parse("x={a=\(text)}").root["x"].map(show) == "{a=\(expected)}")
  }

  @Test(arguments: [
    ("1.5", "1.5f"), ("-0.25", "-0.25f"), ("true", "true"), ("Yes", "true"), ("ON", "true"), ("off", "false"), ("no", "false"),
    ("FALSE", "false"), ("2016-05-04T18:53:41Z", "@2016-05-04T18:53:41Z"), ("[]", "[]"), ("[1,2,3]", "[1,2,3]"), ("[1,2,]", "[1,2]"),
    ("[a\nb\n]", #"["a","b"]"#), ("[[1],[2]]", "[[1],[2]]"), ("[1k, 2 ]", "[1000,2]"), ("[{a=1},{b=2}]", "[{a=1},{b=2}]"),
    ("[a, # c\n b]", #"["a","b"]"#), ("[true,1.5,x]", #"[true,1.5f,"x"]"#), ("[ # only\n]", "[]"),
  ])
  func others(_ text: String, _ expected: String) throws {
    #expect(try parse("a=\(text)").root["a"].map(show) == expected)
  }

  @Test(arguments: [
    ("a=foo bar", 1, 7), ("a", 1, 1), ("a={b=1", 1, 3), ("a=[1", 1, 3), ("a=\"x", 1, 3), ("a='x", 1, 3), ("x=1\n=3", 2, 1),
    ("a=\nb=3", 1, 3), ("a=1.5s", 1, 3), ("a=-x", 1, 3), ("a=12-ab", 1, 3), ("a=.5", 1, 3), ("a=2m5s", 1, 3), ("a=1kbb", 1, 3),
    ("a=\"\\q\"", 1, 3), ("a=\\u", 1, 3), ("a=[a b]", 1, 6), ("a=[a;b]", 1, 5), ("a=[,a]", 1, 4), ("a=(abc)", 1, 3),
    ("a=99999999999999999999", 1, 3), ("a=10e", 1, 3), ("\n\n  a=$NOPE", 3, 5), ("a=2016-05-04", 1, 3), ("a={b}", 1, 4), ("a b c", 1, 5),
    ("include=1", 1, 1), (#""a":3 "b":4"#, 1, 7), ("a = $x\nx = 1", 1, 5),
  ])
  func faults(_ text: String, _ line: Int, _ column: Int) throws {
    if text.hasPrefix("include") {
      // A key like any other; only its meaning as an option is unknown.
      #expect(try parse(text).root["include"]?.content == .integer(1))
      return
    }
    let error = #expect(throws: ConfigurationError.self) { try parse(text) }
    #expect(error?.position == ConfigurationPosition(file: "/a/b.conf", line: line, column: column), "\(error?.reason ?? "")")
  }

  @Test func deepNestingIsRefused() {
    let error = #expect(throws: ConfigurationError.self) { try parse("a=" + String(repeating: "[", count: 100_000)) }
    #expect(error?.reason.contains("levels") == true)
  }

  @Test func variables() throws {
    let root = try parse("x=1k\na=$x\nm { y=2, b=$y, c=$x }\n", environment: [:]).root
    #expect(show(root) == "{x=1000,a=1000,m={y=2,b=2,c=1000}}")
    #expect(root.entry("x")?.isVariable == true)
    #expect(root.entry("a")?.isVariable == false)
    let environment = ["N": "5k", "M": "{p=1,q=[1,2]}", "T": "'two words'", "B": "on", "R": "$R", "E": ""]
    #expect(
      show(try parse("a=$N,b=$M\nc=$T;d=$B\ne=$E", environment: environment).root) == #"{a=5000,b={p=1,q=[1,2]},c="two words",d=true,e=""}"#
    )
    #expect(try parse("a=[$N]", environment: environment).root["a"].map(show) == "[5000]")
    let cycle = #expect(throws: ConfigurationError.self) { try parse("a=$R", environment: environment) }
    #expect(cycle?.reason == "variable reference cycle for 'R'")
    let missing = #expect(throws: ConfigurationError.self) { try parse("a=1\nb=$X") }
    #expect(missing?.reason == "variable reference for 'X' on line 2 can not be found")
  }

  /// Whatever is wrong with a password, the error does not repeat it: errors stand in logs.
  @Test(
    arguments: ["password", "PASS", "token"],
    [
      "$SECRET", "$2a$11$SECRET", "-SECRET", "12-SECRET", "2mSECRET", "\"SECRET", "'SECRET", "\"\\qSECRET\"", "\\uSECRET", "{SECRET}",
      "[SECRET", "[a SECRET]",
      "[a;SECRET]", "(SECRET)", "99999999999999999999SECRET", "2016-05-04SECRET", "x SECRET", "SECRET}", "$R",
    ])
  func secretsAreNotRepeated(_ key: String, _ value: String) {
    for text in ["\(key): \(value)", "a { users = [{user: u, \(key): \(value)}] }"] {
      do {
        _ = try parse(text, environment: ["R": "$SECRET"])
      } catch {
        #expect(!"\(error)".contains("SECRET"), "\(text)")
      }
    }
  }

  @Test func includes() throws {
    let files = [
      "/a/x.conf": "p=1\nq={r=2}", "/a/etc/y.conf": "include sub/z.conf\ny=3", "/a/etc/sub/z.conf": "z=$p", "/a/me.conf": "include me.conf",
    ]
    let document = try parse("include 'x.conf'; include \"/etc/y.conf\"\nm { include x.conf }", files: files)
    #expect(show(document.root) == "{p=1,q={r=2},z=1,y=3,m={p=1,q={r=2}}}")
    #expect(document.texts.count == 5)
    #expect(document.root["z"]?.position.file == "/a/etc/sub/z.conf")
    #expect(throws: ConfigurationError.self) { try parse("include me.conf", files: files) }
    let missing = #expect(throws: ConfigurationError.self) { try parse("\ninclude 'no.conf'") }
    #expect(missing?.description == "/a/b.conf:2:1: error parsing include file 'no.conf', open /a/no.conf: no such file or directory")
    #expect(show(try parse("include: 1").root) == "{include=1}")
  }

  @Test func typedAccess() throws {
    let root = try parse("n=5, f=1.5, s=abc, d='1m30s', b=on, l=[a, b], m={x=1}, bad='1x'").root
    let value = { (key: String) in try #require(root[key]) }
    #expect(try value("n").integer("n") == 5)
    #expect(try value("n").number("n") == 5)
    #expect(try value("n").durationOrSeconds("n") == 5_000_000_000)
    #expect(try value("f").durationOrSeconds("f") == 1_500_000_000)
    #expect(try value("d").duration("d") == 90_000_000_000)
    #expect(try value("l").strings("l") == ["a", "b"])
    #expect(try value("s").strings("s") == ["abc"])
    #expect(try value("b").boolean("b"))
    #expect(try value("m").map("m")["x"]?.content == .integer(1))
    let mismatch = #expect(throws: ConfigurationError.self) { try value("s").integer("s") }
    #expect(mismatch?.reason == "s: expected an integer, found a string")
    let duration = #expect(throws: ConfigurationError.self) { try value("bad").duration("bad") }
    #expect(duration?.reason == "error parsing bad: invalid duration \"1x\"")
    let range = #expect(throws: ConfigurationError.self) { try value("n").integer("n", in: 0...4) }
    #expect(range?.reason == "n must be from 0 to 4, found 5")
  }
}
