import HTTPServer
import Recorded
import SystemAPI

/// `/archive`: the system as it is, read now, as a file.
struct ArchivePage: Page {
  let description = PageDescription.archive
  let takings: EpochTakings

  func answer(_ page: PageRequest, _ exit: Exit) {
    // Nobody is asked for what the caller may not have.
    let documents = RecordSettings().documents.map(\.rawValue)
    if let refusal = RecordedArchivePage.refusal(page, documents) { return exit.send(refusal.response) }
    takings.take(page.path.scope) { result in
      switch result {
      case .failure(let refusal): exit.send(refusal.response)
      case .success(let moment):
        moment.archive.answer(page, moment.mark.fields.reduce(exit) { $0.bearing($1) })
      }
    }
  }
}
