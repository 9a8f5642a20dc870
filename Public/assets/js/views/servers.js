// One row for each server; a click opens everything that is known of it.

import { h, replace, reconcile, setText } from '../dom.js';
import { get } from '../api.js';
import * as f from '../format.js';
import { sparkline, barCell } from '../spark.js';
import { makeTable, sortRows, parseSort, nextSort, sortText } from '../table.js';
import { stateText } from './overview.js';
import { explain, groups } from '../explain.js';
import * as url from '../url.js';

const line = (field) => ({
  create(cell) { cell.append(cell.line_ = sparkline(56, 18)); },
  show(cell, row) { cell.line_.show((row.points ?? []).map((point) => ({ time: point.time, value: point[field] ?? null }))); },
});
const figure = (value, text) => ({
  value, number: true,
  show(cell, row) {
    setText(cell, text(value(row)));
    cell.title = f.exact(value(row));
  },
});
const bar = (value, text, share) => ({
  value, number: true,
  create(cell) { cell.append(cell.bar_ = barCell()); },
  show(cell, row) { cell.bar_.show(text(value(row)), share(row), f.exact(value(row)), true); },
});

const columns = [
  { key: 'name', label: 'Server', width: 6.6, value: (row) => row.name, show: (cell, row) => { setText(cell, row.name); cell.title = `${row.name} ${row.id}`; } },
  {
    key: 'state', label: 'State', width: 8.4, value: (row) => row.state,
    create(cell) { cell.append(cell.state_ = h('span', { class: 'state' })); },
    show(cell, row) {
      cell.state_.dataset.state = row.state;
      setText(cell.state_, stateText(row));
    },
  },
  { key: 'cluster', label: 'Cluster', width: 4.5, value: (row) => row.cluster },
  {
    key: 'version', label: 'Version', width: 5, value: (row) => row.version,
    show(cell, row) {
      const skew = [row.skewed ? 'Not the version that most servers run' : '', row.configured ? 'Configured otherwise than most of its cluster' : ''].filter(Boolean);
      setText(cell, skew.length ? `${row.version} ≠` : row.version);
      cell.className = skew.length ? 'warn' : '';
      cell.title = skew.join('. ') || row.version;
    },
  },
  { key: 'cpu', label: 'CPU', width: 4, title: 'Percent of one core', ...bar((row) => row.statsz?.cpu, f.percent, (row) => (row.statsz?.cpu ?? 0) / (100 * (row.statsz?.cores || 1))) },
  { key: 'mem', label: 'Memory', width: 5, ...figure((row) => row.statsz?.mem, f.bytes) },
  { key: 'connections', label: 'Conns', width: 4, ...figure((row) => row.statsz?.connections, f.count) },
  { key: 'subscriptions', label: 'Subs', width: 4, ...figure((row) => row.statsz?.subscriptions, f.count) },
  { key: 'in_msgs', label: 'Msgs in', width: 5, ...figure((row) => row.rates?.in_msgs_rate, f.perSecond) },
  { key: 'in_line', label: '', width: 4.4, sort: false, title: 'Messages in, the last 15 minutes', ...line('in_msgs_rate') },
  { key: 'out_msgs', label: 'Msgs out', width: 5, ...figure((row) => row.rates?.out_msgs_rate, f.perSecond) },
  { key: 'out_line', label: '', width: 4.4, sort: false, title: 'Messages out, the last 15 minutes', ...line('out_msgs_rate') },
  { key: 'in_bytes', label: 'Bytes in', width: 5.4, ...figure((row) => row.rates?.in_bytes_rate, f.bytesPerSecond) },
  { key: 'out_bytes', label: 'Bytes out', width: 5.4, ...figure((row) => row.rates?.out_bytes_rate, f.bytesPerSecond) },
  { key: 'slow', label: 'Slow', width: 3.2, title: 'Slow consumers cut off since the server started', ...figure((row) => row.statsz?.slow_consumers, f.count) },
  { key: 'uptime', label: 'Uptime', width: 4.6, ...figure((row) => uptime(row), f.duration) },
  { key: 'rtt', label: 'RTT', width: 4.8, ...figure((row) => row.rtt_seconds, f.duration) },
];

function uptime(row) {
  const start = f.parseTime(row.statsz?.start ?? row.start);
  return start === undefined ? undefined : Math.max(0, Math.floor(Date.now() / 1000 - start));
}

export function mount(root, { store, state }) {
  let present = state;
  let sort = { key: 'name', direction: 'ascending' };
  const find = h('input', { type: 'search', placeholder: 'Find a server', 'aria-label': 'Find a server' });
  const note = h('span', { class: 'quiet' });
  const detail = h('aside', { class: 'detail', hidden: true });
  const table = makeTable(columns, {
    caption: 'Servers', key: (row) => row.id,
    onSort: (key, column) => url.patch({ sort: sortText(nextSort(sort, column)) }),
    onOpen: (row) => url.patch({ open: present.parameters.get('open') === row.name ? '' : row.name }, {}),
  });
  const split = h('div', { class: 'split' }, h('div', { class: 'scroll-x' }, table.element), detail);
  root.append(h('div', { class: 'head' }, h('h1', {}, 'Servers'), note), h('div', { class: 'toolbar' }, find), split);
  find.addEventListener('input', () => url.patch({ q: find.value }));
  root.addEventListener('close-detail', closeDetail);
  function closeDetail() { url.patch({ open: '' }); }

  let opened;
  let stop;

  function show() {
    const wanted = (present.parameters.get('q') ?? '').toLowerCase();
    const servers = store.inScope();
    const configured = differentlyConfigured(store.findings ?? []);
    const common = mostCommon(servers.map((server) => server.version));
    const rows = servers.filter((server) => !wanted || [server.name, server.cluster, server.version, server.id, ...(server.tags ?? [])].some((text) => text?.toLowerCase().includes(wanted)))
      .map((server) => ({ ...server, skewed: common !== undefined && server.version !== common, configured: configured.has(server.name), stale: !['live', 'slow'].includes(server.state) }));
    const column = columns.find((each) => each.key === sort.key);
    table.show(sortRows(rows, column.value, sort.direction), {
      sorted: sort, select: rows.find((row) => row.name === opened)?.id,
      empty: wanted ? `No server fits “${wanted}”.` : (store.rosterError ?? store.error)?.message ?? 'No server has been heard yet: the gateway asks on $SYS.REQ.SERVER.PING.',
    });
    const versions = [...new Set(servers.map((server) => server.version).filter(Boolean))];
    setText(note, `${f.plural(servers.length, 'server')}${versions.length > 1 ? ` · ${versions.length} versions` : ''}`);
  }

  function update(next) {
    present = next;
    sort = parseSort(next.parameters.get('sort'), columns, sort);
    if (document.activeElement !== find) find.value = next.parameters.get('q') ?? '';
    const name = next.parameters.get('open') || (store.scope.kind === 'server' ? store.scope.name : '');
    if (name !== opened) {
      opened = name;
      stop?.();
      detail.hidden = !name;
      split.classList.toggle('open', Boolean(name));
      if (name) stop = openDetail(detail, name, store, closeDetail);
    }
    show();
  }

  store.addEventListener('change', show);
  update(state);
  return {
    update,
    destroy() {
      store.removeEventListener('change', show);
      root.removeEventListener('close-detail', closeDetail);
      stop?.();
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

/** Every field of the server's varz, in groups and with what it means. */
function openDetail(element, name, store, close) {
  const status = h('p', { class: 'quiet' }, 'Asking …');
  const body = h('div', {});
  // A name that could not stand in a subject is no name for a path either: the id does.
  const known = store.roster.find((server) => server.name === name);
  const path = `/server/${encodeURIComponent(known && /[\s*>]/.test(name) ? known.id : name)}`;
  const links = ['varz', 'connz', 'routez', 'gatewayz', 'leafz', 'subsz', 'jsz', 'accountz', 'accstatz', 'statsz', 'healthz'];
  replace(element, h('header', {}, h('h3', {}, name), h('button', { type: 'button', class: 'plain', 'aria-label': 'Close', onclick: close }, '✕')),
    h('p', { class: 'row' }, h('a', { href: url.link('connections', {}, `server/${name}`) }, 'Connections'), links.map((endpoint) => h('a', { class: 'mono', href: url.link('explore', { path: `${path}/${endpoint}` }, '') }, endpoint))), status, body);
  return store.every(3, async (signal) => {
    try {
      const { document: varz } = await get(`${path}/varz`, { signal });
      setText(status, `As of ${f.clockTime(varz.now)}.`);
      showVarz(body, varz);
    } catch (error) {
      if (error.name !== 'AbortError') setText(status, body.childElementCount ? `${error.message} What follows is the last answer.` : error.message);
      throw error;
    }
  });
}

function showVarz(body, varz) {
  reconcile(body, groups(varz), (group) => group.title, (group) => {
    const list = h('dl', { class: 'facts' });
    return Object.assign(h('section', { class: 'section' }, h('h2', {}, group.title), list), { list_: list });
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
