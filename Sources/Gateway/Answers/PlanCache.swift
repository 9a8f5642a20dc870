/// The plans of targets that were asked for, so that a repeated request costs a look-up. Confined to the gateway's shard.
///
/// Bounded by number and by the bytes of the targets, of which a plan holds a few times as many: whoever makes up queries gets no memory for
/// them. Where a bound is reached all go, since those that are asked for come again at once.
struct PlanCache {
  let most: Int
  let mostBytes: Int

  private var plans: [String: RequestPlan] = [:]
  /// What was looked up before: nearly everybody asks what was asked right before, and comparing is cheaper than a keyed hash.
  private var last: (target: String, plan: RequestPlan)?
  private(set) var bytes = 0

  init(most: Int = 4096, mostBytes: Int = 1 << 20) {
    self.most = most
    self.mostBytes = mostBytes
  }

  var count: Int { plans.count }

  mutating func plan(for target: String) -> RequestPlan? {
    if let last, last.target == target { return last.plan }
    guard let plan = plans[target] else { return nil }
    last = (target, plan)
    return plan
  }

  mutating func keep(_ plan: RequestPlan, for target: String) {
    let size = target.utf8.count
    if plans.count >= most || bytes + size > mostBytes {
      plans.removeAll()
      last = nil
      bytes = 0
    }
    if plans.updateValue(plan, forKey: target) == nil { bytes += size }
    last = (target, plan)
  }
}
