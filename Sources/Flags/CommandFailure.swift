/// What keeps a command from doing its work, in one sentence for the person who called it.
public struct CommandFailure: Error, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}
