import BrokerOptions
import Identity

/// The files that tell of a running server: its process id, and where it listens. They follow a reload, but are not written before the
/// server listens: until `begin` a reload only changes what will be written. The value belongs to one queue of its owner.
public struct ProcessFiles: Sendable {
  /// What the ports file names, as URLs.
  public struct Listeners: Sendable, Equatable {
    public var nats: [String]
    public var monitoring: [String]
    public init(nats: [String] = [], monitoring: [String] = []) {
      self.nats = nats
      self.monitoring = monitoring
    }
  }

  /// The ports file that is there; empty without one.
  public private(set) var portsFile = ""
  private let executable: String
  private var listeners: Listeners?

  /// - Parameter executable: The name that the ports file's own name begins with.
  public init(executable: String) { self.executable = executable }

  /// The server listens: writes the files that the options name.
  ///
  /// - Throws: Which file could not be written, and why.
  public mutating func begin(_ options: BrokerOptions, _ listeners: Listeners) throws(FileError) {
    self.listeners = listeners
    try write(options)
  }

  /// The options have changed: where they name other files, those are written and the old ports file goes.
  ///
  /// - Throws: Which file could not be written, and why.
  public mutating func follow(from old: BrokerOptions, to new: BrokerOptions) throws(FileError) {
    guard listeners != nil, old.pidFile != new.pidFile || old.portsFileDirectory != new.portsFileDirectory else { return }
    removePortsFile()
    try write(new)
  }

  /// The server ends.
  public mutating func removePortsFile() {
    if !portsFile.isEmpty { try? FileAccess.remove(portsFile) }
    portsFile = ""
  }

  private mutating func write(_ options: BrokerOptions) throws(FileError) {
    guard let listeners else { return }
    if !options.pidFile.isEmpty { try ServerFiles.writeProcessID(to: options.pidFile) }
    guard !options.portsFileDirectory.isEmpty else { return }
    let path = ServerFiles.portsPath(directory: options.portsFileDirectory, executable: executable)
    try ServerFiles.writePorts(ServerFiles.ports(nats: listeners.nats, monitoring: listeners.monitoring), to: path)
    portsFile = path
  }
}
