import Wire

/// `docs/errors.md`: every problem that an answer can name, written from the catalogue.
public enum ErrorReference {
  private static let introduction = """
    # Errors

    Every error of the gateway has one shape, with the HTTP status repeated:

    ```json
    {"error":{"code":404,"reason":"unknown_server","description":"no server named \\"a9\\"; known: a1, a2, a3"}}
    ```

    `reason` is a stable word for programs, `description` a sentence for people, which may change. 429 and 503 have `Retry-After`, 405 has `Allow`,
    401 has `WWW-Authenticate`. Errors about servers bear the completeness fields (docs/completeness.md). An incomplete answer that was asked for with
    `require=complete` is 504 with its usual body instead of an error.

    """

  /// Markdown: one table for the gateway, one for HTTP itself.
  public static func markdown() -> String {
    introduction + section("The gateway", GatewayProblem.allCases) + section("HTTP", HTTPProblem.allCases)
  }

  private static func section(_ title: String, _ problems: [some Problem]) -> String {
    var table = MarkdownTable("status", "reason", "what it means", "what to do")
    // The order of the catalogue within a status.
    for status in Set(problems.map(\.status)).sorted() {
      for problem in problems where problem.status == status {
        table.add("\(status)", "`\(problem.reason)`", problem.meaning, problem.advice)
      }
    }
    return "\n## \(title)\n\n" + table.text
  }
}
