// Is anything wrong or missing? Where? Since when? Then totals, then clusters with their servers.

import { h, replace, reconcile, setText } from '../dom.js';
import { get } from '../api.js';
import * as f from '../format.js';
import { homePath, placed } from '../place.js';
import { sparkline, barCell } from '../spark.js';
import { link } from '../url.js';

/** Those that are still there: who has gone is shown in its row, and counts nowhere. */
const present = (servers) => servers.filter((server) => server.state !== 'gone');

const totals = [
  { label: 'Servers', value: (servers) => servers.length, text: f.count, view: 'servers' },
  { label: 'Connections', field: 'connections', text: f.count, view: 'connections' },
  { label: 'Subscriptions', field: 'subscriptions', text: f.count, view: 'subscriptions' },
  { label: 'Messages in', field: 'in_msgs_rate', text: f.perSecond, rate: true },
  { label: 'Messages out', field: 'out_msgs_rate', text: f.perSecond, rate: true },
  { label: 'Bytes in', field: 'in_bytes_rate', text: f.bytesPerSecond, rate: true },
  { label: 'Bytes out', field: 'out_bytes_rate', text: f.bytesPerSecond, rate: true },
  { label: 'Slow consumers since start', field: 'slow_consumers', text: f.count },
];

export function mount(root, { store }) {
  const headline = h('h1', {}, 'Asking every server …');
  const findings = h('ul', { class: 'findings' });
  const figures = h('div', { class: 'figures' });
  const clusters = h('div', {});
  const endpoints = h('ul', { class: 'endpoints' });
  const connected = h('p', { class: 'quiet' });
  root.append(
    h('section', { class: 'lead' }, headline, findings),
    h('section', { class: 'section', 'aria-label': 'Totals' }, figures),
    h('section', { class: 'section' }, h('h2', {}, 'Clusters'), clusters),
    h('section', { class: 'section' }, h('h2', {}, 'Endpoints'), connected, endpoints));

  const update = () => {
    const servers = store.inScope();
    showFindings(store, present(servers), headline, findings);
    showTotals(store, present(servers), figures);
    showClusters(servers, clusters);
    showConnected(store, connected);
  };
  store.addEventListener('change', update);
  update();
  showEndpoints(endpoints, store);
  return { update, destroy: () => store.removeEventListener('change', update) };
}

/** Where a finding's own link leads inside these pages. */
export function findingLink(finding) {
  const path = finding.link ?? '';
  if (path.startsWith('/?')) return homePath() + path.slice(1);
  return path ? link('explore', { path }, '') : undefined;
}

function showFindings(store, servers, headline, list) {
  const all = (store.findings ?? []).filter((finding) => inScope(finding, store, servers));
  const severe = all.filter((finding) => finding.severity === 'critical').length;
  if (!store.findings) setText(headline, store.findingsError ? store.findingsError.message : servers.length ? `${f.plural(servers.length, 'server')}, being judged …` : 'Asking every server …');
  else if (all.length === 0) setText(headline, servers.length ? `Nothing to report: ${servers.length === 1 ? 'the one server answers' : `all ${f.count(servers.length)} servers answer`}.` : 'No server has been heard yet.');
  else setText(headline, severe ? `${f.plural(severe, 'thing needs', 'things need')} attention.` : `${f.plural(all.length, 'thing')} to know about.`);
  reconcile(list, all.slice(0, 40), (finding) => `${finding.code} ${finding.sentence}`, () => h('li', {}), (element, finding) => {
    if (element.shown === JSON.stringify(finding)) return;
    element.shown = JSON.stringify(finding);
    const target = findingLink(finding);
    const word = { critical: 'critical', warning: 'warning', info: 'note' }[finding.severity] ?? finding.severity;
    replace(element, h('span', { class: `tag ${finding.severity === 'critical' ? 'bad' : finding.severity === 'warning' ? 'warn' : ''}` }, word),
      target ? h('a', { href: target }, finding.sentence) : h('span', {}, finding.sentence),
      finding.since ? h('span', { class: 'faint' }, f.ago(finding.since)) : null);
  });
}

function inScope(finding, store, servers) {
  if (store.scope.kind === 'all' || store.scope.kind === 'account') return true;
  const names = new Set([store.scope.name, ...servers.map((server) => server.name)]);
  return names.has(finding.server ?? finding.subject) || names.has(finding.cluster);
}

function showTotals(store, servers, figures) {
  reconcile(figures, totals, (total) => total.label, (total) => {
    const value = h('span', { class: 'figure' });
    const line = total.field ? sparkline(150, 26) : null;
    const name = total.view ? h('a', { href: link(total.view) }, total.label) : total.label;
    return Object.assign(h('div', {}, h('span', { class: 'label' }, name), value, line), { value_: value, line_: line });
  }, (element, total) => {
    const known = servers.filter((server) => total.rate ? server.rates : server.statsz);
    const sum = total.value ? total.value(servers) : known.length === 0 ? undefined
      : known.reduce((all, server) => all + ((total.rate ? server.rates[total.field] : server.statsz[total.field]) ?? 0), 0);
    setText(element.value_, total.text(sum));
    element.value_.title = f.exact(sum);
    element.value_.classList.toggle('partial', !total.value && store.completeness?.complete === false);
    element.line_?.show(store.sum(servers, total.field));
  });
}

function showClusters(servers, container) {
  const names = [...new Set(servers.map((server) => server.cluster ?? ''))].sort();
  reconcile(container, names, (name) => name, (name) => {
    const body = h('tbody', {});
    const rest = h('span', { class: 'faint' });
    const title = name ? h('a', { href: link('servers', {}, `cluster/${name}`) }, name) : 'Without a cluster';
    const head = ['Server', 'State', 'CPU', 'Memory', 'Connections', 'Messages in', 'Messages out', 'Bytes in', 'Bytes out', 'Last 15 minutes'];
    return Object.assign(h('div', { class: 'cluster scroll-x' }, h('h3', {}, title, ' ', rest),
      h('table', {}, h('thead', {}, h('tr', {}, head.map((text) => h('th', { scope: 'col' }, text)))), body)), { body_: body, rest_: rest });
  }, (element, name) => {
    const members = servers.filter((server) => (server.cluster ?? '') === name);
    const top = (value) => Math.max(1e-9, ...present(servers).map((server) => value(server) ?? 0));
    const here = present(members);
    setText(element.rest_, `${f.plural(here.length, 'server')} · ${[...new Set(here.map((server) => server.version))].filter(Boolean).join(', ')}`);
    reconcile(element.body_, members, (server) => server.id, createServer, (row, server) => updateServer(row, server, top));
  });
}

const serverBars = [
  { value: (server) => server.statsz?.cpu, text: f.percent, judged: (server) => (server.statsz?.cpu ?? 0) / (100 * (server.statsz?.cores || 1)) },
  { value: (server) => server.statsz?.mem, text: f.bytes },
  { value: (server) => server.statsz?.connections, text: f.count },
  { value: (server) => server.rates?.in_msgs_rate, text: f.perSecond },
  { value: (server) => server.rates?.out_msgs_rate, text: f.perSecond },
  { value: (server) => server.rates?.in_bytes_rate, text: f.bytesPerSecond },
  { value: (server) => server.rates?.out_bytes_rate, text: f.bytesPerSecond },
];

function createServer(server) {
  const state = h('span', { class: 'state' });
  const bars = serverBars.map(() => barCell());
  const line = sparkline(130, 20);
  const name = h('a', { href: link('servers', { open: server.name }) }, server.name);
  return Object.assign(h('tr', {}, h('td', {}, name), h('td', {}, state), bars.map((bar) => h('td', {}, bar)), h('td', {}, line)), { state_: state, bars_: bars, line_: line });
}

function updateServer(row, server, top) {
  row.state_.dataset.state = server.state;
  setText(row.state_, stateText(server));
  row.classList.toggle('stale', server.state !== 'live' && server.state !== 'slow');
  serverBars.forEach((bar, index) => {
    const value = bar.value(server);
    const share = value === undefined ? 0 : bar.judged ? bar.judged(server) : (value ?? 0) / top(bar.value);
    row.bars_[index].show(bar.text(value), share, f.exact(value), bar.judged !== undefined);
  });
  row.line_.show((server.points ?? []).map((point) => ({ time: point.time, value: point.in_msgs_rate ?? null })));
}

/** A server's state in words: "live", "silent 41 s". */
export function stateText(server) {
  if (server.state === 'suspect') {
    const at = f.parseTime(server.last_seen);
    return at === undefined ? 'silent' : `silent ${f.duration(Math.max(0, Math.floor(f.now() - at)))}`;
  }
  return { lame_duck: 'lame duck' }[server.state] ?? server.state;
}

function showConnected(store, element) {
  const to = store.connectedTo;
  if (!to) return;
  if (to.isConnected === false) {
    setText(element, 'Not connected to the system.');
    return;
  }
  setText(element, `Connected to ${[to.server ? `server ${to.server}` : '', to.url ?? ''].filter(Boolean).join(', ')}.`);
}

async function showEndpoints(list, store) {
  let entries;
  try {
    const { document: index } = await get('/');
    entries = [...Object.entries(index.endpoints ?? {}), ...Object.entries(index.pages ?? {})].filter(([path]) => path !== '/' && path !== '/assets').map(([path, help]) => ({ path, help }));
  } catch {
    entries = undefined;
  }
  entries = entries?.length ? entries : fallbackEndpoints.map(([name, help]) => ({ path: `/${name}`, help }));
  if (store.scope.kind === 'account') entries = accountEndpoints.map(([name, help]) => ({ path: `/${name}`, help }));
  for (const { path, help } of entries) {
    const scoped = store.scope.kind !== 'all' && (/^\/[a-z]+z$/.test(path) || (store.scope.kind === 'account' && ['/info', '/metrics', '/events', '/closed'].includes(path))) ? store.scope.path + path : path;
    // What is no JSON document is opened as it is.
    const isText = ['/metrics', '/events'].includes(path);
    const anchor = isText ? { href: placed(scoped), 'data-plain': true, target: '_blank', rel: 'noopener' } : { href: link('explore', { path: scoped }, '') };
    const literal = !/[<{]/.test(scoped);
    list.append(h('li', {}, literal ? h('a', { class: 'mono', ...anchor }, scoped) : h('span', { class: 'mono' }, scoped), h('span', { class: 'quiet' }, help)));
  }
}

const accountEndpoints = [
  ['info', 'the account as its servers know it'], ['connz', 'its connections'], ['leafz', 'its leafnodes'], ['subsz', 'its subscriptions'], ['jsz', 'its JetStream'],
  ['statz', 'its traffic, by server'], ['events', 'its events as they happen'], ['closed', 'its connections that have closed'], ['metrics', 'its metrics, for Prometheus'],
];

export const fallbackEndpoints = [
  ['varz', 'what each server is and how it is doing'], ['connz', 'its client connections'], ['routez', 'its routes within the cluster'],
  ['gatewayz', 'its gateways to other clusters'], ['leafz', 'its leafnodes'], ['subsz', 'its subscriptions'], ['jsz', 'its JetStream'],
  ['accountz', 'its accounts'], ['accstatz', 'traffic by account'], ['statsz', 'the short statistics that servers also broadcast'], ['healthz', 'whether it is well'],
];
