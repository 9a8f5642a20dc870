/// The plans of targets that were asked for, so that a repeated request costs a look-up. Confined to the gateway's shard.
///
/// Bounded by number and by the bytes of the targets, of which a plan holds a few times as many: whoever makes up queries gets no memory for
/// them. Where a bound is reached all go, since those that are asked for come again at once.
struct PlanCache {
  let most: Int
  let mostBytes: Int

  private var plans: [String: RequestPlan] = [:]
  private(set) var bytes = 0

  init(most: Int = 4096, mostBytes: Int = 1 << 20) {
    self.most = most
    self.mostBytes = mostBytes
  }

  var count: Int { plans.count }

  func plan(for target: String) -> RequestPlan? { plans[target] }

  mutating func keep(_ plan: RequestPlan, for target: String) {
    let size = target.utf8.count
    if plans.count >= most || bytes + size > mostBytes {
      plans.removeAll()
      bytes = 0
    }
    if plans.updateValue(plan, forKey: target) == nil { bytes += size }
  }
}
