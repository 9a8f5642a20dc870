// What happened, as marks on a line of time: intervals of findings, and moments of transitions.

import { parseTime } from './format.js';

const weight = { critical: 2, warning: 1, info: 0 };

/** Words and a sign for what happened at a moment. */
const signs = {
  server_came: '▲', server_left: '▼', server_restarted: '↻', version_changed: '⇧', configuration_changed: '≠', configuration_reloaded: '≡', meta_leader_changed: '♛', stream_leader_changed: '♛', consumer_leader_changed: '♛',
  route_lost: '╳', gateway_lost: '╳', leafnode_lost: '╳', route_found: '○', gateway_found: '○', leafnode_found: '○', mass_disconnect: '⇊', login_storm: '⚑', event_storm: '⚑',
};

/** { intervals: [{ from, until, severity, sentence }], moments: [{ time, severity, sign, sentence }] } of what `/incidents` answers. */
export function marksOf(incidents, now) {
  const intervals = [];
  const moments = [];
  for (const incident of incidents ?? []) {
    if (incident.kind === 'finding') {
      const from = parseTime(incident.opened) ?? parseTime(incident.first?.at);
      if (from === undefined) continue;
      intervals.push({ from, until: parseTime(incident.closed) ?? now, open: !incident.closed, severity: incident.severity, sentence: incident.last?.sentence ?? incident.first?.sentence ?? incident.code, incident });
    } else {
      const time = parseTime(incident.at);
      if (time !== undefined) moments.push({ time, severity: incident.severity, sign: signs[incident.code] ?? '•', sentence: incident.sentence ?? incident.code, incident });
    }
  }
  return { intervals, moments };
}

/** The worst of them. */
export function worst(marks) {
  return marks.reduce((most, mark) => (weight[mark.severity] ?? 0) > (weight[most] ?? 0) ? mark.severity : most, 'info');
}

/** What was so at a time, the worst first; transitions within `near` seconds of it. */
export function around({ intervals, moments }, time, near) {
  return [...intervals.filter((each) => each.from <= time && time <= each.until), ...moments.filter((each) => Math.abs(each.time - time) <= near)]
    .sort((a, b) => (weight[b.severity] ?? 0) - (weight[a.severity] ?? 0));
}

/** Whether an incident belongs to a scope. */
export function concerns(incident, scope, clusterOf) {
  if (scope.kind === 'all') return true;
  if (scope.kind === 'account') return incident.account === scope.name;
  if (scope.kind === 'server') return incident.server === scope.name;
  return incident.cluster === scope.name || clusterOf(incident.server) === scope.name;
}
