import HTTPServer
import SystemAPI

/// A gateway without a system: every answer is about the one moment that there is.
extension Gateway {
  /// Has a page answer about that moment.
  func answer(_ page: any Page, pinned epoch: Int, _ request: PageRequest, _ exit: Exit) {
    let name = page.description.name
    // The process is well, and needs nobody.
    if name == PageDescription.readiness.name { return exit.send(LivenessPage.wellness) }
    moments.open(.epoch(epoch)) { [self] result in
      switch result {
      case .failure(let refusal): exit.send(refusal.response)
      case .success(let moment):
        guard let page = own(page, of: moment) else {
          let text = "/\(name) tells of what happens over time: an archive is of one moment, and holds none of it"
          return exit.send(Refusal(.notRecorded, text).response)
        }
        let exit = page.description.isAboutServers ? moment.mark.fields.reduce(exit) { $0.bearing($1) } : exit
        send(page, request, exit, reader: moment.source, answerer: moment.answerer)
      }
    }
  }

  /// The page as that moment has it; nil where there is none.
  private func own(_ page: any Page, of moment: RecordedMoment) -> (any Page)? {
    let name = page.description.name
    if name == PageDescription.diff.name {
      return DiffPage(reader: moment.source, answerer: moment.answerer, moments: moments, present: moment)
    }
    // Files keep no events.
    if name != PageDescription.events.name, let own = moment.pages[name] ?? moment.onlyHere[name] { return own }
    return page.description.isAboutServers || name == PageDescription.incidents.name ? nil : page
  }
}
