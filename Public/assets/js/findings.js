// A finding as a line: how bad, the sentence with a way to the view that shows it, and since when.

import { keyOf, linesOf } from './causes.js';
import { h, reconcile, replace, setText } from './dom.js';
import * as f from './format.js';
import * as url from './url.js';

const words = { critical: 'critical', warning: 'warning', info: 'note' };
const looks = { critical: 'bad', warning: 'warn' };

export const severityTag = (severity) => h('span', { class: `tag ${looks[severity] ?? ''}` }, words[severity] ?? severity);

/** Where a finding leads: to the view that shows what it says; to the document itself where no view does. */
export function findingLink(finding, nameOf = (id) => id) {
  const path = finding.link ?? '';
  if (!path) return undefined;
  if (path.startsWith('/?')) return url.homeAddress(path.slice(1));
  const address = new URL(path, 'http://x');
  const part = (name) => address.searchParams.get(name) ?? '';
  const segments = address.pathname.split('/').filter(Boolean).map(decodeURIComponent);
  const page = segments.at(-1);
  const scope = ['cluster', 'server', 'account'].includes(segments[0]) && segments.length > 2 ? `${segments[0]}/${segments[0] === 'server' ? nameOf(segments[1]) : segments[1]}` : '';
  if (page === 'closed') return url.link('connections', { state: 'closed', reason: part('reason'), server: nameOf(part('server')), group: 'client' }, scope, '');
  if (finding.stream) return url.link('jetstream', { open: `${finding.account}/${finding.stream}` }, '');
  if (page === 'jsz' || page === 'raftz') return url.link('jetstream', {}, '');
  if (['routez', 'gatewayz', 'leafz', 'topology'].includes(page)) return url.link('topology', { q: finding.server || '' }, '');
  if (page === 'accountz' || page === 'info' || (finding.account && page !== 'connz')) return url.link('accounts', { open: finding.account || scope.replace('account/', '') }, '');
  if (page === 'connz' || page === 'connections') return url.link('connections', {}, scope);
  if (finding.server && ['varz', 'servers', 'statsz', 'healthz'].includes(page)) return url.link('servers', { open: finding.server }, '');
  if (page === 'servers') return url.link('servers', {}, '');
  return url.link('explore', { path }, '');
}

const sinceOf = (since) => since ? h('time', { class: 'faint', datetime: since, title: since }, f.ago(since)) : null;

/** Why nobody wants to hear of it, and until when. */
function mutedTag({ muted }) {
  if (!muted) return null;
  const until = muted.until ? `until ${f.clockTime(muted.until)}` : '';
  return h('span', { class: 'tag', title: [muted.reason, until].filter(Boolean).join(', ') }, muted.reason ? `muted: ${muted.reason}` : 'muted');
}

export function findingItem(finding, nameOf) {
  const target = findingLink(finding, nameOf);
  const count = finding.count > 1 ? h('span', { class: 'tag' }, `${f.count(finding.count)} ×`) : null;
  return h('li', { class: finding.muted ? 'muted' : '' }, severityTag(finding.severity), target ? h('a', { href: target }, finding.sentence) : h('span', { class: 'name' }, finding.sentence), count,
    sinceOf(finding.since), mutedTag(finding));
}

/** Several findings that are one thing: its sentence, and below it, unfolded, each of them. */
function causeItem({ cause, members, since }, nameOf) {
  return h('li', { class: 'cause' }, severityTag(cause.severity), h('details', {}, h('summary', {}, h('span', { class: 'name' }, cause.sentence)), h('ul', { class: 'findings' }, members.map((each) => findingItem(each, nameOf)))), sinceOf(since));
}

/**
 * Keeps a list in step with findings: those that are one thing under its sentence, those that are muted at the end. Answers how many lines
 * there were beyond the most.
 * @param {HTMLElement} list
 * @param {any[]} findings
 * @param {any[]} causes
 * @param {{ most?: number, nameOf?: (id: string) => string }} options
 */
export function showFindings(list, findings, causes, { most = 20, nameOf } = {}) {
  const lines = [...linesOf(findings.filter((each) => !each.muted), causes), ...findings.filter((each) => each.muted).map((finding) => ({ finding }))];
  reconcile(list, lines.slice(0, most), keyOf, () => h('li', {}), (element, line) => {
    // Ages move on by themselves; all else is written anew where it is another.
    if (element.shown === JSON.stringify(line)) {
      for (const time of element.querySelectorAll('time')) setText(time, f.ago(time.dateTime));
      return;
    }
    element.shown = JSON.stringify(line);
    const isUnfolded = element.querySelector('details')?.open;
    const item = line.cause ? causeItem(line, nameOf) : findingItem(line.finding, nameOf);
    element.className = item.className;
    replace(element, ...item.childNodes);
    if (isUnfolded) element.querySelector('details')?.setAttribute('open', '');
  });
  return Math.max(0, lines.length - most);
}
