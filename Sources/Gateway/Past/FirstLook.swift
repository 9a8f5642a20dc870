import Judgement

/// The first of two looks: all that the second one is compared with.
struct FirstLook: Past {
  private let first: JudgedSystem

  init(_ first: JudgedSystem) { self.first = first }

  let readsRecord = false

  func fill(_ system: inout JudgedSystem) {
    system.before = JudgedSystem.Before(first)
    var trends = Trends()
    trends.take(first)
    trends.take(system)
    system.trends = trends
  }
}
