import Testing
import Wire

@Suite struct WordTests {
  @Test(arguments: [
    ("serv", "serve"), ("sevre", "serve"), ("brocker", "broker"), ("max_conections", "max-connections"), ("LISTEN", "listen"),
    ("acount", "account"), ("reqeusts-per-secnod", "requests-per-second"),
  ])
  func slipsAreFound(word: String, meant: String) {
    let known = ["sub", "pub", "serve", "broker", "listen", "account", "max-connections", "requests-per-second"]
    #expect(NearestWord.find(word, in: known) == meant)
    #expect(NearestWord.hint(word, in: known) == "; did you mean \"\(meant)\"?")
  }

  @Test(arguments: ["", "x", "serving", "unrelated", String(repeating: "listen", count: 50)])
  func otherWordsAreNot(word: String) {
    let known = ["sub", "serve", "listen", String(repeating: "listen", count: 50) + "s"]
    #expect(NearestWord.find(word, in: known) == nil)
    #expect(NearestWord.hint(word, in: known) == "")
  }

  @Test func theNearestOfSeveral() {
    #expect(NearestWord.find("listem", in: ["listens", "listen"]) == "listen")
    #expect(NearestWord.find("sab", in: ["sub", "sib"]) == "sub")
  }

  @Test(arguments: [("a,b", ["a", "b"]), (" a , ,b c ,", ["a", "b c"]), ("", []), (" ", []), ("x", ["x"])])
  func commas(text: String, parts: [String]) {
    #expect(text.commaSeparated == parts)
    #expect([text, "z"].separated == parts + ["z"])
  }
}
