import Recorded
import SystemAPI
import Testing

@Suite struct ParameterTableTests {
  @Test func everyParameterHasARowThatSaysHowItIsAnswered() {
    var known: Set<String> = []
    func check(_ endpoint: String, _ parameters: [EndpointParameter]) {
      for parameter in parameters {
        let row = ParameterRow.row(endpoint, parameter.name)
        #expect(row != nil, "\(endpoint) \(parameter.name)")
        if let row { known.insert(row.endpoint + " " + row.parameter) }
        #expect((row?.how == .gateway) == parameter.field.isEmpty, "\(endpoint) \(parameter.name)")
      }
    }
    for endpoint in EndpointTable.endpoints { check(endpoint.name, endpoint.parameters) }
    for endpoint in EndpointTable.accountEndpoints { check("account/" + endpoint.name, endpoint.parameters) }
    check("filters", CommonParameters.filters)
    let rows = ParameterRow.table.map { $0.endpoint + " " + $0.parameter }
    #expect(Set(rows) == known, "a row of no parameter")
    #expect(rows.count == Set(rows).count, "a parameter of two rows")
  }

  /// What a row says to be missing is what the documents say to lack.
  @Test func whatIsLackingIsSaidOnce() {
    for document in FullDocument.table {
      for lack in document.lacks {
        guard case .lacking(let values)? = ParameterRow.row(document.endpoint.name, lack.parameter)?.how else {
          Issue.record("\(document.name) lacks \(lack.parameter)=\(lack.value), and its row does not say so")
          continue
        }
        #expect(values.contains(lack.value))
      }
    }
    for row in ParameterRow.table where !row.endpoint.hasPrefix("account/") {
      guard case .lacking(let values) = row.how else { continue }
      let lacks = FullDocument.table.filter { $0.endpoint.name == row.endpoint }.flatMap(\.lacks).filter { $0.parameter == row.parameter }
      #expect(Set(values) == Set(lacks.map(\.value)), "\(row.endpoint) \(row.parameter)")
    }
  }
}
