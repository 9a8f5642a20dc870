import Wire

/// Putting subscriptions into an account and taking them out, with what stream imports make of them elsewhere.
extension Account {
  package func add(_ subscription: Subscription) {
    sublist.insert(subscription)
    if !streamImports.isEmpty { addShadows(of: subscription, depth: 0) }
    tellLeafs(of: subscription, added: true)
  }

  package func remove(_ subscription: Subscription) {
    guard !subscription.isClosed else { return }
    subscription.isClosed = true
    sublist.remove(subscription)
    removeShadows(of: subscription)
    tellLeafs(of: subscription, added: false)
  }

  /// For each stream import that has something in common with the subscription: one in the exporting account.
  func addShadows(of subscription: Subscription, depth: Int) {
    guard depth < 8, subscription.isDirect || depth > 0 else { return }
    for streamImport in streamImports where !streamImport.isInvalid {
      guard !isMade(subscription, by: streamImport), let remote = streamImport.remoteSubject(for: subscription.subject) else { continue }
      let binding = StreamImportBinding(streamImport: streamImport, origin: subscription, importer: self)
      let shadow = Subscription(
        client: subscription.client, subject: remote, queue: subscription.queue, sid: subscription.sid,
        target: .streamImport(binding))
      streamImport.exporter.sublist.insert(shadow)
      subscription.shadows.append(ShadowSubscription(account: streamImport.exporter, subscription: shadow))
      streamImport.exporter.addShadows(of: shadow, depth: depth + 1)
      streamImport.exporter.tellLeafs(of: shadow, added: true)
    }
  }

  /// An account may import from itself: what an import has made is not imported by it again.
  private func isMade(_ subscription: Subscription, by streamImport: StreamImport) -> Bool {
    guard case .streamImport(let binding) = subscription.target else { return false }
    return binding.streamImport === streamImport || isMade(binding.origin, by: streamImport)
  }

  private func removeShadows(of subscription: Subscription) {
    for shadow in subscription.shadows {
      guard !shadow.subscription.isClosed else { continue }
      shadow.subscription.isClosed = true
      shadow.account.sublist.remove(shadow.subscription)
      shadow.account.removeShadows(of: shadow.subscription)
      shadow.account.tellLeafs(of: shadow.subscription, added: false)
    }
    subscription.shadows = []
  }

  /// After the imports have changed: every subscription gets its shadows anew.
  package func renewShadows() {
    var own: [Subscription] = []
    sublist.forEach { if $0.isDirect { own.append($0) } }
    for subscription in own {
      removeShadows(of: subscription)
      if !streamImports.isEmpty { addShadows(of: subscription, depth: 0) }
    }
  }

  /// A subscription came or went.
  private func tellLeafs(of subscription: Subscription, added: Bool) {
    guard !leafs.isEmpty else { return }
    for leaf in leafs where leaf.isRegistered { leaf.interestChanged(subscription, added: added) }
  }
}
