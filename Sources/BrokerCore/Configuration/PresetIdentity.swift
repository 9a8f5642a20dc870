/// What an in-process connection is, without credentials.
public enum PresetIdentity: Sendable {
  case system(user: String)
  case account(String, user: String)
}
