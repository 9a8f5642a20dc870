import Judgement
import Wire

/// `docs/incidents.md`: what `/incidents` tells to have happened, written from the list of its kinds.
public enum IncidentReference {
  private static let introduction = """
    # Incidents

    `/incidents` tells of findings, by the codes that `/findings` has, from when they were found first (`opened`, the same as in `/findings`)
    until they were found no more (`closed`; `/findings` lists it under `ended` for a quarter of an hour). `/findings` has besides `since`, where an earlier
    beginning is known by itself, `server_id`, where servers of one cluster share a name, and `causes`, which put several findings into one sentence. `/incidents` tells too of what happened between recorded moments, by these codes ([docs/time.md](time.md) shows how to read it):


    """

  public static func markdown() -> String {
    var table = MarkdownTable("code", "severity", "what happened")
    for kind in Transition.Kind.allCases { table.add("`\(kind.rawValue)`", kind.severity.rawValue, kind.help) }
    return introduction + table.text
  }
}
