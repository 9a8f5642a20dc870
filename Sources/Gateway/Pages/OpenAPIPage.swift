import HTTPServer

/// `/openapi.json`: the interface, from the tables that route the requests.
struct OpenAPIPage: Page {
  let description = PageDescription.openAPI
  /// All pages that there are.
  let pages: [PageDescription]

  func answer(_ page: PageRequest, _ exit: Exit) { exit.send(.json(OpenAPIDocument.text(pages: pages))) }
}
