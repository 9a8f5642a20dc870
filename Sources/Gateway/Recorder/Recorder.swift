@preconcurrency import Dispatch
import Logging
import Reactor
import Recorded
import Recording
import SystemAPI
import SystemModel
import Wire

/// Records an epoch in every interval: asks the servers for their documents, kindly, and keeps them with what is believed.
///
/// The questions of an epoch are spread over the first part of its interval, one at a time to a server. Confined to the gateway's shard;
/// documents are put together and written on a queue of its own, so that no answer waits for it.
final class Recorder: @unchecked Sendable {
  // Sendable by confinement to the shard: timers and the queue of its own come back to it before they touch anything.

  /// The part of an interval over which questions are spread, and the part after which the epoch is closed, come what may.
  private static let spread = 0.6
  private static let latest = 0.9
  /// Seconds after the start in which the servers are found.
  private static let settling = 1.0

  private let shard: Shard
  private let means: EpochQuestions.Means
  private let store: any RecordStore
  private let log: Logger
  private let queue = DispatchQueue(label: "natsight.recorder", qos: .utility)
  /// What is written waits for a disk, or for another machine; documents do not wait for it.
  private let storing = DispatchQueue(label: "natsight.recorder.store", qos: .utility)
  private var isStoring = false
  /// An hour that is folded takes as long as reading all of it.
  private let foldingQueue = DispatchQueue(label: "natsight.recorder.fold", qos: .utility)
  private var isFolding = false
  /// Epochs that were kept while an hour was folded: the last of each hour.
  private var unheeded: [Timestamp] = []
  /// Why figures could not be folded the last time.
  private var foldingFailure: String?
  private let writer: EpochWriter
  private(set) var settings: RecordSettings
  private(set) var figures = RecordFigures() {
    didSet { if asks { onFigures(figures) } }
  }
  /// Told of what has been recorded. Set before `start`.
  var onFigures: (RecordFigures) -> Void = { _ in }
  /// Completes an epoch before it is kept: judges it, and adds what happened since the one before. Set before `start`.
  var complete: (Epoch, @escaping (Epoch) -> Void) -> Void = { $1($0) }

  private var timer: ShardTimer?
  private var under: Work?
  /// When an epoch was begun last, and whether the clock was found to have been set back behind that.
  private var lastBegun: Timestamp?
  private var isSetBack = false
  private var isStopped = false

  /// The epoch under way.
  private struct Work {
    let questions: EpochQuestions
    let began: MonotonicTime
    /// Seconds to the end of its interval, when it began.
    let length: Double
    /// The roster as it was looked at last.
    var roster = -1
    /// Questions that have been seen to.
    var sent = 0
  }

  init(_ settings: RecordSettings, _ means: EpochQuestions.Means, store: any RecordStore, shard: Shard, log: Logger) {
    self.settings = settings
    self.means = means
    self.store = store
    writer = EpochWriter(store, queue: storing, foldingQueue: foldingQueue)
    self.shard = shard
    self.log = log
  }

  private var interval: Double { Double(settings.every) }
  /// Whether servers are asked for anything; else only what is heard anyway is kept.
  private var asks: Bool { settings.asks }

  /// Begins: at once where enough is left of the interval, so that there is something to look back at soon.
  func start() {
    shard.assertCurrent()
    if asks { onFigures(figures) }
    means.young?.age = settings.youngAge
    after(Recorder.settling) { recorder in
      if recorder.untilNext > max(5, recorder.interval / 6) { recorder.begin() } else { recorder.waitForNext() }
    }
  }

  func stop() {
    shard.assertCurrent()
    isStopped = true
    timer?.cancel()
    under?.questions.cancel()
    under = nil
    means.young?.age = .zero
    let (store, foldingQueue) = (store, foldingQueue)
    // Behind whatever is under way.
    storing.async { foldingQueue.async { store.close() } }
  }

  /// Takes up settings that may change while it runs; the next epoch is made by them.
  func reload(_ settings: RecordSettings) {
    shard.assertCurrent()
    var settings = settings
    settings.folder = self.settings.folder
    settings.stream = self.settings.stream
    self.settings = settings
    means.young?.age = settings.youngAge
  }

  // MARK: One epoch after the other

  /// The next epoch begins with the next interval.
  private func waitForNext() {
    guard !isStopped else { return }
    after(untilNext + 0.001) { $0.begin() }
  }

  /// Seconds until the next interval begins.
  private var untilNext: Double { interval - WallClock.now().unixSeconds.truncatingRemainder(dividingBy: interval) }

  private func after(_ seconds: Double, _ body: @escaping @Sendable (Recorder) -> Void) {
    timer?.cancel()
    timer = shard.after(seconds) { [weak self] in
      if let self { body(self) }
    }
  }

  private func begin() {
    let now = WallClock.now()
    let number = settings.number(at: now)
    let isTaken = RecordKeeper.recordingWorkers.run { [self] in
      let known = try? store.epoch(number: number)
      shard.run { [self] in if known != nil { skip(number, now) } else { begin(number, now) } }
    }
    if !isTaken { begin(number, now) }
  }

  private func begin(_ number: Int, _ now: Timestamp) {
    guard !isStopped, under == nil else { return }
    heed(now, number)
    let draft = EpochDraft(number: number, began: now, settings: settings, queue: queue)
    let documents = asks ? settings.documents.map(FullDocument.named) : []
    let questions = EpochQuestions(means, draft, documents, queue: queue, shard: shard, watch: watch)
    under = Work(questions: questions, began: shard.now, length: untilNext)
    step()
  }

  /// Counts what the servers are asked.
  private var watch: EpochQuestions.Watch {
    EpochQuestions.Watch(
      onQuestion: { [weak self] in self?.figures.questions += 1 },
      onReply: { [weak self] reply in
        self?.figures.replies += 1
        self?.figures.replyBytes += reply.payload.count
        if let self { figures.waited = figures.waited + reply.rtt }
      },
      onReuse: { [weak self] _ in self?.figures.reused += 1 })
  }

  /// The gateway was started anew within an interval, or the clock was set back: nobody is asked twice for one epoch.
  private func skip(_ number: Int, _ now: Timestamp) {
    heed(now, number)
    if asks { log.debug("the epoch is recorded already", metadata: ["epoch": "\(number)"]) }
    waitForNext()
  }

  /// Says once that the clock was set back: epochs of the time that comes again are there already, and stay.
  private func heed(_ now: Timestamp, _ number: Int) {
    defer { lastBegun = max(now, lastBegun ?? now) }
    guard let last = lastBegun, now < last else { return isSetBack = false }
    guard asks, !isSetBack else { return }
    isSetBack = true
    log.notice("the clock was set back behind \(last): epochs that are recorded already stay as they are", metadata: ["epoch": "\(number)"])
  }

  private var answering: [KnownServer] { means.reader.beliefs.servers.ordered.filter { $0.standing.isWaitedFor && $0.isWhole } }

  /// Asks for what is due by now.
  private func step() {
    guard let work = under, !isStopped else { return }
    let elapsed = (shard.now - work.began).seconds
    if elapsed >= work.length * Recorder.latest { return close() }
    // Whoever came meanwhile is asked too, else it would be missing.
    if !work.questions.asksNobody, work.roster != means.reader.beliefs.servers.epoch {
      under?.roster = means.reader.beliefs.servers.epoch
      work.questions.add(answering)
    }
    askWhatIsDue(work, elapsed)
  }

  private func askWhatIsDue(_ work: Work, _ elapsed: Double) {
    let questions = work.questions
    let pace = work.length * Recorder.spread / Double(max(1, questions.count))
    let due = elapsed >= work.length * Recorder.spread ? Int.max : Int(elapsed / pace) + 1 - work.sent
    var left = max(0, due)
    while left > 0, questions.askNext() {
      left -= 1
      under?.sent += 1
      guard under?.questions === questions else { return }
    }
    guard questions.isIdle else { return after(max(0.005, min(pace, 0.25))) { $0.step() } }
    let hasMore = questions.addAccounts { [weak self] in
      if let self, under?.questions === questions { step() }
    }
    if !hasMore { close() }
  }

  // MARK: Keeping

  private func close() {
    guard let work = under else { return }
    under = nil
    work.questions.finish(heartbeatsOf: means.reader.beliefs.servers.servers.filter(\.standing.isWaitedFor)) { [self] epoch in
      complete(epoch) { [self] epoch in keep(epoch) }
    }
    waitForNext()
  }

  private func keep(_ epoch: Epoch) {
    guard !isStoring else { return kept(epoch.header, .failure(.behind)) }
    isStoring = true
    let oldest = epoch.header.at - (asks ? .wholeSeconds(Int64(settings.keepSeconds)) : RecordSettings.memory)
    let most = asks ? settings.keepBytes : RecordSettings.memoryBytes
    let every = asks ? settings.every : nil
    storing.async { [shard, writer, self] in
      let result: Result<EpochHeader?, RecordError>
      do throws(RecordError) {
        result = .success(try writer.write(EpochWithSeries(epoch, every: every), oldest: oldest, bytes: most))
      } catch {
        result = .failure(error)
      }
      shard.run { [self] in
        isStoring = false
        kept(epoch.header, result)
        if every != nil, case .success(let header?) = result { fold(header.at) }
      }
    }
  }

  /// Folds what is due after an epoch was kept; while it is done epochs are kept.
  private func fold(_ time: Timestamp) {
    guard !isStopped else { return }
    if unheeded.last?.hour == time.hour { unheeded.removeLast() }
    unheeded.append(time)
    guard !isFolding else { return }
    isFolding = true
    let kept = unheeded
    unheeded.removeAll()
    foldingQueue.async { [shard, writer, self] in
      var failure: RecordError?
      do throws(RecordError) { try writer.fold(kept) } catch { failure = error }
      shard.run { [self, failure] in
        isFolding = false
        folded(time, failure)
      }
    }
  }

  private func folded(_ time: Timestamp, _ error: RecordError?) {
    guard !isStopped else { return }
    defer { foldingFailure = error?.sentence }
    if let error {
      if foldingFailure != error.sentence { log.error("figures of an hour were not folded: \(error.sentence)") }
      guard figures.failure == nil || figures.failure == foldingFailure else { return }
      (figures.failure, figures.failingSince) = (error.sentence, figures.failingSince ?? time)
    } else if let foldingFailure, figures.failure == foldingFailure {
      log.notice("figures are folded again")
      (figures.failure, figures.failingSince) = (nil, nil)
    }
  }

  private func kept(_ epoch: EpochHeader, _ result: Result<EpochHeader?, RecordError>) {
    guard !isStopped else { return }
    switch result {
    case .success(let header):
      // Where it was folding that failed it still does.
      if figures.failure != nil, figures.failure != foldingFailure {
        log.notice("recording again")
        (figures.failure, figures.failingSince) = (nil, nil)
      }
      if let header {
        figures.epochs += 1
        figures.bytes += header.bytes
        figures.documentBytes += header.documentBytes
        figures.last = RecordedMark(epoch: header.number, at: header.at)
      }
    case .failure(let error):
      figures.failures += 1
      if figures.failure == nil { figures.failingSince = epoch.at }
      if figures.failure != error.sentence {
        log.error("an epoch was not recorded: \(error.sentence)", metadata: ["epoch": "\(epoch.number)"])
      }
      figures.failure = error.sentence
    }
  }
}
