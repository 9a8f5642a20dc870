@preconcurrency import Dispatch
import Glibc
import Synchronization

/// Signals of this process, handled one after the other on a queue of their own. A watched signal no longer ends the process.
public final class SignalWatch: @unchecked Sendable {
  // Sendable: `sources` is touched under its lock only.
  /// Where handlers run.
  public let queue: DispatchQueue
  private let sources = Mutex<[any DispatchSourceSignal]>([])

  /// - Parameter label: The queue's label, for debuggers.
  public init(label: String) { queue = DispatchQueue(label: label) }

  /// Calls `handler` on `queue` for each arrival of a signal, until `cancel`. Whatever arrives once this has returned is heard. Not to be
  /// called on `queue`.
  public func on(_ number: Int32, _ handler: @escaping @Sendable () -> Void) {
    dispatchPrecondition(condition: .notOnQueue(queue))
    let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
    source.setEventHandler { @Sendable in handler() }
    // Dispatch begins to listen, and keeps the signal from ending the process, on a thread of its own. Ignoring the signal until then
    // would lose it; and it would take away what Dispatch has put there for an earlier watch.
    let listens = DispatchSemaphore(value: 0)
    source.setRegistrationHandler { @Sendable in listens.signal() }
    // One that cannot be had is cancelled.
    source.setCancelHandler { @Sendable in listens.signal() }
    source.activate()
    listens.wait()
    sources.withLock { $0.append(source) }
  }

  /// Hears no more signals; they do not end the process.
  public func cancel() {
    sources.withLock { sources in
      sources.forEach { $0.cancel() }
      sources = []
    }
  }

  /// Returns when the first of these signals has come. Later ones do nothing.
  public static func first(of numbers: [Int32]) async {
    let watch = SignalWatch(label: "natsight.signals")
    let (signals, arrived) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    for number in numbers { watch.on(number) { arrived.yield() } }
    for await _ in signals { break }
    watch.cancel()
  }
}
