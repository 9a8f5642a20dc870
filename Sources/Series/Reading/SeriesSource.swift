import Recorded

/// One server's documents of an epoch, as far as series are made of them.
public struct SeriesSource: Sendable {
  public var id: String
  public var name: String
  public var cluster: String
  public var documents: [FullDocument.Name: [UInt8]]

  public init(id: String, name: String, cluster: String, documents: [FullDocument.Name: [UInt8]]) {
    self.id = id
    self.name = name
    self.cluster = cluster
    self.documents = documents
  }
}
