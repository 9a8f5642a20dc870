import Wire

/// The subject mappings of one account: what is published under one name and seen under another.
package struct SubjectMappings {
  package struct Destination {
    let transform: SubjectTransform
    /// Cumulative percent, as monitoring shows it.
    package let weight: Int
    package let cluster: String?
  }

  package struct Mapping {
    package let source: [UInt8]
    package let isLiteral: Bool
    package let destinations: [Destination]
  }

  package private(set) var mappings: [Mapping] = []
  package var isEmpty: Bool { mappings.isEmpty }

  package init() {}

  /// - Throws: `Error adding mapping for … : …`.
  package init(_ configurations: [MappingConfiguration], cluster: String?) throws(BrokerConfigurationError) {
    for configuration in configurations { try add(configuration, cluster: cluster) }
  }

  private mutating func add(_ configuration: MappingConfiguration, cluster: String?) throws(BrokerConfigurationError) {
    let source = Array(configuration.source.utf8)
    var weights: [String: Int] = [:]
    var destinations: [Destination] = []
    var sum = 0
    for entry in configuration.destinations {
      let transform: SubjectTransform
      do throws(SubjectTransformError) {
        transform = try SubjectTransform(source: source, destination: Array(entry.subject.utf8))
      } catch {
        throw BrokerConfigurationError("Error adding mapping for \"\(configuration.source)\" to \"\(entry.subject)\" : \(error.text)")
      }
      let total = weights[entry.cluster ?? "", default: 0] + entry.weight
      weights[entry.cluster ?? ""] = total
      guard total <= 100 else {
        throw BrokerConfigurationError("Error adding mapping for \"\(configuration.source)\" : total weight needs to be <= 100")
      }
      if let wanted = entry.cluster, wanted != cluster { continue }
      sum += entry.weight
      destinations.append(Destination(transform: transform, weight: sum, cluster: entry.cluster))
    }
    // Destinations for this very cluster win over those for any.
    if let cluster, destinations.contains(where: { $0.cluster == cluster }) {
      destinations = destinations.filter { $0.cluster == cluster }
    }
    mappings.append(Mapping(source: source, isLiteral: Subject.isLiteral(source), destinations: destinations))
  }

  /// The subject that a message on `subject` goes to; nil when no mapping applies.
  package func select(_ subject: UnsafeRawBufferPointer) -> [UInt8]? {
    for mapping in mappings {
      let applies = mapping.source.withUnsafeBytes {
        mapping.isLiteral ? $0.elementsEqual(subject) : Subject.matches(subject, pattern: $0)
      }
      guard applies else { continue }
      guard let last = mapping.destinations.last, last.weight > 0 else { return nil }
      if mapping.destinations.count == 1 && last.weight == 100 { return last.transform.apply(subject) }
      let dice = Int.random(in: 0..<100)
      for destination in mapping.destinations where dice < destination.weight { return destination.transform.apply(subject) }
      return nil
    }
    return nil
  }
}
