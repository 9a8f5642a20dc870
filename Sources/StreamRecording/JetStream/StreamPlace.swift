import NATSClient

/// The stream that epochs are kept in, and how it is reached.
public struct StreamPlace: Sendable {
  /// Where the connection goes and who it is, a user of an ordinary account with JetStream.
  public var client: ClientOptions
  /// The stream's name. Its subjects are all that begin with it.
  public var stream = StreamPlace.standardName
  /// The beginning of JetStream's subjects: `$JS.API`, or with a domain in it.
  public var apiPrefix = "$JS.API"
  /// How many servers keep a copy, where the stream has to be made.
  public var replicas = 1
  /// How old a message may become, in seconds, where the stream has to be made; also compared with a stream that is there.
  public var keepSeconds = 7 * 86_400
  /// How far apart epochs are, in seconds.
  public var every = 60
  /// What it may take, in bytes, likewise.
  public var keepBytes = 2_000_000_000

  public static let standardName = "NATSIGHT"
  /// Epochs whose documents may rest on those of one that stands alone. Each rests on that one itself, so that two frames are unpacked for a
  /// document.
  static let rowLength = 16
  /// Names of streams are file names on servers.
  public static let longestName = 64

  public init(client: ClientOptions) { self.client = client }

  /// Whether a text may be a stream's name here: letters, digits, `-` and `_`, for it begins subjects and is a folder's name too.
  public static func isName(_ text: String) -> Bool { (1...longestName).contains(text.utf8.count) && text.utf8.allSatisfy(isNameByte) }

  static func isNameByte(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  /// The time that epochs take which rest on one another: the oldest of them go together.
  var rowSeconds: Int { every * StreamPlace.rowLength }

  /// In errors and in the log; without credentials.
  var text: String { "\(stream) at \(client.servers.map(\.description).joined(separator: ", "))" }
}
