// A finding as a line: how bad, the sentence with a way to the view that shows it, and since when.

import { h } from './dom.js';
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

/** `quiet`: without what everybody can see from around it. */
export function findingItem(finding, nameOf) {
  const target = findingLink(finding, nameOf);
  const count = finding.count > 1 ? h('span', { class: 'tag' }, `${f.count(finding.count)} ×`) : null;
  return h('li', { class: finding.muted ? 'muted' : '' }, severityTag(finding.severity), target ? h('a', { href: target }, finding.sentence) : h('span', { class: 'name' }, finding.sentence), count,
    finding.since ? h('time', { class: 'faint', datetime: finding.since, title: finding.since }, f.ago(finding.since)) : null, finding.muted ? h('span', { class: 'tag' }, 'muted') : null);
}
