import Wire

/// A stored property that an option fills.
typealias OptionField<Root, Value> = any (WritableKeyPath<Root, Value> & Sendable)

/// Options that fill one property from one simple value. The first argument is the name and, after blanks, the aliases.
extension Option {
  static func text(
    _ name: String, fallback: String = "", _ meaning: String, reload: OptionReload = .no, field: String = "",
    _ path: OptionField<Target, String>
  ) -> Option {
    Option(name, "string", fallback, meaning, reload, field, { $0[keyPath: path] }) { value, target, _ in
      target[keyPath: path] = try value.string(name.firstWord)
    }
  }

  static func optionalText(
    _ name: String, fallback: String = "", _ meaning: String, reload: OptionReload = .no, field: String = "",
    _ path: OptionField<Target, String?>
  ) -> Option {
    Option(name, "string", fallback, meaning, reload, field, { $0[keyPath: path] ?? "" }) { value, target, _ in
      target[keyPath: path] = try value.string(name.firstWord)
    }
  }

  static func flag(
    _ name: String, fallback: String = "false", _ meaning: String, reload: OptionReload = .no, field: String = "",
    _ path: OptionField<Target, Bool>
  ) -> Option {
    Option(name, "boolean", fallback, meaning, reload, field, { "\($0[keyPath: path])" }) { value, target, _ in
      target[keyPath: path] = try value.boolean(name.firstWord)
    }
  }

  /// - Parameter zero: What 0 stands for.
  static func integer(
    _ name: String, fallback: String = "0", _ meaning: String, reload: OptionReload = .no, field: String = "",
    in range: ClosedRange<Int64> = .min ... .max, zero: Int = 0, _ path: OptionField<Target, Int>
  ) -> Option {
    Option(name, "integer", fallback, meaning, reload, field, { "\($0[keyPath: path])" }) { value, target, _ in
      let number = Int(try value.integer(name.firstWord, in: range))
      target[keyPath: path] = number == 0 ? zero : number
    }
  }

  /// A duration, or a whole number of seconds with a warning; kept in seconds.
  ///
  /// - Parameter zero: What 0 stands for.
  static func duration(
    _ name: String, fallback: String, _ meaning: String, reload: OptionReload = .no, field: String = "", zero: Double = 0,
    _ path: OptionField<Target, Double>
  ) -> Option {
    Option(name, "duration", fallback, meaning, reload, field, { durationText($0[keyPath: path]) }) { value, target, notes in
      let time = try value.secondsWithUnit(name.firstWord, &notes)
      target[keyPath: path] = time == 0 ? zero : time
    }
  }

  /// A duration that must be text; kept in seconds.
  ///
  /// - Parameter zero: What 0 stands for.
  static func strictDuration(
    _ name: String, fallback: String, _ meaning: String, reload: OptionReload = .no, field: String = "", zero: Double = 0,
    _ path: OptionField<Target, Double>
  ) -> Option {
    Option(name, "duration", fallback, meaning, reload, field, { durationText($0[keyPath: path]) }) { value, target, _ in
      let time = seconds(try value.duration(name.firstWord))
      target[keyPath: path] = time == 0 ? zero : time
    }
  }

  static func texts(
    _ name: String, fallback: String = "", _ meaning: String, reload: OptionReload = .no, field: String = "",
    _ path: OptionField<Target, [String]>
  ) -> Option {
    Option(name, "string or [string]", fallback, meaning, reload, field, { "\($0[keyPath: path])" }) { value, target, _ in
      target[keyPath: path] = try value.strings(name.firstWord)
    }
  }

  /// Subjects, with wildcards where wanted. What is none matches nothing: a rule of that kind would be there and do nothing.
  static func subjects(_ name: String, _ meaning: String, _ path: OptionField<Target, [String]>) -> Option {
    Option(name, "string or [string]", "", meaning, .no, "", { "\($0[keyPath: path])" }) { value, target, _ in
      let subjects = try value.strings(name.firstWord)
      for subject in subjects where !Subject.isValid(subject) {
        throw ConfigurationError("subject \"\(subject)\" is not a valid subject", at: value.position)
      }
      target[keyPath: path] = subjects
    }
  }

  /// Accepted and without effect, because what it tunes is not there to be tuned; said once in the log.
  static func ignored(_ name: String, type: String, _ meaning: String, because reason: String) -> Option {
    Option(name, type, "", meaning, .yes, "", nil) { value, _, notes in
      // What nats-server would not take is a slip here too.
      switch type {
      case "duration": _ = try value.secondsWithUnit(name.firstWord, &notes)
      case "boolean": _ = try value.boolean(name.firstWord)
      default: break
      }
      notes.warn("\(name.firstWord) has no effect here: \(reason)", at: value.position)
    }
  }

  /// Accepted while it switches nothing on; refused otherwise, so that no feature is silently missing.
  static func unavailable(_ name: String, type: String, _ meaning: String, _ sentence: String) -> Option {
    Option(name, type, "off", meaning, .no, "", nil) { value, _, _ in
      guard asksForNothing(value) else { throw ConfigurationError(sentence, at: value.position) }
    }
  }

  private init(
    _ names: String, _ type: String, _ fallback: String, _ meaning: String, _ reload: OptionReload, _ field: String,
    _ shown: (@Sendable (Target) -> String)?, read: @escaping Reading
  ) {
    self.names = names.split(separator: " ").map(String.init)
    self.type = type
    self.fallback = fallback
    self.meaning = meaning
    self.reload = reload
    self.field = field
    self.shown = shown
    self.read = read
  }
}

extension ConfigurationValue {
  /// Seconds of a duration; of a whole number as well, which is taken and told of, as by nats-server.
  fileprivate func secondsWithUnit(_ name: String, _ notes: inout OptionNotes) throws(ConfigurationError) -> Double {
    switch content {
    case .integer:
      notes.warnOfMisuse("invalid use of field \"\(name)\": \(name) should be converted to a duration", at: position)
      return seconds(try durationOrSeconds(name))
    case .float: throw mismatch(name, "a duration such as \"1.5s\"")
    default: return seconds(try duration(name))
    }
  }
}

extension String {
  /// The option's name, before its aliases.
  fileprivate var firstWord: String { String(prefix { $0 != " " }) }
}

/// Whether a value switches its feature off: `false`, `off`, `disabled`, an empty array or map, or `enabled: false`.
func asksForNothing(_ value: ConfigurationValue) -> Bool {
  switch value.content {
  case .boolean(let on): return !on
  case .string(let text): return ["", "disabled", "disable", "false", "off"].contains(text.lowercased())
  case .array(let values): return values.isEmpty
  case .map(let map):
    if map.isEmpty { return true }
    let switches = map.entries.first { ["enabled", "enable"].contains($0.key.lowercased()) }
    return switches.map { $0.value.content == .boolean(false) } ?? false
  default: return false
  }
}

/// Nanoseconds as seconds.
func seconds(_ nanoseconds: Int64) -> Double { Span(nanoseconds: nanoseconds).seconds }

/// Seconds as `1m30s`, the way reload messages show them.
func durationText(_ seconds: Double) -> String {
  DurationText.go(Span.seconds(seconds).nanoseconds)
}
