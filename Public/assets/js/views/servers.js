// One row for each server; a click opens everything that is known of it.

import { h, replace, reconcile, setText } from '../dom.js';
import { get, query } from '../api.js';
import { bar, figure, text } from '../columns.js';
import * as f from '../format.js';
import { sparkline } from '../spark.js';
import { detailHead, detailPane, listTable, searchBox, viewHead, wholeSystem } from '../view.js';
import { showFindings } from '../findings.js';
import { pastChart } from '../pastchart.js';
import { makeTake } from '../take.js';
import { stateText } from './overview.js';
import { explain, groups } from '../explain.js';
import * as url from '../url.js';

const line = (key, title, field) => ({
  key, label: '15 min', width: 4.4, sort: false, title,
  create(cell) { cell.append(cell.line_ = sparkline(56, 18, { text: f.perSecond, label: title })); },
  show(cell, row) { cell.line_.show((row.points ?? []).map((point) => ({ time: point.time, value: point[field] ?? null })), { end: row.end }); },
});
const skew = (row) => [row.skewed ? 'Not the version that most servers run' : '', row.configured ? 'Configured otherwise than most of its cluster' : ''].filter(Boolean).join('. ');

const columns = [
  text('name', 'Server', 6.6, (row) => row.name, { title: (row) => `${row.name} ${row.id}` }),
  {
    key: 'state', label: 'State', width: 8.2, value: (row) => row.state,
    create(cell) { cell.append(cell.state_ = h('span', { class: 'state' })); },
    show(cell, row) {
      cell.state_.dataset.state = row.state;
      setText(cell.state_, stateText(row));
    },
  },
  text('cluster', 'Cluster', 4.5, (row) => row.cluster),
  text('version', 'Version', 6, (row) => skew(row) ? `${row.version} ≠` : row.version, { title: (row) => skew(row) || row.version, className: (row) => skew(row) ? 'warn' : '' }),
  bar('cpu', 'CPU', 4, (row) => row.statsz?.cpu, f.percent, (row) => (row.statsz?.cpu ?? 0) / (100 * (row.statsz?.cores || 1)), { title: 'Percent of one core' }),
  figure('mem', 'Memory', 5, (row) => row.statsz?.mem, f.bytes),
  figure('connections', 'Conns', 4, (row) => row.statsz?.connections, f.count),
  figure('subscriptions', 'Subs', 4, (row) => row.statsz?.subscriptions, f.count),
  figure('in_msgs', 'Msgs in', 5, (row) => row.rates?.in_msgs_rate, f.perSecond),
  line('in_line', 'Messages in, the last 15 minutes', 'in_msgs_rate'),
  figure('out_msgs', 'Msgs out', 5, (row) => row.rates?.out_msgs_rate, f.perSecond),
  line('out_line', 'Messages out, the last 15 minutes', 'out_msgs_rate'),
  figure('in_bytes', 'Bytes in', 5.4, (row) => row.rates?.in_bytes_rate, f.bytesPerSecond),
  figure('out_bytes', 'Bytes out', 5.4, (row) => row.rates?.out_bytes_rate, f.bytesPerSecond),
  figure('slow', 'Slow', 3.2, (row) => row.statsz?.slow_consumers, f.count, { title: 'Slow consumers cut off since the server started' }),
  figure('uptime', 'Uptime', 4.6, (row) => uptime(row), f.duration),
  figure('rtt', 'RTT', 4.8, (row) => row.rtt_seconds, f.duration, { title: 'From the question to the reply; replies that arrive together are taken as one moment' }),
];

/** By the server's own clock where it has told its time. */
function uptime(row) {
  if (row.ran !== undefined) return Math.max(0, Math.floor(row.ran + (Date.now() - row.at) / 1000));
  const start = f.parseTime(row.statsz?.start ?? row.start);
  return start === undefined ? undefined : Math.max(0, Math.floor(f.asOf() - start));
}

export function mount(root, { store, state }) {
  const head = viewHead('Servers');
  const find = searchBox('Find a server');
  const table = listTable({
    caption: 'Servers', columns, key: (row) => row.id, opens: (row) => row.name, sort: { key: 'name', direction: 'ascending' },
    texts: (row) => [row.name, row.cluster, row.version, row.id, ...(row.tags ?? [])],
  });
  const take = makeTake({ name: 'Servers', columns: () => columns, rows: () => lastShown, path: () => `${store.scope.kind === 'account' ? '' : store.scope.path}/servers` });
  let lastShown = [];
  const detail = detailPane(root, table.element, (element, name, close) => openDetail(element, name, store, close));
  root.append(head.element, wholeSystem(store.scope, 'Servers'), h('div', { class: 'toolbar' }, find.element, h('span', { class: 'grow' }), take), detail.element);
  let opened = '';

  function show() {
    const servers = store.inScope();
    const configured = differentlyConfigured(store.findings ?? []);
    const common = mostCommon(servers.map((server) => server.version));
    const rows = servers.map((server) => ({ ...server, end: store.end(), skewed: common !== undefined && server.version !== common, configured: configured.has(server.name), stale: !['live', 'slow'].includes(server.state) }));
    const shown = lastShown = table.show(rows, {
      select: rows.find((row) => row.name === opened)?.id,
      empty: table.wanted() ? `No server fits “${table.wanted()}”.` : (store.rosterError ?? store.error)?.message ?? 'No server has been heard yet: the gateway asks on $SYS.REQ.SERVER.PING.',
    });
    const versions = new Set(servers.map((server) => server.version).filter(Boolean));
    head.note(`${shown.length < rows.length ? `${f.count(shown.length)} of ` : ''}${f.plural(servers.length, 'server')}${versions.size > 1 ? ` · ${versions.size} versions` : ''}`);
  }

  function update(next) {
    table.update(next.parameters);
    find.update(next.parameters);
    opened = next.parameters.get('open') || (store.scope.kind === 'server' ? store.scope.name : '');
    detail.show(opened);
    show();
  }

  store.addEventListener('change', show);
  update(state);
  return {
    update,
    destroy() {
      store.removeEventListener('change', show);
      detail.destroy();
      table.destroy();
    },
  };
}

/** Names of servers whose configuration's digest is not that of most of their cluster, as the findings have it. */
function differentlyConfigured(findings) {
  const names = new Set();
  for (const finding of findings.filter((each) => each.code === 'config_skew')) {
    const groups = Object.values(finding.evidence ?? {}).map((text) => String(text).split(', ')).sort((a, b) => b.length - a.length);
    for (const group of groups.slice(1)) for (const name of group) names.add(name);
  }
  return names;
}

function mostCommon(values) {
  const counts = new Map();
  for (const value of values.filter(Boolean)) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts.size < 2 ? undefined : [...counts.entries()].sort((a, b) => b[1] - a[1])[0][0];
}

/** What is wrong with it, how it went, and every field of its varz, in groups and with what each means; or only those that differ from another's. */
function openDetail(element, name, store, close) {
  const status = h('p', { class: 'quiet' }, 'Asking …');
  const findings = h('ul', { class: 'findings' });
  const body = h('div', {});
  // A name that could not stand in a subject is no name for a path either: the id does.
  const known = store.roster.find((server) => server.name === name);
  const path = `/server/${encodeURIComponent(known && /[\s*>]/.test(name) ? known.id : name)}`;
  const links = ['varz', 'connz', 'routez', 'gatewayz', 'leafz', 'subsz', 'jsz', 'accountz', 'accstatz', 'statsz', 'healthz'];
  /** @type {[string, string[]][]} */
  const shownFigures = [['Messages', ['in_msgs', 'out_msgs']], ['Processor', ['cpu']], ['Connections', ['connections']]];
  const charts = shownFigures.map(([title, fields]) => pastChart(store, { title, kind: 'server', fields, narrow: { server: name } }));
  const others = store.roster.filter((server) => server.name !== name && server.state !== 'gone').map((server) => server.name);
  const against = h('select', { 'aria-label': 'Compare with', onchange: () => url.patch({ with: against.value }, {}) }, h('option', { value: '' }, 'every field'), [...new Set(others)].map((other) => h('option', { value: other }, `what differs from ${other}`)));
  replace(element, detailHead(name, close),
    h('p', { class: 'row' }, h('a', { href: url.link('connections', {}, `server/${name}`) }, 'Connections'), h('a', { href: url.link('topology', { q: name }, '') }, 'Links'), h('a', { href: url.link('events', { server: name }, '') }, 'Events'), links.map((endpoint) => h('a', { class: 'mono', href: url.link('explore', { path: `${path}/${endpoint}` }, '') }, endpoint))),
    findings, charts.map((chart) => chart.element), h('p', { class: 'row' }, against), status, body);
  let asked;
  const stop = store.every(3, async (signal) => {
    showFindings(findings, (store.allFindings ?? []).filter((finding) => finding.server === name), store.causes);
    const other = url.current().parameters.get('with') ?? '';
    against.value = other;
    if (asked !== other) replace(body);
    body.lists_ = undefined;
    asked = other;
    try {
      if (other) {
        const { document: answer } = await get(`/diff${path}/varz${query({ with: other, from: store.moment })}`, { signal });
        setText(status, `${f.plural(Object.keys(answer.fields ?? {}).length, 'field')} differ.`);
        showDifference(body, answer.fields ?? {}, name, other);
        return;
      }
      const { document: varz } = await get(`${path}/varz`, { signal });
      setText(status, `As of ${f.clockTime(varz.now)}.`);
      showVarz(body, varz);
    } catch (error) {
      if (error.name !== 'AbortError') setText(status, body.childElementCount ? `${error.message} What follows is the last answer.` : error.message);
      throw error;
    }
  });
  const changed = () => {
    if (asked !== (url.current().parameters.get('with') ?? '')) stop.now();
  };
  url.onChange(changed);
  return () => {
    stop();
    url.offChange(changed);
    for (const chart of charts) chart.stop();
  };
}

function showDifference(body, fields, one, other) {
  const text = (value) => value === undefined || value === null ? f.unknown : typeof value === 'object' ? JSON.stringify(value) : String(value);
  replace(body, h('table', { class: 'plain wraps' }, h('caption', { class: 'visually-hidden' }, `What differs between ${one} and ${other}`), h('thead', {}, h('tr', {}, ['Field', one, other].map((each) => h('th', { scope: 'col' }, each)))),
    h('tbody', {}, Object.entries(fields).map(([name, { from, to }]) => h('tr', {}, h('td', { title: explain(name.split('.').at(-1)).help }, name), h('td', { class: 'mono' }, text(from)), h('td', { class: 'mono' }, text(to)))))));
}

function showVarz(body, varz) {
  reconcile(body, groups(varz), (group) => group.title, (group) => {
    const list = h('dl', { class: 'facts' });
    return Object.assign(h('section', { class: 'section' }, h('h3', {}, group.title), list), { list_: list });
  }, (section, group) => {
    const list = section.list_;
    const known = list.rows_ ??= new Map();
    for (const { name, value } of group.fields) {
      let row = known.get(name);
      if (!row) {
        const term = h('dt', { title: explain(name).help }, name);
        row = h('dd', { class: 'mono' });
        list.append(term, row);
        known.set(name, row);
      }
      const { text, exact } = explain(name, value);
      setText(row, text);
      row.title = exact;
    }
  });
}
