import HTTPServer

/// `/openapi.json`.
enum OpenAPIPage {
  static func reply(pages: [GatewayPage]) -> GatewayReply {
    .json(
      OpenAPIDocument.text(
        pages: pages.map { OpenAPIDocument.Page(name: $0.name, help: $0.help, scopes: $0.scopes, parameters: $0.parameters) }))
  }
}
