import ArgumentParser
import Gateway
import Identity
import Judgement
import Notify
import Wire

/// Who is told of findings, and what nobody wants to hear of.
public struct NotifyFlags: ParsableArguments, Sendable {
  @Option(.notify) var notify: [String] = []
  @Option(.notifyAfter) var notifyAfter = SecondsFlag(seconds: 30, text: "30s")
  @Option(.notifySecretFile) var notifySecretFile: String?
  @Option(.mutes) var mutes: String?

  /// Receivers, at most.
  private static let most = 16
  private static let longestSecret = 4096

  public init() {}

  public func validate() throws {
    _ = try targets()
    guard notify.count <= NotifyFlags.most else { throw ValidationError("--notify may name \(NotifyFlags.most) receivers at most") }
    guard notifyAfter.seconds <= 86_400 else { throw ValidationError("--notify-after has to be at most 24h; found \(notifyAfter.text)") }
    guard notifySecretFile == nil || !notify.isEmpty else { throw ValidationError("--notify-secret-file needs --notify") }
  }

  private func targets() throws -> [NotifyTarget] {
    try notify.map { text in
      do throws(NotifyTarget.Invalid) { return try NotifyTarget(text) } catch { throw ValidationError("--notify: \(error)") }
    }
  }

  /// Reads the secret.
  ///
  /// - Throws: A sentence about a file that cannot be used.
  public func settings() throws -> NotifySettings {
    var settings = NotifySettings()
    settings.targets = try targets()
    settings.holdOff = .seconds(notifyAfter.seconds)
    guard let notifySecretFile else { return settings }
    let text: String
    do { text = try FileAccess.readText(NATSContext.expanded(notifySecretFile)) } catch { throw CommandFailure("\(error)") }
    var secret = Array(text.utf8)
    while secret.last == 0x0A || secret.last == 0x0D { secret.removeLast() }
    guard !secret.isEmpty, secret.count <= NotifyFlags.longestSecret else {
      throw CommandFailure("\(notifySecretFile): expected a secret of 1 to \(NotifyFlags.longestSecret) bytes, found \(secret.count)")
    }
    settings.secret = secret
    return settings
  }

  /// Reads the file of mutes; none where no file is named.
  ///
  /// - Throws: A sentence that names the line.
  public func muteList() throws -> MuteList {
    guard let mutes else { return MuteList() }
    let text: String
    do { text = try FileAccess.readText(NATSContext.expanded(mutes)) } catch { throw CommandFailure("\(error)") }
    guard text.utf8.count <= MuteList.longestFile else { throw CommandFailure("\(mutes): more than \(MuteList.longestFile) bytes") }
    do throws(MuteList.Invalid) {
      return try MuteList(parsing: text) { CheckTable.check($0) != nil }
    } catch {
      throw CommandFailure("\(mutes), \(error)")
    }
  }
}
