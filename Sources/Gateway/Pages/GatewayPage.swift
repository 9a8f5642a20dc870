import HTTPServer
import Wire

/// A page that the gateway makes itself instead of asking servers for it.
public struct GatewayPage: Sendable {
  public let description: PageDescription
  /// Called on the gateway's shard.
  public let handler: @Sendable (PageRequest, Exit) -> Void

  public init(_ description: PageDescription, handler: @escaping @Sendable (PageRequest, Exit) -> Void) {
    self.description = description
    self.handler = handler
  }
}

/// A request for a page.
public struct PageRequest: Sendable {
  public let request: GatewayRequest
  public let path: RequestPath
  public let query: HTTPQuery

  /// What follows the page's name in the path.
  public var more: ArraySlice<String> { path.rest.dropFirst() }
}
