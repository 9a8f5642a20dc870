import ArgumentParser
import Identity
import NATSClient
import Reactor
import StreamRecording

/// Where `--record` says that the record is.
enum RecordTarget {
  case folder(String)
  /// JetStream, behind these servers.
  case servers([ServerURL])
  /// JetStream, where a context of the nats command goes.
  case context(String)

  private static let contextPrefix = "context:"

  /// - Throws: A sentence about what is none.
  init(_ text: String) throws {
    if text.hasPrefix(RecordTarget.contextPrefix) {
      self = .context(String(text.dropFirst(RecordTarget.contextPrefix.count)))
    } else if text.contains("://") {
      let urls = try ServerURL.list(text)
      guard !urls.isEmpty else { throw ValidationError("--record names no server") }
      self = .servers(urls)
    } else {
      guard !text.isEmpty else {
        throw ValidationError("--record has to name a folder, servers (nats://HOST:PORT) or a context (context:NAME)")
      }
      self = .folder(text)
    }
  }

  /// How the stream is reached; nil for a folder.
  ///
  /// - Throws: What is wrong with the context.
  func place(tls: () throws -> TLSOptions?) throws -> StreamPlace? {
    var options = ClientOptions()
    options.name = "natsight record"
    switch self {
    case .folder: return nil
    case .servers(let urls):
      options.servers = urls
      options.tls = try tls()
      return StreamPlace(client: options)
    case .context(let name):
      let context = try NATSContext(named: name)
      guard !context.url.isEmpty else { throw CommandFailure("the context \(name) of --record names no server") }
      options.servers = try ServerURL.list(context.url)
      options.authentication = ClientIdentity(context).authentication ?? .none
      options.tls = try RecordTarget.tls(of: context, name)
      options.tlsFirst = context.tlsFirst
      if let prefix = context.inboxPrefix { options.inboxPrefix = prefix }
      var place = StreamPlace(client: options)
      if let prefix = context.jetStreamPrefix ?? context.jetStreamDomain.map({ "$JS.\($0).API" }) { place.apiPrefix = prefix }
      return place
    }
  }

  private static func tls(of context: NATSContext, _ name: String) throws -> TLSOptions? {
    var tls = TLSOptions()
    tls.authorityFile = context.authority
    tls.certificateFile = context.certificate
    tls.keyFile = context.key
    guard (tls.certificateFile == nil) == (tls.keyFile == nil) else {
      throw CommandFailure("the context \(name) of --record names a certificate or a key alone; they go together")
    }
    return tls == TLSOptions() ? nil : tls
  }
}
