import Identity
import Wire

/// Claims in the words of the broker's configuration.
extension PermissionsConfiguration {
  /// Nil when the claims say nothing.
  package init?(_ claims: Identity.Permissions) {
    if claims.isEmpty { return nil }
    self.init(
      publish: SubjectRules(claims.publish), subscribe: SubjectRules(claims.subscribe),
      allowResponses: claims.response.map { response in
        // Zero means the usual: one message, two minutes.
        ResponsePermission(
          maxMessages: response.max == 0 ? 1 : Int(clamping: response.max),
          expires: response.ttl == 0 ? 120 : Span(nanoseconds: response.ttl).seconds)
      })
  }

  /// The same with one subject more that may not be published to.
  package static func denying(_ subject: String, besides permissions: PermissionsConfiguration?) -> PermissionsConfiguration {
    var permissions = permissions ?? PermissionsConfiguration()
    var publish = permissions.publish ?? SubjectRules(allow: permissions.allowResponses == nil ? nil : [])
    if !publish.deny.contains(subject) { publish.deny.append(subject) }
    permissions.publish = publish
    return permissions
  }
}

extension SubjectRules {
  init?(_ claims: Identity.Permission) {
    if claims.isEmpty { return nil }
    self.init(allow: claims.allow.isEmpty ? nil : claims.allow, deny: claims.deny)
  }
}
