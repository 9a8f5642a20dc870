/// Parameters that endpoints share, described once: for reading, for requests, for `/openapi.json` and `docs/paths.md`.
public enum CommonParameters {
  public static let timeout = EndpointParameter(
    "timeout", "", .duration(aboveZero: true), "how long the answer may take; default 2s, bounded by the operator")
  public static let maxAge = EndpointParameter("max_age", "", .duration(), "an answer this young may be reused; default 0")
  public static let require = EndpointParameter(
    "require", "", .choice(["complete"]), "an incomplete answer is 504, with the same body; not with format=ndjson")
  public static let format = EndpointParameter(
    "format", "", .choice(["json", "ndjson", "html"]),
    "json, ndjson (one server a line as they answer, where an answer names several) or html")

  /// An earlier moment, on whatever tells of servers.
  public static let at = EndpointParameter(
    "at", "", .earlier, "an earlier moment that was recorded: a time, how long ago (-2h), or an epoch's number; default now")

  /// What every endpoint takes.
  public static let request = [timeout, maxAge, require, format, at]

  public static let name = EndpointParameter("name", "server_name", .text, "only servers whose name contains this")
  public static let host = EndpointParameter("host", nil, .text, "only servers whose host contains this")
  public static let cluster = EndpointParameter("cluster", nil, .text, "only servers whose cluster contains this")
  public static let tags = EndpointParameter("tags", nil, .list, "only servers with all of these tags")
  public static let domain = EndpointParameter("domain", nil, .text, "only servers of this JetStream domain")
  public static let exact = EndpointParameter(
    "exact", "exact_match", .boolean, "name, host and cluster have to be equal instead of contained")

  /// What chooses servers, wherever several are asked: sent along as options, and applied again to what comes back.
  public static let filters = [name, host, cluster, tags, domain, exact]

  /// The number of healthy servers that suffice for 200, where the status follows from health.
  public static func quorum(_ name: String) -> EndpointParameter {
    EndpointParameter(name, "", .number(1...Int.max), "how many servers that are well suffice for 200")
  }
}
