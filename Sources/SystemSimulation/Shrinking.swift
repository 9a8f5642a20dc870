import SystemModel

extension Schedule {
  /// A shorter schedule that breaks the same rule: steps, faults and waits are left out while it still does.
  package func shrunk(_ rule: Violation.Rule, plant: Plant? = nil) -> Schedule {
    var best = self
    func breaks(_ schedule: Schedule) -> Bool { Simulation.run(schedule, plant: plant)?.rule == rule }
    var isShorter = true
    while isShorter {
      isShorter = false
      var size = max(1, best.steps.count / 2)
      while size >= 1 {
        var start = 0
        while start < best.steps.count {
          var shorter = best
          let removed = shorter.steps[start..<min(start + size, best.steps.count)]
          shorter.steps.removeSubrange(removed.indices)
          // Time goes on as before without them.
          if start < shorter.steps.count { shorter.steps[start].after += removed.reduce(0) { $0 + $1.after } }
          if breaks(shorter) {
            best = shorter
            isShorter = true
          } else {
            start += size
          }
        }
        size /= 2
      }
      for simpler in best.simpler where breaks(simpler) {
        best = simpler
        isShorter = true
        break
      }
    }
    return best
  }

  /// The same with one thing less.
  private var simpler: [Schedule] {
    var found: [Schedule] = []
    for trait in World.Trait.allCases where world.traits.contains(trait) {
      var copy = self
      copy.world.traits.remove(trait)
      found.append(copy)
    }
    if world.servers > 1 {
      var copy = self
      copy.world.servers -= 1
      found.append(copy)
    }
    if world.clusters > 1 {
      var copy = self
      copy.world.clusters -= 1
      found.append(copy)
    }
    for index in steps.indices where steps[index].after > 0 {
      var copy = self
      copy.steps[index].after /= 2
      found.append(copy)
    }
    return found
  }
}
