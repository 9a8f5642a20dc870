import Wire

/// A request for a page.
public struct PageRequest: Sendable {
  public let request: GatewayRequest
  public let path: RequestPath
  public let query: HTTPQuery

  /// What follows the page's name in the path.
  public var more: ArraySlice<String> { path.rest.dropFirst() }
}
