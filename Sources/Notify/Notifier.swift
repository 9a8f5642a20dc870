@preconcurrency import Dispatch
import Fetch
import Wire

/// Whom to tell, and how. A value.
public struct NotifySettings: Sendable, Equatable {
  public var targets: [NotifyTarget] = []
  /// How long a finding has to last before anybody is told of it.
  public var holdOff = Span.seconds(30)
  /// What deliveries are signed with; empty for none.
  public var secret: [UInt8] = []

  public init() {}
}

/// How it goes with one receiver.
public struct NotifyFigures: Sendable, Equatable {
  /// Without secrets.
  public var target: String
  public var delivered = 0
  public var tries = 0
  public var waiting = 0
  public var givenUp = 0
  /// Why nothing is delivered, as a clause; empty where it is.
  public var trouble = ""
  public var since: Timestamp?
}

/// Tells receivers what becomes of findings, each in order, one delivery at a time. Confined to a queue of its own; each receiver is spoken to on
/// another one, so that one that hangs keeps nobody else waiting.
public final class Notifier: @unchecked Sendable {
  // Sendable by confinement to `queue`, which every entry posts to.

  public typealias Post = @Sendable (FetchRequest) throws(FetchError) -> FetchResponse

  /// Alertmanager is told again what lasts, so often.
  private static let repetition = Span.seconds(60)
  private static let mostAnswer = 1 << 20
  /// Seconds that a receiver may take.
  private static let patience = 10.0

  private final class Receiver: @unchecked Sendable {
    // Sendable by confinement to the notifier's queue; its own one only carries it back there.
    let target: NotifyTarget
    let queue: DispatchQueue
    var news: NewsQueue
    var isBusy = false
    /// What Alertmanager was told last, by identity.
    var told: [String: News] = [:]
    var repeated: Timestamp?

    init(_ target: NotifyTarget, name: String) {
      self.target = target
      queue = DispatchQueue(label: "natsight.notify.receiver", qos: .utility)
      news = NewsQueue(name: name)
    }
  }

  private let queue = DispatchQueue(label: "natsight.notify", qos: .utility)
  private let name: String
  private let post: Post
  private let onFigures: @Sendable ([NotifyFigures]) -> Void
  private let now: @Sendable () -> Timestamp
  private var settings = NotifySettings()
  private var desk: NewsDesk
  private var receivers: [Receiver] = []
  private var made = 0
  private var timer: (any DispatchSourceTimer)?
  private var figures: [NotifyFigures] = []

  /// - Parameters:
  ///   - name: Begins the ids of deliveries: another one in each process.
  ///   - onFigures: Told whenever anything has changed; on a queue of the notifier's.
  public init(
    name: String, now: @escaping @Sendable () -> Timestamp,
    post: @escaping Post = { request throws(FetchError) in try Fetch.perform(request) },
    onFigures: @escaping @Sendable ([NotifyFigures]) -> Void
  ) {
    self.name = name
    self.now = now
    self.post = post
    self.onFigures = onFigures
    desk = NewsDesk(holdOff: settings.holdOff)
  }

  /// Takes up settings; receivers that stay keep what waits for them, and a new one is told of what lasts.
  public func apply(_ settings: NotifySettings) {
    queue.async { [self] in
      self.settings = settings
      desk.holdOff = settings.holdOff
      var targets: [NotifyTarget] = []
      for target in settings.targets where !targets.contains(target) { targets.append(target) }
      receivers = targets.map { target in
        if let known = receivers.first(where: { $0.target == target }) { return known }
        made += 1
        let new = Receiver(target, name: "\(name)-\(made)")
        if target.form != .alertmanager { new.news.add(desk.standing, at: now()) }
        return new
      }
      if receivers.isEmpty { stopTimer() } else { startTimer() }
      work()
    }
  }

  /// What has become of findings.
  ///
  /// - Parameter look: The look that told of it; nil where nobody has looked.
  public func tell(_ news: [News], _ look: Look? = nil) {
    queue.async { [self] in
      spread(desk.take(news))
      if let look { desk.take(look) }
      work()
    }
  }

  /// Tells nobody any more. What is under way ends by itself.
  public func stop() { queue.async { [self] in stopTimer() } }

  // MARK: Time

  private func startTimer() {
    guard timer == nil else { return }
    let timer = DispatchSource.makeTimerSource(queue: queue)
    timer.schedule(deadline: .now() + 0.5, repeating: 0.5, leeway: .milliseconds(100))
    timer.setEventHandler { [weak self] in self?.work() }
    timer.activate()
    self.timer = timer
  }

  private func stopTimer() {
    timer?.cancel()
    timer = nil
  }

  private func work() {
    guard timer != nil else { return report() }
    let time = now()
    spread(desk.due())
    for receiver in receivers {
      if receiver.target.form == .alertmanager { tellAgain(receiver, time) }
      send(receiver, time)
    }
    report()
  }

  private func spread(_ news: [News]) {
    guard !news.isEmpty else { return }
    let time = now()
    for receiver in receivers {
      receiver.news.add(receiver.target.form == .alertmanager ? alerts(news, receiver, time) : news, at: time)
    }
  }

  /// Another label is another alert: that of the severity before is over.
  private func alerts(_ news: [News], _ receiver: Receiver, _ time: Timestamp) -> [News] {
    news.flatMap { news -> [News] in
      var told: [News] = []
      if var before = receiver.told[news.identity], before.severity != news.severity {
        before.ended = time
        told.append(before)
      }
      receiver.told[news.identity] = news.kind == .ended ? nil : news
      return told + [news]
    }
  }

  private func tellAgain(_ receiver: Receiver, _ time: Timestamp) {
    guard receiver.news.count == 0, receiver.repeated.map({ time - $0 >= Notifier.repetition }) ?? true else { return }
    receiver.repeated = time
    receiver.news.add(alerts(desk.standing, receiver, time), at: time)
  }

  // MARK: Delivering

  private func send(_ receiver: Receiver, _ time: Timestamp) {
    guard !receiver.isBusy, let delivery = receiver.news.next(at: time) else { return }
    receiver.isBusy = true
    let request = request(delivery, receiver.target, time)
    receiver.queue.async { [self, post] in
      let complaint: String?
      do throws(FetchError) {
        complaint = Notifier.complaint(try post(request))
      } catch {
        // What libcurl says may name the URL.
        complaint = error.description.replacing(UserInfo.removed(from: request.url), with: receiver.target.shown)
      }
      queue.async { [self] in
        receiver.isBusy = false
        if let complaint { receiver.news.failed(complaint, at: now()) } else { receiver.news.succeeded(delivery) }
        work()
      }
    }
  }

  private func request(_ delivery: NewsQueue.Delivery, _ target: NotifyTarget, _ time: Timestamp) -> FetchRequest {
    var request = FetchRequest(url: target.url)
    request.method = "POST"
    let body = NewsBody.make(delivery, target.form, at: time)
    request.body = body
    request.headers = [("Content-Type", "application/json"), ("Natsight-Notification", delivery.id)]
    if !settings.secret.isEmpty {
      request.headers.append(("Natsight-Timestamp", "\(time.seconds)"))
      request.headers.append(("Natsight-Signature", "sha256=" + NewsBody.signature(body, at: time.seconds, secret: settings.secret)))
    }
    request.timeout = Notifier.patience
    request.limit = Notifier.mostAnswer
    request.followsRedirects = false
    return request
  }

  /// Why an answer is none that takes the delivery; nil for one that does.
  static func complaint(_ response: FetchResponse) -> String? {
    switch response.status {
    case 200..<300: nil
    case 300..<400: "it answers \(response.status), and redirects are not followed"
    default: "it answers \(response.status)"
    }
  }

  private func report() {
    let told = receivers.map { receiver in
      let news = receiver.news
      return NotifyFigures(
        target: receiver.target.shown, delivered: news.delivered, tries: news.tries, waiting: news.count, givenUp: news.givenUp,
        trouble: news.trouble?.sentence ?? "", since: news.trouble?.since)
    }
    guard told != figures else { return }
    figures = told
    onFigures(told)
  }
}
