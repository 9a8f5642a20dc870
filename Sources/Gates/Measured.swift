/// What is being counted. A variable, touched by the one thread that measures: handed over as an argument, the compiler could make a function
/// for each closure, under another name than the one that callgrind waits for.
nonisolated(unsafe) private var body: (() -> Void)?

/// Callgrind counts what happens between entry and end of this function, and nothing else.
@_silgen_name("natsight_gate_measured") @inline(never)
public func measured() { body?() }

/// Runs `work` once unseen, so that caches and lazily made tables stand, and once where it is counted.
func measure(_ work: @escaping () -> Void) {
  work()
  body = work
  measured()
  body = nil
}
