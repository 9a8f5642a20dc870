import Identity

extension NSCTool {
  func pushOverNATS(_ url: String, _ claims: OperatorClaims, _ options: PushOptions) throws {
    throw NSCError("pushing to \(url) is not possible yet")
  }
  func pullOverNATS(_ url: String, _ claims: OperatorClaims, _ options: PushOptions) throws {
    throw NSCError("pulling from \(url) is not possible yet")
  }
}
