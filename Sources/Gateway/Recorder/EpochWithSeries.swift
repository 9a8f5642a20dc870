import Recording
import Series

/// An epoch that has its figures beside its documents.
package struct EpochWithSeries: Sendable {
  package var epoch: Epoch
  let sheets: [SeriesSheet]

  /// Reads the figures. Pure.
  ///
  /// - Parameter every: How far apart epochs are, in seconds; nil where servers are asked for nothing that figures are made of.
  package init(_ epoch: Epoch, every: Int?) {
    self.epoch = epoch
    sheets = every.map { EpochSeries.sheets(of: epoch, every: $0) } ?? []
    self.epoch.documents += sheets.map(EpochSeries.document)
  }
}
