import Wire

/// The way of a message that is traced: as `route`, with each step told, and without the deliveries where it is only a probe.
extension Router {
  /// True when anybody got it, or would have.
  func route(_ message: inout Message, in account: Account, from publisher: ClientConnection, _ trace: MessageTrace) -> Bool {
    let got = follow(&message, account, publisher, trace, delivers: !trace.isOnly)
    trace.tell(self, in: publisher.account)
    return got
  }

  func follow(
    _ message: inout Message, _ account: Account, _ publisher: ClientConnection?, _ trace: MessageTrace, delivers: Bool
  ) -> Bool {
    let result = account.sublist.match(message.subject)
    var got = false
    var leafs = LeafTargets()
    // Behind imports that let nobody look on.
    var hidden = LeafTargets()
    func add(_ subscription: Subscription, _ targets: inout LeafTargets, queue: [UInt8]? = nil) {
      targets.add(subscription, message, account, from: publisher, queue: queue)
    }
    for subscription in result.plain where !subscription.isClosed {
      if subscription.client.kind == .leaf {
        if isOpen(subscription) { add(subscription, &leafs) } else { add(subscription, &hidden) }
      } else if follow(&message, to: subscription, account, publisher, trace, delivers: delivers) {
        got = true
      }
    }
    for group in result.groups where isWanted(group.name, message.queueFilter) {
      if followOne(of: group, &message, account, publisher, trace, delivers: delivers) {
        got = true
      } else if let member = chooseLeaf(of: group, publisher) {
        if isOpen(member) { add(member, &leafs, queue: group.name) } else { add(member, &hidden, queue: group.name) }
      }
    }
    leafs.takeShared(from: &hidden)
    for target in leafs.targets where follow(message, to: target, trace, delivers: delivers) { got = true }
    if delivers, !hidden.isEmpty, withoutTrace(message, { send(&$0, to: hidden) }) { got = true }
    return got
  }

  /// Whether what becomes of a message beyond a stream import is shown to whoever published it.
  private func isOpen(_ subscription: Subscription) -> Bool {
    guard case .streamImport(let binding) = subscription.target else { return true }
    return binding.streamImport.allowTrace && isOpen(binding.origin)
  }

  /// The message as one that no server on its way is to follow.
  private func withoutTrace<Result>(_ message: Message, _ body: (inout Message) -> Result) -> Result {
    with(message, header: MessageTrace.asked, MessageTrace.switchedOff, body)
  }

  /// One more server on the way, which tells what becomes of the message there. A probe goes to those alone that know it for one.
  private func follow(_ message: Message, to target: LeafTargets.Target, _ trace: MessageTrace, delivers: Bool) -> Bool {
    guard let link = target.client.leaf else { return false }
    let hop = trace.nextHop()
    let shown = target.shown ?? Array(message.subject)
    guard shown.withUnsafeBytes({ mayReceive($0, target.client, link) }) else {
      trace.egress(target.client, target.account, nil, .publishDenied, hop: hop)
      return false
    }
    var fault: MessageTrace.Fault?
    var address: [UInt8]?
    if !link.tracesMessages || !target.client.headers {
      fault = delivers ? .noSupport : .onlyNoSupport
    } else if let border = trace.border {
      address = border.address(of: trace, self)
      if address == nil { fault = delivers ? .tooMany : .onlyTooMany }
    }
    trace.egress(target.client, target.account, nil, fault, hop: hop)
    guard fault == nil || delivers else { return false }
    func pass(_ message: Message) -> Bool {
      with(message, header: MessageTrace.hop, hop) { message in shown.withUnsafeBytes { send(message, as: $0, to: target) } }
    }
    if let address { return with(message, header: MessageTrace.asked, String(decoding: address, as: UTF8.self)) { pass($0) } }
    // Beyond a border the destination that the message names is somebody else's, or nobody's.
    guard trace.border == nil else {
      return withoutTrace(message) { message in shown.withUnsafeBytes { send(message, as: $0, to: target) } }
    }
    return pass(message)
  }

  /// The message with one field of its header block set to another value.
  func with<Result>(_ message: Message, header name: String, _ value: String, _ body: (inout Message) -> Result) -> Result {
    let header = HeaderBlock(message.header).setting(exactly: name, to: value)
    let bytes = header + message.payload + [0x0D, 0x0A]
    return bytes.withUnsafeBytes { bytes in
      var copy = Message(
        subject: message.subject, reply: message.reply, body: UnsafeRawBufferPointer(rebasing: bytes.dropLast(2)),
        headerSize: header.count, serial: nextSerial())
      copy.isInternal = message.isInternal
      copy.depth = message.depth
      copy.origin = message.origin
      copy.queueFilter = message.queueFilter
      return body(&copy)
    }
  }

  private func followOne(
    of group: Sublist.Group, _ message: inout Message, _ account: Account, _ publisher: ClientConnection?, _ trace: MessageTrace,
    delivers: Bool
  ) -> Bool {
    let local = group.members.filter { !$0.isClosed && $0.client.kind != .leaf }
    let first = local.isEmpty ? 0 : Int(randomNumber() % UInt64(local.count))
    for index in local.indices {
      let member = local[(first + index) % local.count]
      if follow(&message, to: member, account, publisher, trace, delivers: delivers) { return true }
    }
    return false
  }

  /// - Parameter listed: What a stream import made of the subscription in the account that the message is from, which is told instead of it.
  private func follow(
    _ message: inout Message, to subscription: Subscription, _ account: Account, _ publisher: ClientConnection?, _ trace: MessageTrace,
    listed: Subscription? = nil, delivers: Bool
  ) -> Bool {
    switch subscription.target {
    case .client:
      let fault = fault(message, subscription, publisher)
      trace.egress(subscription.client, account, listed ?? subscription, fault)
      guard fault == nil else { return false }
      return delivers ? write(&message, to: subscription, as: message.subject, account, publisher) : true
    case .system, .serviceReplies: return delivers && deliverIndirectly(&message, to: subscription, account, publisher)
    case .streamImport(let binding):
      guard message.origin == .here, let shown = binding.shown(message.subject) else { return false }
      trace.streamExport(binding.importer, shown)
      // What the importing account does with it is not shown to everybody.
      guard binding.streamImport.allowTrace else {
        return delivers && withoutTrace(message) { deliverIndirectly(&$0, to: subscription, account, publisher) }
      }
      return follow(&message, through: binding, as: shown, publisher, trace, listed: listed ?? subscription, delivers: delivers)
    case .serviceImport(let service): return follow(&message, asking: service, subscription, account, publisher, trace, delivers: delivers)
    }
  }

  private func fault(_ message: borrowing Message, _ subscription: Subscription, _ publisher: ClientConnection?) -> MessageTrace.Fault? {
    let client = subscription.client
    if client === publisher && !client.echo { return .noEcho }
    if subscription.needsDenyCheck, let permissions = client.permissions,
      permissions.deniesDelivery(message.subject, queue: subscription.queue)
    {
      return .denied
    }
    return nil
  }

  private func follow(
    _ message: inout Message, through binding: StreamImportBinding, as shown: [UInt8], _ publisher: ClientConnection?,
    _ trace: MessageTrace, listed: Subscription, delivers: Bool
  ) -> Bool {
    shown.withUnsafeBytes { shown in
      var copy = Message(subject: shown, reply: message.reply, body: message.body, headerSize: message.headerSize, serial: nextSerial())
      copy.depth = message.depth + 1
      guard copy.depth <= Self.maximumDepth else { return false }
      return follow(&copy, to: binding.origin, binding.importer, publisher, trace, listed: listed, delivers: delivers)
    }
  }

  /// A request across a border: where the export allows it, it is followed there too, and what others on its way tell comes back by the border
  /// as answers do.
  private func follow(
    _ message: inout Message, asking service: ServiceImport, _ subscription: Subscription, _ account: Account,
    _ publisher: ClientConnection?, _ trace: MessageTrace, delivers: Bool
  ) -> Bool {
    guard message.origin != .answer, !service.isInvalid, message.depth < Self.maximumDepth, let remote = destination(of: message, service)
    else { return false }
    trace.serviceImport(service.exporter, from: message.subject, to: remote)
    guard service.export.allowTrace else {
      return delivers && withoutTrace(message) { deliverIndirectly(&$0, to: subscription, account, publisher) }
    }
    let outer = trace.border
    trace.border = TraceBorder(service, behind: outer)
    defer { trace.border = outer }
    if delivers { return request(&message, through: service, publisher, followedBy: trace) }
    // A probe reaches nobody here, yet the servers of leaf nodes see it: they are told who asks as they would be of the request.
    return crossing(message, service, publisher, to: remote, reply: message.reply) { copy in
      follow(&copy, service.exporter, publisher, trace, delivers: false)
    }
  }
}
