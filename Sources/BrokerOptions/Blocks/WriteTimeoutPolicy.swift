import Wire

/// What may stand at `write_timeout`, whichever block it is in.
enum WriteTimeoutPolicy {
  static func check(_ value: ConfigurationValue) throws(ConfigurationError) {
    let policy = try value.string("write_timeout").lowercased()
    guard ["default", "close", "retry"].contains(policy) else {
      throw ConfigurationError("write_timeout: expected \"default\", \"close\" or \"retry\", found \"\(policy)\"", at: value.position)
    }
  }

  /// Where it is taken and does nothing.
  static func ignored<Target>() -> Option<Target> {
    Option("write_timeout", type: "string", "what happens then", reload: .yes) { value, _, notes in
      try check(value)
      notes.warn("write_timeout has no effect here: the server's own applies", at: value.position)
    }
  }
}
