import Identity
import Wire

/// What is posted.
public enum NewsBody {
  /// Alertmanager forgets what it is not told again: it is told again well before.
  static let alertLife = Span.seconds(300)
  static let mostAlerts = 500
  private static let mostLines = 20

  /// News as a receiver of this form wants them.
  public static func make(_ delivery: NewsQueue.Delivery, _ form: NotifyTarget.Form, at now: Timestamp) -> [UInt8] {
    switch form {
    case .document: document(delivery)
    case .chat: chat(delivery.news)
    case .alertmanager: alerts(delivery.news, at: now)
    }
  }

  // MARK: A document

  private static func document(_ delivery: NewsQueue.Delivery) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("id", delivery.id)
      json.member("sent", delivery.made.rfc3339)
      json.key("news")
      json.array { json in for news in delivery.news { json.object { write(news, to: &$0) } } }
    }
    return json.bytes
  }

  private static func write(_ news: News, to json: inout JSONWriter) {
    json.member("event", news.kind.rawValue)
    json.member("code", news.code)
    json.member("severity", news.severity)
    json.member("subject", news.subject)
    json.member("server", unlessEmpty: news.server)
    json.member("cluster", unlessEmpty: news.cluster)
    json.member("account", unlessEmpty: news.account)
    json.member("stream", unlessEmpty: news.stream)
    json.member("sentence", news.sentence)
    json.member("remedy", unlessEmpty: news.remedy)
    json.member("opened", news.opened.rfc3339)
    if let ended = news.ended { json.member("ended", ended.rfc3339) }
    json.member("link", unlessEmpty: news.link)
  }

  // MARK: A text

  private static func chat(_ news: [News]) -> [UInt8] {
    var lines = news.prefix(mostLines).map { news in
      let sentence = ChatText.plain(news.sentence)
      return switch news.kind {
      case .opened: "[\(news.severity)] \(sentence)"
      case .worsened: "[\(news.severity), worse] \(sentence)"
      case .eased: "[\(news.severity), better] \(sentence)"
      case .ended: "[over] \(sentence)"
      }
    }
    if news.count > mostLines { lines.append("… and \(news.count - mostLines) more, see /findings") }
    var json = JSONWriter()
    json.object { $0.member("text", lines.joined(separator: "\n")) }
    return json.bytes
  }

  // MARK: Alerts

  private static func alerts(_ news: [News], at now: Timestamp) -> [UInt8] {
    var json = JSONWriter()
    json.array { json in for news in news.prefix(mostAlerts) { json.object { write(news, at: now, to: &$0) } } }
    return json.bytes
  }

  private static func write(_ news: News, at now: Timestamp, to json: inout JSONWriter) {
    json.key("labels")
    json.object { json in
      json.member("alertname", news.code)
      // What the severity became is told beside: another label would be another alert.
      json.member("natsight", "finding")
      json.member("subject", news.subject)
      json.member("server", unlessEmpty: news.server)
      json.member("cluster", unlessEmpty: news.cluster)
      json.member("account", unlessEmpty: news.account)
      json.member("stream", unlessEmpty: news.stream)
      json.member("aspect", unlessEmpty: news.aspect)
      json.member("severity", news.severity)
    }
    json.key("annotations")
    json.object { json in
      json.member("summary", news.sentence)
      json.member("description", unlessEmpty: news.remedy)
    }
    json.member("startsAt", news.opened.rfc3339)
    json.member("endsAt", (news.ended ?? now + alertLife).rfc3339)
  }

  // MARK: Who sent it

  /// The hexadecimal HMAC-SHA256 of `TIME.BODY`: whoever knows the secret sees by it who sent this, and when.
  public static func signature(_ body: [UInt8], at seconds: Int64, secret: [UInt8]) -> String {
    var key = secret.count > 64 ? Digest.sha256(secret) : secret
    key += [UInt8](repeating: 0, count: 64 - key.count)
    let inner = Digest.sha256(key.map { $0 ^ 0x36 } + Array("\(seconds).".utf8) + body)
    return Hexadecimal.encode(Digest.sha256(key.map { $0 ^ 0x5C } + inner))
  }
}
