import HTTPServer
import Reactor
import SystemAPI
import SystemModel
import Wire

/// The part of a query that is the gateway's own.
struct RequestOptions: Sendable {
  enum Format: Sendable { case json, ndjson }

  var timeout: Nanoseconds
  var maxAge: Nanoseconds = 0
  var requiresComplete = false
  var format = Format.json
  var wantsHTML: Bool?
  var filters = ServerFilters()
  var quorum: Int?
  var ignored: [String] = []

  /// What the gather may take of it: deadlines are looked at every 20 ms, and the answer has to leave within the whole.
  var ownTimeout: Nanoseconds { timeout - min(timeout / 10, 25_000_000) }

  /// Names that every endpoint takes.
  static let common: Set<String> = ["timeout", "max_age", "require", "format"]
  static let filterNames: Set<String> = ["name", "host", "cluster", "tags", "domain", "exact"]

  /// Reads the common options; `known` are the endpoint's own names.
  init(_ query: HTTPQuery, configuration: GatewayConfiguration, scrapeTimeout: String?, takesFilters: Bool, known: Set<String>)
    throws(Refusal)
  {
    timeout = .seconds(configuration.timeout)
    maxAge = .seconds(configuration.maxAge)
    var longest = Nanoseconds.seconds(configuration.maxTimeout)
    if let scrapeTimeout, let seconds = Double(scrapeTimeout), seconds > 0 {
      // Prometheus gives up at its own deadline; an answer has to leave before.
      longest = min(longest, .seconds(max(0.05, seconds - 0.25)))
    }
    if let value = RequestOptions.value(query, "timeout") {
      timeout = try RequestOptions.duration("timeout", value)
      guard timeout > 0 else { throw RequestOptions.refusal("timeout", value, "a duration above zero, such as 500ms or 2s") }
    }
    timeout = min(timeout, longest)
    if let value = RequestOptions.value(query, "max_age") { maxAge = max(maxAge, try RequestOptions.duration("max_age", value)) }
    if let value = RequestOptions.value(query, "require") {
      guard value == "complete" else { throw RequestOptions.refusal("require", value, "complete") }
      requiresComplete = true
    }
    if let value = RequestOptions.value(query, "format") {
      switch value {
      case "json": wantsHTML = false
      case "ndjson":
        format = .ndjson
        wantsHTML = false
      case "html": wantsHTML = true
      default: throw RequestOptions.refusal("format", value, "json, ndjson, html")
      }
    }
    if takesFilters { try readFilters(query) }
    var seen: Set<String> = []
    for item in query.items where seen.insert(item.name).inserted {
      if RequestOptions.common.contains(item.name) || known.contains(item.name) { continue }
      if takesFilters, RequestOptions.filterNames.contains(item.name) { continue }
      ignored.append(item.name)
    }
    for name in query.malformed { ignored.append(name) }
  }

  private mutating func readFilters(_ query: HTTPQuery) throws(Refusal) {
    filters.name = RequestOptions.value(query, "name") ?? ""
    filters.host = RequestOptions.value(query, "host") ?? ""
    filters.cluster = RequestOptions.value(query, "cluster") ?? ""
    filters.domain = RequestOptions.value(query, "domain") ?? ""
    filters.tags = (RequestOptions.value(query, "tags") ?? "").split(separator: ",").map(String.init)
    if let value = RequestOptions.value(query, "exact") {
      guard let exact = EndpointParameter.boolean(value) else {
        throw RequestOptions.refusal("exact", value, EndpointParameter.acceptedBooleans)
      }
      filters.exact = exact
    }
  }

  /// The first value of a name; an empty one counts as not given.
  static func value(_ query: HTTPQuery, _ name: String) -> String? {
    guard let value = query[name], !value.isEmpty else { return nil }
    return value
  }

  static func duration(_ name: String, _ value: String) throws(Refusal) -> Nanoseconds {
    guard let nanoseconds = DurationText.parse(value), nanoseconds >= 0 else {
      throw refusal(name, value, "a duration such as 500ms, 2s or 1m30s")
    }
    return Nanoseconds(nanoseconds)
  }

  static func refusal(_ name: String, _ value: String, _ accepted: String) -> Refusal {
    .badParameter(name, value, accepted: accepted)
  }
}
