/// What can be wrong with a request: one case for each, so that programs, documentation and tests read the same list.
///
/// A problem is the kind of an error; the sentence that says what was expected and what was found is made where it is
/// noticed.
public protocol Problem: CaseIterable, Sendable {
  /// The HTTP status that it is answered with.
  var status: Int { get }
  /// A stable word for programs, such as `unknown_server`: unique among all problems, and never changed.
  var reason: String { get }
  /// What it means, for the documentation: one sentence or two.
  var meaning: String { get }
  /// What to do about it, for the documentation: one sentence or two.
  var advice: String { get }
}

extension Problem where Self: RawRepresentable, RawValue == String {
  public var reason: String { rawValue }
}
