import HTTPServer
import Synchronization

/// `/openapi.json`: the interface, from the tables that route the requests.
struct OpenAPIPage: Page {
  let description = PageDescription.openAPI
  /// All pages that there are.
  let pages: [PageDescription]
  /// The tables do not change while the process runs: the document is written once, when it is first asked for.
  private let written = Written()

  private final class Written: Sendable {
    let document = Mutex<[UInt8]?>(nil)
  }

  init(pages: [PageDescription]) { self.pages = pages }

  func answer(_ page: PageRequest, _ exit: Exit) {
    let document = written.document.withLock { document in
      let text = document ?? OpenAPIDocument.text(pages: pages)
      document = text
      return text
    }
    exit.send(.json(document))
  }
}
