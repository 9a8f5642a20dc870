import HTTPServer
import Reactor
import SystemAPI
import SystemModel
import Wire

/// The part of a query that is the gateway's own.
struct RequestOptions: Sendable {
  enum Format: Sendable { case json, ndjson }

  var timeout: Span
  var maxAge = Span.zero
  var requiresComplete = false
  var format = Format.json
  var wantsHTML: Bool?
  var filters = ServerFilters()
  var quorum: Int?
  var ignored: [String] = []
  /// The earlier moment that is asked about; nil for now.
  var at: EarlierMoment?

  /// What the gather may take of it: deadlines are looked at every 20 ms, and the answer has to leave within the whole.
  var ownTimeout: Span { timeout - min(timeout / 10, .milliseconds(25)) }

  /// Names that every endpoint takes.
  static let common = Set(CommonParameters.request.map(\.name))
  static let filterNames = Set(CommonParameters.filters.map(\.name))

  /// Reads the common options; `known` are the endpoint's own names.
  init(_ query: HTTPQuery, settings: RequestSettings, scrapeTimeout: String?, takesFilters: Bool, known: Set<String>)
    throws(Refusal)
  {
    timeout = .seconds(settings.timeout)
    maxAge = .seconds(settings.maxAge)
    var longest = Span.seconds(settings.maxTimeout)
    if let scrapeTimeout, let seconds = Double(scrapeTimeout), seconds > 0 {
      // Prometheus gives up at its own deadline; an answer has to leave before.
      longest = min(longest, .seconds(max(0.05, seconds - 0.25)))
    }
    let reader = ParameterReader(query)
    timeout = min(try reader.duration(CommonParameters.timeout) ?? timeout, longest)
    if let age = try reader.duration(CommonParameters.maxAge) { maxAge = max(maxAge, age) }
    if let value = reader.value(CommonParameters.require) {
      guard value == "complete" else { throw ParameterReader.refusal(CommonParameters.require, value) }
      requiresComplete = true
    }
    if let value = reader.value(CommonParameters.format) {
      switch value {
      case "json": wantsHTML = false
      case "ndjson":
        format = .ndjson
        wantsHTML = false
      case "html": wantsHTML = true
      default: throw ParameterReader.refusal(CommonParameters.format, value)
      }
    }
    at = try reader.earlier(CommonParameters.at)
    if takesFilters { try readFilters(reader) }
    ignored = reader.ignored { name in
      RequestOptions.common.contains(name) || known.contains(name) || takesFilters && RequestOptions.filterNames.contains(name)
    }
  }

  private mutating func readFilters(_ reader: ParameterReader) throws(Refusal) {
    filters.name = reader.text(CommonParameters.name)
    filters.host = reader.text(CommonParameters.host)
    filters.cluster = reader.text(CommonParameters.cluster)
    filters.domain = reader.text(CommonParameters.domain)
    filters.tags = try reader.words(CommonParameters.tags)
    filters.exact = try reader.flag(CommonParameters.exact) ?? false
  }
}
