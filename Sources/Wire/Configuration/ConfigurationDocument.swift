/// Where a configuration takes its files and variables from, so that parsing itself touches nothing.
public struct ConfigurationSources: Sendable {
  /// The bytes of a file; what it throws becomes part of the include's error.
  public var readFile: @Sendable (_ path: String) throws -> [UInt8]
  /// The value of an environment variable, or `nil`.
  public var environment: @Sendable (_ name: String) -> String?

  /// Sources made of two functions; without them there are no files and no variables.
  public init(
    readFile: @escaping @Sendable (_ path: String) throws -> [UInt8] = {
      throw ConfigurationError("open \($0): no such file or directory")
    },
    environment: @escaping @Sendable (_ name: String) -> String? = { _ in nil }
  ) {
    self.readFile = readFile
    self.environment = environment
  }
}

/// A parsed configuration: an ordered tree of values that know where they stand.
public struct ConfigurationDocument: Sendable, Hashable {
  /// The top of the tree.
  public let root: ConfigurationMap
  /// The text of the file followed by those of its includes in the order of reading, for digests.
  public let texts: [[UInt8]]

  /// Parses configuration text.
  ///
  /// - Parameters:
  ///   - text: The bytes of the file, UTF-8.
  ///   - file: Its name, used in positions and, by its folder, to find includes.
  ///   - sources: Where includes and environment variables come from.
  /// - Throws: The first fault, with its place.
  public init(
    parsing text: some Sequence<UInt8>, file: String, sources: ConfigurationSources = .init()
  ) throws(ConfigurationError) {
    var parser = ConfigurationParser(sources: sources)
    root = try parser.parseFile(Array(text), name: file)
    texts = parser.texts
  }
}
