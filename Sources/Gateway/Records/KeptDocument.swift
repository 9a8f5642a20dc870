/// The names of what an epoch keeps of a server beside its documents.
enum KeptDocument {
  /// What a server's replies bear as `server`.
  static let server = "server"
  /// What a server refused to give is kept under the document's name behind this.
  static let refusal = "refusal/"
  /// That a server gave a document, and that it was too large to be kept, stands under the document's name behind this.
  static let leftOut = "left_out/"
  /// What such names begin with.
  static let inPlaces = [refusal, leftOut]
}
