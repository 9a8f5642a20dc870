/// What an in-process connection is, without credentials. Indirect, because every connection has room for one and hardly any has one.
public indirect enum PresetIdentity: Sendable {
  case system(user: String)
  case account(String, user: String)
}
