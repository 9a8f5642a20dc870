// Findings as people want to read them: several that are one thing stand under the one sentence that the gateway has for them.

const weight = { critical: 0, warning: 1, info: 2 };

/**
 * Lines for findings: { finding } for one that stands alone, { cause, members, since } for those that are one thing. The worst first, among
 * equals as the gateway has them; a cause of which one member is left, as in a scope, is that member.
 * @param {any[]} findings
 * @param {any[]} causes
 */
export function linesOf(findings, causes) {
  const byKey = new Map((causes ?? []).map((cause) => [cause.cause, { cause, members: [] }]));
  /** @type {any[]} */
  const lines = [];
  for (const finding of findings) {
    const group = finding.cause ? byKey.get(finding.cause) : undefined;
    if (!group) lines.push({ finding, severity: finding.severity });
    else if (group.members.push(finding) === 1) lines.push(group);
  }
  return lines.map((line) => {
    if (!line.cause) return line;
    if (line.members.length === 1) return { finding: line.members[0], severity: line.members[0].severity };
    const since = line.members.map((each) => each.since).filter(Boolean).sort()[0];
    return { ...line, since, severity: line.cause.severity };
  }).map((line, index) => ({ line, index })).sort((a, b) => (weight[a.line.severity] ?? 3) - (weight[b.line.severity] ?? 3) || a.index - b.index).map(({ line }) => line);
}

/** What a line is known by while it lasts. */
export const keyOf = (line) => line.cause ? `cause ${line.cause.cause}` : `${line.finding.code} ${line.finding.subject} ${line.finding.sentence}`;
