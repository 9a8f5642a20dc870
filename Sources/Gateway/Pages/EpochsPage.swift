import HTTPServer
import Reactor
import Recording
import Synchronization
import SystemAPI
import Wire

/// `/epochs`: the moments that are kept.
struct EpochsPage: Page {
  let description = PageDescription.epochs
  let keeper: RecordKeeper

  /// Epochs of one answer, the newest of the span.
  static let most = 20_000

  func answer(_ page: PageRequest, _ exit: Exit) {
    let parameters = ParameterReader(page.query)
    let now = WallClock.now()
    let since: Timestamp?
    let until: Timestamp?
    do throws(Refusal) {
      since = try parameters.moment(PageParameters.since, now: now)
      until = try parameters.moment(PageParameters.until, now: now)
    } catch {
      return exit.send(error.response)
    }
    keeper.read({ store throws(RecordError) in
      (try store.epochs(since: since, until: until, most: EpochsPage.most), try store.extent())
    }) { result in
      switch result {
      case .success(let (epochs, extent)): exit.send(.json(body(epochs, extent, now)))
      case .failure(let error): exit.send(Refusal(error).response)
      }
    }
  }

  private func body(_ epochs: [EpochHeader], _ extent: RecordExtent?, _ now: Timestamp) -> [UInt8] {
    let settings = keeper.settings.withLock { $0 }
    var json = JSONWriter(indent: 2)
    json.object { json in
      json.member("now", now.rfc3339)
      json.member("store", keeper.isArchive ? "archive" : settings.stream != nil ? "jetstream" : settings.folder == nil ? "memory" : "file")
      if let stream = settings.stream {
        json.member("stream", stream.name)
        json.member("servers", stream.servers)
      }
      if !keeper.isArchive { json.member("every", settings.every) }
      json.member("kept", extent?.epochs ?? 0)
      json.member("bytes", extent?.bytes ?? 0)
      if let extent {
        json.member("oldest", extent.oldest.rfc3339)
        json.member("newest", extent.newest.rfc3339)
      }
      json.arrayMember("epochs") { json in
        for epoch in epochs { json.object { EpochsPage.write(epoch, to: &$0) } }
      }
    }
    return json.bytes + [0x0A]
  }

  private static func write(_ epoch: EpochHeader, to json: inout JSONWriter) {
    json.member("epoch", epoch.number)
    json.member("began", epoch.began.rfc3339)
    json.member("at", epoch.at.rfc3339)
    json.key("expected")
    if let expected = epoch.expected { json.integer(expected) } else { json.null() }
    json.member("responded", epoch.responded)
    json.member("missing", epoch.missing)
    json.key("findings")
    if let findings = epoch.findings {
      json.object { json in
        json.member("critical", findings.critical)
        json.member("warning", findings.warning)
        json.member("info", findings.info)
      }
    } else {
      json.null()
    }
    json.member("documents", epoch.documents)
    json.member("bytes", epoch.bytes)
    json.member("document_bytes", epoch.documentBytes)
  }
}
