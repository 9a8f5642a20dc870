import Testing
import Wire

@Suite struct UserInfoTests {
  /// [a URL, how it is shown]
  @Test(arguments: [
    ("http://host:80/a?b=c", "http://host:80/a?b=c"), ("http://me:secret@host/a", "http://host/a"), ("https://me@host", "https://host"),
    ("http://host/a@b", "http://host/a@b"), ("http://host?x=a@b", "http://host?x=a@b"), ("http://me:se@cret@host/", "http://host/"),
    ("http://me:sec/ret@host/", "http://host/"), ("http://[::1]:80/a@b", "http://[::1]:80/a@b"), ("http://[::1]/a@b", "http://[::1]/a@b"),
    ("me:secret@host:4222", "host:4222"), ("", ""), ("@", ""), ("://", "://"),
    ("http://me:\u{301}secret@\u{301}host", "http://\u{301}host"),
  ])
  func nothingSecretIsShown(_ url: String, _ shown: String) { #expect(UserInfo.removed(from: url) == shown) }
}
