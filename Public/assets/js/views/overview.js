// Is anything wrong or missing? Where? Since when? What changed? Then totals, then clusters with their servers.

import { h, replace, reconcile, setText } from '../dom.js';
import { get } from '../api.js';
import { mountAccount } from '../account.js';
import { linesOf } from '../causes.js';
import { showFindings } from '../findings.js';
import * as f from '../format.js';
import { placed } from '../place.js';
import { sparkline, barCell } from '../spark.js';
import { isAudible } from '../store.js';
import { momentText } from '../timescale.js';
import { link } from '../url.js';

/** Those that are still there: who has gone is shown in its row, and counts nowhere. */
const present = (servers) => servers.filter((server) => server.state !== 'gone');

const totals = [
  { label: 'Servers', value: (servers) => servers.length, text: f.count, view: 'servers' },
  { label: 'Connections', field: 'connections', text: f.count, chart: 'connections', title: 'Clients, without leafnodes' },
  { label: 'Subscriptions', field: 'subscriptions', text: f.count, chart: 'subscriptions' },
  { label: 'Messages in', field: 'in_msgs_rate', text: f.perSecond, rate: true, chart: 'in_msgs' },
  { label: 'Messages out', field: 'out_msgs_rate', text: f.perSecond, rate: true, chart: 'out_msgs' },
  { label: 'Bytes in', field: 'in_bytes_rate', text: f.bytesPerSecond, rate: true, chart: 'in_bytes' },
  { label: 'Bytes out', field: 'out_bytes_rate', text: f.bytesPerSecond, rate: true, chart: 'out_bytes' },
  { label: 'Slow consumers since start', field: 'slow_consumers', text: f.count, chart: 'slow_consumers' },
];

/** More servers than this are shown as a map of cells beside their rows. */
const manyServers = 30;
const shownFindings = 12;

export function mount(root, { store }) {
  if (store.scope.kind === 'account') return mountAccount(root, store);
  let all = false;
  const headline = h('h1', {}, 'Asking every server …');
  const findings = h('ul', { class: 'findings' });
  const more = h('button', { type: 'button', hidden: true, onclick: () => { all = !all; update(); } });
  const changes = h('ul', { class: 'plain-list changes' });
  const changed = h('section', { class: 'section', hidden: true }, h('h2', {}, 'What changed in the last hour'), changes);
  const figures = h('div', { class: 'figures' });
  const map = h('div', { class: 'heat', role: 'list', 'aria-label': 'Servers by load' });
  const clusters = h('div', {});
  const endpoints = h('ul', { class: 'endpoints' });
  const connected = h('p', { class: 'quiet' });
  root.append(
    h('section', { class: 'lead' }, headline, findings, more),
    h('section', { class: 'section', 'aria-label': 'Totals' }, figures),
    changed,
    h('section', { class: 'section' }, h('h2', {}, 'Clusters'), map, clusters),
    h('section', { class: 'section endpoints-section' }, h('h2', {}, 'Endpoints'), connected, endpoints));

  const update = () => {
    const servers = store.inScope();
    showJudgement(store, present(servers), headline, findings, more, all);
    showTotals(store, present(servers), figures);
    showMap(servers, map);
    showClusters(servers, clusters, store.end());
    showConnected(store, connected);
  };
  store.addEventListener('change', update);
  update();
  showEndpoints(endpoints, store);
  const stop = store.every(20, (signal) => showChanges(store, changed, changes, signal));
  return {
    update,
    destroy() {
      stop();
      store.removeEventListener('change', update);
    },
  };
}

/** The sentence that stands above all, and whether it is one of trouble. */
export function headlineOf({ away, error = undefined, moment, findings, findingsError, servers, updated, muted = 0, isWhole = true }) {
  if (away !== undefined) return `The gateway has not answered for ${f.duration(away)}. Below: as of ${updated}.`;
  // Where nobody can be asked nothing is well, whatever was judged.
  if (['not_in_system_account', 'not_connected'].includes(error?.reason)) return `${error.message[0].toUpperCase()}${error.message.slice(1)}.`;
  const then = moment ? ` at ${moment}` : '';
  if (!findings) return findingsError ? findingsError.message : servers ? `${f.plural(servers, 'server')}, being judged …` : 'Asking every server …';
  const severe = findings.filter((finding) => finding.severity === 'critical').length;
  const loud = findings.filter((finding) => finding.severity !== 'info').length;
  const also = muted ? `; ${f.plural(muted, 'finding')} ${muted === 1 ? 'is' : 'are'} muted` : '';
  if (findings.length === 0 && servers && !isWhole) return `Nothing is found${then}, but not every server answered${also}.`;
  if (findings.length === 0) return servers ? `Nothing to report${then}: ${servers === 1 ? 'the one server answers' : `all ${f.count(servers)} servers answer`}${also}.` : 'No server has been heard yet.';
  if (severe) return `${f.plural(severe, 'thing needs', 'things need')} attention${then}.`;
  return loud ? `${f.plural(loud, 'thing')} to see to${then}.` : `${f.plural(findings.length, 'thing')} to know about${then}.`;
}

function showJudgement(store, servers, headline, list, more, all) {
  const away = store.isAway();
  const here = store.allFindings?.filter((finding) => inScope(finding, store, servers));
  const own = here?.filter(isAudible);
  const muted = (here ?? []).filter((finding) => !isAudible(finding));
  const isWhole = store.completeness?.complete !== false && !store.unknownChecks.some((each) => each.kind === 'silent');
  const at = f.parseTime(store.at);
  setText(headline, headlineOf({
    away, error: store.moment ? undefined : store.error, moment: store.moment ? at === undefined ? store.moment : momentText(at, f.now()) : '', findings: own && linesOf(own, store.causes), findingsError: store.findingsError, servers: servers.length, muted: muted.length, isWhole,
    updated: store.updatedAt ? f.clockTime(new Date(store.updatedAt).toISOString()) : '',
  }));
  headline.classList.toggle('bad', away !== undefined || (!store.moment && store.error?.status > 0 && store.error.status !== 504));
  list.classList.toggle('old', away !== undefined);
  const nameOf = (id) => store.roster.find((server) => server.id === id)?.name ?? id;
  const left = showFindings(list, here ?? [], store.causes, { most: all ? 200 : shownFindings, nameOf });
  more.hidden = left === 0 && !all;
  setText(more, all ? 'Fewer' : `${f.count(left)} more`);
}

function inScope(finding, store, servers) {
  if (store.scope.kind === 'all') return true;
  const names = new Set([store.scope.name, ...servers.map((server) => server.name)]);
  return names.has(finding.server ?? finding.subject) || names.has(finding.cluster);
}

async function showChanges(store, section, list, signal) {
  const scope = ['cluster', 'server'].includes(store.scope.kind) ? store.scope.path : '';
  const until = store.moment ? f.parseTime(store.at) ?? f.parseTime(store.moment) ?? f.now() : f.now();
  try {
    const { document: answer } = await get(`${scope}/incidents?since=${new Date((until - 3600) * 1000).toISOString()}&until=${new Date(until * 1000).toISOString()}&limit=200`, { signal });
    const changes = (answer.incidents ?? []).filter((each) => each.kind === 'transition');
    const over = (store.scope.kind === 'all' ? store.ended : []).filter((each) => (f.parseTime(each.ended) ?? 0) > until - 3600).map(overOf);
    const shown = [...summedUp(changes), ...over].sort((a, b) => (f.parseTime(b.at) ?? 0) - (f.parseTime(a.at) ?? 0)).slice(0, 8);
    section.hidden = shown.length === 0;
    replace(list, shown.map((each) => h('li', {}, h('a', { class: 'mono', href: link('overview', {}, undefined, each.at), title: 'Everything as it was then' }, f.clockTime(each.at)), h('span', { class: each.severity === 'warning' ? 'warn name' : 'name' }, each.sentence))));
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    section.hidden = true;
  }
}

/** A finding that has ended, as a change. */
export function overOf({ sentence, opened, ended, severity }) {
  const [from, until] = [f.parseTime(opened), f.parseTime(ended)];
  const lasted = from === undefined || until === undefined ? '' : `, after ${f.duration(Math.max(1, Math.round(until - from)))}`;
  return { at: ended, severity: 'info', was: severity, sentence: `Over${lasted}: ${sentence}` };
}

/** Transitions of one kind within a minute are one line: a leader that went takes its hundred streams along. */
export function summedUp(changes) {
  const out = [];
  for (const change of changes) {
    const minute = Math.floor((f.parseTime(change.at) ?? 0) / 60);
    const same = out.find((each) => each.code === change.code && each.minute === minute && each.from === change.from);
    if (same) same.count += 1;
    else out.push({ ...change, minute, count: 1 });
  }
  return out.map((each) => each.count > 1 ? { ...each, sentence: `${each.sentence.replace(/\.$/, '')}, and ${f.count(each.count - 1)} more of that kind.` } : each);
}

function showTotals(store, servers, figures) {
  reconcile(figures, totals, (total) => total.label, (total) => {
    const value = h('span', { class: 'figure' });
    const line = total.field ? sparkline(150, 26, { text: total.text, label: total.label }) : null;
    const target = total.chart ? link('history', { field: total.chart }) : link(total.view);
    const name = h('a', { href: target, title: total.chart ? 'Over time' : undefined }, total.label);
    return Object.assign(h('div', { title: total.title }, h('span', { class: 'label' }, name), value, line), { value_: value, line_: line });
  }, (element, total) => {
    const known = servers.filter((server) => total.rate ? server.rates : server.statsz);
    const sum = total.value ? total.value(servers) : known.length === 0 ? undefined
      : known.reduce((all, server) => all + ((total.rate ? server.rates[total.field] : server.statsz[total.field]) ?? 0), 0);
    const isPartial = !total.value && (store.completeness?.complete === false || known.length < servers.length);
    setText(element.value_, total.text(sum));
    element.value_.title = `${f.exact(sum)}${isPartial ? `, of ${f.count(known.length)} of ${f.plural(servers.length, 'server')}` : ''}`;
    element.value_.classList.toggle('partial', isPartial && sum !== undefined);
    element.value_.classList.toggle('old', store.isAway() !== undefined);
    element.line_?.show(store.sum(servers, total.field), { end: store.end() });
  });
}

/** More than thirty servers: a cell each, its shade the load, its edge the state. */
function showMap(servers, map) {
  map.hidden = servers.length <= manyServers;
  if (map.hidden) return;
  reconcile(map, servers, (server) => server.id, (server) => h('a', { class: 'cell', role: 'listitem', href: link('servers', { open: server.name }) }), (cell, server) => {
    const share = (server.statsz?.cpu ?? 0) / (100 * (server.statsz?.cores || 1));
    cell.dataset.load = server.statsz ? String(Math.min(4, 1 + Math.floor(share * 4))) : '';
    cell.dataset.state = server.state;
    const words = `${server.name}: ${stateText(server)}, ${f.percent(server.statsz?.cpu)} CPU`;
    cell.title = words;
    cell.setAttribute('aria-label', words);
  });
}

/**
 * Clusters with their servers as rows. Where there are many servers a cluster is folded, unless something is wrong in it: it is a line then,
 * and its rows are not drawn.
 */
function showClusters(servers, container, end) {
  const isLarge = servers.length > manyServers;
  const names = [...new Set(servers.map((server) => server.cluster ?? ''))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  reconcile(container, names, (name) => name, makeCluster, (element, name) => {
    const members = servers.filter((server) => (server.cluster ?? '') === name);
    const here = present(members);
    const trouble = members.filter((server) => !['live', 'slow'].includes(server.state));
    setText(element.rest_, [f.plural(here.length, 'server'), [...new Set(here.map((server) => server.version))].filter(Boolean).join(', '), ...new Set(trouble.map((server) => `${server.name} ${stateText(server)}`).slice(0, 3))].join(' · '));
    element.rest_.className = trouble.some((server) => server.state === 'suspect') ? 'bad' : 'faint';
    // Whoever folds or unfolds it decides from then on.
    if (!element.isChosen_) element.fold_.open = !isLarge || trouble.length > 0;
    element.end_ = end;
    const only = element.fold_.querySelector(':scope > p');
    if (only) only.hidden = !isLarge;
    element.members_ = members;
    if (element.fold_.open) showMembers(element, servers);
  });
}

function showMembers(element, servers) {
  const top = (value) => Math.max(1e-9, ...present(servers).map((server) => value(server) ?? 0));
  const tops = serverBars.map((bar) => top(bar.value));
  reconcile(element.body_, element.members_, (server) => server.id, createServer, (row, server) => updateServer(row, server, tops, element.end_));
}

function makeCluster(name) {
  const body = h('tbody', {});
  const rest = h('span', { class: 'faint' });
  const head = ['Server', 'State', 'CPU', 'Memory', 'Connections', 'Messages in', 'Messages out', 'Bytes in', 'Bytes out', 'Msgs in, 15 min'];
  const title = name || 'Without a cluster';
  const fold = h('details', {}, h('summary', {}, h('h3', {}, title), ' ', rest),
    h('table', {}, h('caption', { class: 'visually-hidden' }, name ? `Servers of cluster ${name}` : 'Servers without a cluster'), h('thead', {}, h('tr', {}, head.map((text) => h('th', { scope: 'col' }, text)))), body),
    name ? h('p', { hidden: true }, h('a', { href: link('servers', {}, `cluster/${name}`) }, `Only cluster ${name}`)) : null);
  const element = Object.assign(h('div', { class: 'cluster' }, fold), { body_: body, rest_: rest, fold_: fold, members_: [], isChosen_: false, end_: 0 });
  fold.querySelector('summary').addEventListener('click', () => {
    element.isChosen_ = true;
    // It opens after this.
    if (!fold.open) showMembers(element, element.members_);
  });
  return element;
}

const serverBars = [
  { value: (server) => server.statsz?.cpu, last: (server) => server.last?.statsz?.cpu, text: f.percent, judged: (server) => (server.statsz?.cpu ?? 0) / (100 * (server.statsz?.cores || 1)) },
  { value: (server) => server.statsz?.mem, last: (server) => server.last?.statsz?.mem, text: f.bytes },
  { value: (server) => server.statsz?.connections, last: (server) => server.last?.statsz?.connections, text: f.count },
  { value: (server) => server.rates?.in_msgs_rate, last: (server) => server.last?.rates?.in_msgs_rate, text: f.perSecond },
  { value: (server) => server.rates?.out_msgs_rate, last: (server) => server.last?.rates?.out_msgs_rate, text: f.perSecond },
  { value: (server) => server.rates?.in_bytes_rate, last: (server) => server.last?.rates?.in_bytes_rate, text: f.bytesPerSecond },
  { value: (server) => server.rates?.out_bytes_rate, last: (server) => server.last?.rates?.out_bytes_rate, text: f.bytesPerSecond },
];

function createServer(server) {
  const state = h('span', { class: 'state' });
  const bars = serverBars.map(() => barCell());
  const line = sparkline(130, 20, { text: f.perSecond, label: 'Messages in' });
  const name = h('a', { href: link('servers', { open: server.name }) }, server.name);
  return Object.assign(h('tr', {}, h('td', {}, name), h('td', {}, state), bars.map((bar) => h('td', {}, bar)), h('td', {}, line)), { state_: state, bars_: bars, line_: line });
}

function updateServer(row, server, tops, end) {
  row.state_.dataset.state = server.state;
  setText(row.state_, stateText(server));
  row.classList.toggle('stale', server.state !== 'live' && server.state !== 'slow');
  serverBars.forEach((bar, index) => {
    const value = bar.value(server);
    const share = value === undefined ? 0 : bar.judged ? bar.judged(server) : (value ?? 0) / tops[index];
    const last = value === undefined ? bar.last(server) : undefined;
    row.bars_[index].show(bar.text(value), share, last === undefined ? f.exact(value) : `last ${bar.text(last)}`, bar.judged !== undefined);
  });
  row.line_.show((server.points ?? []).map((point) => ({ time: point.time, value: point.in_msgs_rate ?? null })), { end });
}

/** A restart is told for as long as this, in seconds. */
const newFor = 900;

/** A server's state in words: "live", "silent 41 s", "restarted 2m ago". */
export function stateText(server) {
  if (server.state === 'suspect' || server.state === 'gone') {
    const silence = f.age(server.last_seen);
    const word = server.state === 'gone' ? 'gone' : 'silent';
    return silence === undefined ? word : `${word} ${f.duration(silence)}`;
  }
  const word = { lame_duck: 'lame duck' }[server.state] ?? server.state;
  const age = f.age(server.restarted);
  return age !== undefined && age < newFor ? `${word}, restarted ${f.duration(age)} ago` : word;
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
  for (const { path, help } of entries) {
    const scoped = store.scope.kind !== 'all' && /^\/[a-z]+z$/.test(path) ? store.scope.path + path : path;
    // What is no JSON document is opened as it is.
    const isText = ['/metrics', '/events'].includes(path);
    const anchor = isText ? { href: placed(scoped), 'data-plain': true, target: '_blank', rel: 'noopener' } : { href: link('explore', { path: scoped }, '') };
    const literal = !/[<{]/.test(scoped);
    list.append(h('li', {}, literal ? h('a', { class: 'mono', ...anchor }, scoped) : h('span', { class: 'mono' }, scoped), h('span', { class: 'quiet' }, help)));
  }
}

export const fallbackEndpoints = [
  ['varz', 'what each server is and how it is doing'], ['connz', 'its client connections'], ['routez', 'its routes within the cluster'],
  ['gatewayz', 'its gateways to other clusters'], ['leafz', 'its leafnodes'], ['subsz', 'its subscriptions'], ['jsz', 'its JetStream'],
  ['accountz', 'its accounts'], ['accstatz', 'traffic by account'], ['statsz', 'the short statistics that servers also broadcast'], ['healthz', 'whether it is well'],
];
