import Judgement
import NATSClient
import Notify
import SystemAPI
import SystemModel
import Wire

/// What the operator decides about a gateway. Times are in seconds.
public struct GatewayConfiguration: Sendable {
  public var client = ClientOptions()
  /// The gateway's own version, for its metrics.
  public var version = ""
  /// How long an answer may take, where the request does not say.
  public var timeout = 2.0
  /// The longest time a request may ask for.
  public var maxTimeout = 30.0
  /// Answers this young are reused for everybody; 0 = only where a request asks for it.
  public var maxAge = 0.0
  /// Rows of a merged answer, at most.
  public var maxRows = 100_000
  /// Series of a page of metrics, at most; what is left out is told on the page.
  public var maxSeries = 20_000
  /// Bytes of the replies to one question that are held at once; for all questions together four times as many.
  public var maxAnswer = 256 << 20
  /// How long a liveness probe may take.
  public var probe = 1.0
  /// How long a silent server stays expected.
  public var forgetAfter = 3600.0
  /// Names of servers that are not coming back.
  public var retire: [String] = []
  /// Names of servers that have to be there.
  public var expect: [String] = []
  /// Folder that keeps the roster over restarts.
  public var stateDirectory: String?
  /// `$SYS.REQ` unless an account imports the services under another name.
  public var systemRequestPrefix = SystemSubject.standardPrefix
  /// Equal requests at the same time are one request to the servers.
  public var coalesces = true
  /// From where on `/findings` speaks up.
  public var findings = Thresholds()
  /// What is recorded, for `at=`.
  public var record = RecordSettings()
  /// Who is told of findings.
  public var notify = NotifySettings()
  /// Findings that nobody wants to hear of.
  public var mutes = MuteList()
  /// Large replies are asked for compressed; nil = where a server is on another machine.
  public var compressReplies: Bool?

  /// How long fewer servers are reached than there are before another of `client.servers` is tried; for tests.
  package var badPlace = Limits().badPlace.seconds

  public init() {}
}

extension GatewayConfiguration {
  /// What of it is about requests.
  var requests: RequestSettings {
    RequestSettings(
      timeout: timeout, maxTimeout: maxTimeout, maxAge: maxAge, maxRows: maxRows, asksForCompression: asksForCompression)
  }

  /// What of it is the session's.
  var session: SessionSettings {
    var settings = SessionSettings()
    settings.client = client
    settings.systemRequestPrefix = systemRequestPrefix
    settings.timeout = timeout
    settings.stateDirectory = stateDirectory
    settings.declared = Declared(expected: expect.map { DeclaredServer($0) }, retired: retire)
    settings.limits.probe = .seconds(probe)
    settings.limits.discovery = .seconds(timeout)
    settings.limits.forgetAfter = .seconds(forgetAfter)
    settings.limits.coalesces = coalesces
    settings.limits.replyBytes = maxAnswer
    settings.limits.heldBytes = maxAnswer > .max / 4 ? .max : 4 * maxAnswer
    settings.limits.badPlace = .seconds(badPlace)
    return settings
  }

  /// Whether compressing replies pays: within one machine it only costs.
  var asksForCompression: Bool {
    if let compressReplies { return compressReplies }
    guard client.inProcess == nil else { return false }
    return client.servers.contains { !Loopback.contains($0.host) }
  }

  /// Seconds of a duration such as `500ms`, `2s` or `1h`; nil for anything else.
  public static func duration(_ text: String) -> Double? {
    guard let nanoseconds = DurationText.parse(text), nanoseconds >= 0 else { return nil }
    return Span(nanoseconds: nanoseconds).seconds
  }
}
