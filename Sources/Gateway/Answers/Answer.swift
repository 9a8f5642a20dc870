import HTTPServer

/// An answer on its way to the door.
struct Answer: Sendable {
  var response: HTTPResponse
  /// It holds nothing that its caller may not see: nobody's secrets, or none any more.
  var isDisclosed = false
  /// It has the standard fields.
  var isStandard = false
}
