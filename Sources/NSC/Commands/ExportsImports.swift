import Fetch
import Identity
import Wire

extension NSCTool {
  public func addExport(_ options: ExportOptions) throws { try edit { try added(options) } }

  private func added(_ options: ExportOptions) throws {
    let accountName = try accountName(options.account.account)
    var claims = try account(accountName)
    guard let subject = options.subject, !subject.isEmpty else { throw NSCError("a subject is required") }
    var export = Export(subject: subject, kind: options.service == true ? .service : .stream, name: options.name ?? subject)
    if export.kind == .service { export.responseType = "Singleton" }
    if (options.isPrivate ?? false) && (options.accountTokenPosition ?? 0) > 0 {
      throw NSCError("account token position is only valid for public exports")
    }
    try apply(options, to: &export)
    claims.exports.append(export)
    try save(claims, name: accountName)
    report.ok("added \(export.tokenRequired ? "private" : "public") \(export.kindText) export \"\(export.name)\"")
  }

  private func apply(_ options: ExportOptions, to export: inout Export) throws {
    if let flag = options.isPrivate { export.tokenRequired = flag }
    if let text = options.responseType {
      guard let type = ["Singleton", "Stream", "Chunked"].first(where: { $0.lowercased() == text.lowercased() }) else {
        throw NSCError("unknown response type \"\(text)\"")
      }
      export.responseType = type
    }
    if let text = options.responseThreshold {
      let threshold = try Values.duration(text)
      if export.kind != .service { report.warning("a response threshold is for services only") }
      if export.kind == .service { export.responseThreshold = threshold }
    }
    // Without a percentage those are measured that ask for it by a header.
    if let results = options.latency { export.latency = Export.Latency(sampling: export.latency?.sampling ?? 0, results: results) }
    if let text = options.sampling {
      if export.latency == nil { report.warning("sampling is of no use without --latency") }
      if text.lowercased().hasPrefix("header") || text == "0" {
        export.latency?.sampling = 0
      } else if let number = Int64(text), (1...100).contains(number) {
        export.latency?.sampling = number
      } else {
        throw NSCError("sampling \"\(text)\": expected 1 to 100, or header")
      }
    }
    if let position = options.accountTokenPosition { export.accountTokenPosition = Int64(position) }
    if let flag = options.advertise { export.advertise = flag }
    if let flag = options.allowTrace { export.allowTrace = flag }
    if let text = options.description { export.info.description = text }
    if let text = options.infoUrl { export.info.url = text }
  }

  private func exportIndex(_ claims: AccountClaims, subject: String?, name: String?) throws -> Int {
    if let subject {
      guard let index = claims.exports.firstIndex(where: { $0.subject == subject }) else {
        throw NSCError("no export with subject \"\(subject)\" found")
      }
      return index
    }
    if let name, let index = claims.exports.firstIndex(where: { $0.name == name }) { return index }
    if claims.exports.count == 1 { return 0 }
    throw NSCError("a subject is required")
  }

  public func editExport(_ options: EditExportOptions) throws { try edit { try edited(options) } }

  private func edited(_ edit: EditExportOptions) throws {
    let options = edit.export
    let accountName = try accountName(options.account.account)
    var claims = try account(accountName)
    if !edit.changesSomething { throw NSCError("please specify some options") }
    let index = try exportIndex(claims, subject: options.subject, name: options.name)
    let old = claims.exports[index]
    var new = old
    if let name = options.name { new.name = name }
    if let service = options.service, service != (old.kind == .service) {
      new.kindText = service ? "service" : "stream"
      new.responseType = service ? "Singleton" : ""
    }
    if edit.rmLatencySampling { new.latency = nil }
    try apply(options, to: &new)
    tell(old, new)
    claims.exports[index] = new
    try save(claims, name: accountName)
    report.ok("edited \(new.kindText) export \"\(new.name)\"")
  }

  /// What has changed, one line each; with a warning where importers notice.
  private func tell(_ old: Export, _ new: Export) {
    if new.name != old.name { report.ok("changed export name to \(new.name)") }
    if new.tokenRequired != old.tokenRequired {
      report.warning(
        "changed export to be \(new.tokenRequired ? "private" : "public")\(new.tokenRequired ? " - this will break importers" : "")")
    }
    if new.kindText != old.kindText { report.warning("changed export type to \"\(new.kindText)\" - this will break importers") }
    switch (old.latency, new.latency) {
    case (.some, nil): report.ok("removed latency tracking")
    case (let before, let after?):
      let sampling = after.sampling == 0 ? "header" : "\(after.sampling)%"
      if before?.sampling != after.sampling { report.ok("changed service latency to \(sampling)") }
      if let before, before.results != after.results { report.ok("changed service latency subject to \(after.results)") }
    case (nil, nil): break
    }
    if new.responseType != old.responseType { report.ok("changed response type to \(new.responseType)") }
    if new.responseThreshold != old.responseThreshold {
      report.ok("changed response threshold to \(DurationWords.go(new.responseThreshold))")
    }
    if new.accountTokenPosition != old.accountTokenPosition { report.ok("changed account token position to \(new.accountTokenPosition)") }
    if new.info.description != old.info.description { report.ok("changed description to \"\(new.info.description)\"") }
    if new.info.url != old.info.url { report.ok("changed info url to \"\(new.info.url)\"") }
    if new.advertise != old.advertise { report.ok("changed advertise to \(new.advertise)") }
    if new.allowTrace != old.allowTrace { report.ok("changed allow trace to \(new.allowTrace)") }
  }

  public func deleteExport(account: String?, subject: String?) throws {
    let accountName = try accountName(account)
    var claims = try self.account(accountName)
    let export = claims.exports.remove(at: try exportIndex(claims, subject: subject, name: nil))
    try save(claims, name: accountName)
    report.ok("deleted \(export.kindText) export \"\(export.name)\"")
  }

  public func addImport(_ options: ImportOptions) throws {
    let accountName = try accountName(options.account.account)
    var claims = try account(accountName)
    var item: Import
    if let source = options.token {
      let token = try activationText(source)
      let activation = try Token.decode(token, as: ActivationClaims.self)
      guard let kind = activation.importKind else { throw NSCError("the activation is for an unknown kind of import") }
      guard activation.standard.subject == claims.standard.subject else {
        throw NSCError("the activation is not intended for this account - it is for \"\(activation.standard.subject)\"")
      }
      item = Import(subject: options.remoteSubject ?? activation.importSubject, account: activation.exporter, kind: kind)
      item.token = token
      item.localSubject = options.localSubject ?? (kind == .service ? activation.importSubject : "")
    } else {
      guard let source = options.srcAccount, let subject = options.remoteSubject else {
        throw NSCError("specify --token, or --src-account and --remote-subject")
      }
      let key = KeyPair.isPublicKey(source, .account) ? source : try self.account(self.accountName(source)).standard.subject
      item = Import(subject: subject, account: key, kind: options.service == true ? .service : .stream)
      item.localSubject = options.localSubject ?? ""
    }
    item.name = options.name ?? item.subject
    if let flag = options.share { item.share = flag }
    if options.allowTrace == true && item.kind == .service { report.warning("allow trace is for streams only") }
    if let flag = options.allowTrace, item.kind == .stream { item.allowTrace = flag }
    if item.account == claims.standard.subject { throw NSCError("export issuer is this account") }
    if claims.imports.contains(where: { $0.account == item.account && $0.subject == item.subject && $0.kind == item.kind }) {
      throw NSCError("account already imports \(item.kindText) \"\(item.subject)\" from \(item.account)")
    }
    claims.imports.append(item)
    try save(claims, name: accountName)
    report.ok("added \(item.kindText) import \"\(item.name)\"")
  }

  /// The token of an activation: from a file or URL, armoured or bare, or as the text itself.
  private func activationText(_ source: String) throws -> String {
    var text = source
    if source.hasPrefix("http://") || source.hasPrefix("https://") {
      let answer = try Fetch.perform(FetchRequest(url: source))
      guard answer.status == 200 else {
        throw NSCError("error loading activation from \(UserInfo.removed(from: source)): \(answer.status)")
      }
      text = answer.text
    } else if FileAccess.isFile(environment.absolute(source)) || !(source.hasPrefix("eyJ") || source.contains("---")) {
      text = try FileAccess.readText(environment.absolute(source))
    }
    return try Credentials(text: text).jwt
  }

  public func deleteImport(account: String?, subject: String?, sourceAccount: String?) throws {
    let accountName = try accountName(account)
    var claims = try self.account(accountName)
    let matches = claims.imports.indices.filter { index in
      let item = claims.imports[index]
      return (subject == nil || item.subject == subject) && (sourceAccount == nil || item.account == sourceAccount)
    }
    guard !matches.isEmpty else { throw NSCError("no import with that subject found") }
    guard matches.count == 1 else { throw NSCError("several imports match - specify --subject and --src-account") }
    let item = claims.imports.remove(at: matches[0])
    try save(claims, name: accountName)
    report.ok("deleted \(item.kindText) import \"\(item.name)\"")
  }

  // MARK: Mappings

  public func addMapping(account: String?, from: String, to: String, weight: Int, cluster: String) throws {
    let accountName = try accountName(account)
    var claims = try self.account(accountName)
    var targets = claims.mappings[from] ?? []
    targets.removeAll { $0.subject == to && $0.cluster == cluster }
    targets.append(MappingTarget(subject: to, weight: Int64(weight), cluster: cluster))
    claims.mappings[from] = targets
    try save(claims, name: accountName)
    report.ok("added mapping \(from) -> \(to), weight \(weight == 0 ? 100 : weight)%")
  }

  /// Deletes the mapping to `to`, in `cluster` or in none; without `to` all those of the cluster, and without both all of the subject.
  public func deleteMapping(account: String?, from: String, to: String?, cluster: String?) throws {
    let accountName = try accountName(account)
    var claims = try self.account(accountName)
    let targets = claims.mappings[from] ?? []
    let left = targets.filter { target in
      if let to, target.subject != to { return true }
      return (to != nil || cluster != nil) && target.cluster != cluster ?? ""
    }
    let name = "\(from)\(to.map { " -> \($0)" } ?? "")\(cluster.map { " in cluster \($0)" } ?? "")"
    guard left.count < targets.count else { return report.warning("mapping \(name) was not there") }
    claims.mappings[from] = left.isEmpty ? nil : left
    try save(claims, name: accountName)
    report.ok("deleted mapping \(name)")
  }
}
