import Testing

@testable import BrokerOptions

func read(_ text: String) -> OptionReport { BrokerOptions.parse(Array(text.utf8), file: "b.conf") }

func options(_ text: String) throws -> BrokerOptions {
  let report = read(text)
  try #require(report.errors.isEmpty, "\(report.errors)")
  return report.options
}
