/// What another tool calls the same thing. Codes of different tools are different name spaces.
public struct OtherCode: Sendable, Equatable {
  public enum Tool: String, Sendable, CaseIterable {
    /// `nats audit analyze`
    case audit = "nats audit"
    /// `nats server check`
    case check = "nats server check"
    case insights = "Insights"
  }

  public var tool: Tool
  public var code: String

  static func audit(_ code: String) -> OtherCode { OtherCode(tool: .audit, code: code) }
  static func check(_ code: String) -> OtherCode { OtherCode(tool: .check, code: code) }
  static func insights(_ code: String) -> OtherCode { OtherCode(tool: .insights, code: code) }
}
