import SystemAPI

/// Why a question is not answered with a document.
enum Obstacle: Error {
  case error(ReplyError)
  case silent
  case notRecorded(NotRecorded)

  /// The endpoint refused, in the server's words.
  static func refused(_ text: String) -> Obstacle { .error(ReplyError(code: 500, description: text)) }

  /// The document lacks what this option asks for.
  static func lacking(_ name: FullDocument.Name, _ option: String, value: String? = nil) -> Obstacle {
    let lack = FullDocument.named(name).lacks.first { $0.option == option && (value == nil || $0.value == value) }
    return .notRecorded(.parameter(name, name: lack?.parameter ?? option, value: lack?.value ?? value ?? "true"))
  }

  var reply: RecordedReply {
    switch self {
    case .error(let error): .error(error)
    case .silent: .silent
    case .notRecorded(let missing): .notRecorded(missing)
    }
  }
}
