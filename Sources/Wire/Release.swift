/// What this is a release of.
public enum Release {
  /// The version that the command, its clients and its pages show.
  public static let version = "0.2.0"
}
