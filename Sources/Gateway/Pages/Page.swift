/// A page that the gateway makes itself instead of asking servers for it. What it may use is what it stores.
protocol Page: Sendable {
  var description: PageDescription { get }
  /// Called on the gateway's shard.
  func answer(_ page: PageRequest, _ exit: Exit)
}
