// nats-top for the whole system: rates for each connection, every sort the servers know, and who makes the traffic.

import { h, setText, replace, reconcile } from '../dom.js';
import { get, query } from '../api.js';
import * as f from '../format.js';
import { makeTable } from '../table.js';
import { openConnection } from '../connection.js';
import * as url from '../url.js';

const text = (value, title) => ({ show(cell, row) { setText(cell, value(row) || '—'); cell.title = title ? title(row) : value(row) ?? ''; } });
const figure = (value, format) => ({ number: true, show(cell, row) { setText(cell, format(value(row))); cell.title = f.exact(value(row)); } });

// `sort` names the order that the servers themselves know; columns without one cannot be sorted over the whole system.
const common = [
  { key: 'name', label: 'Client', width: 10, sort: false, ...text((row) => row.name || row.mqtt_client || `cid ${row.server_cid ?? row.cid}`, (row) => `${row.name ?? ''} cid ${row.server_cid ?? row.cid}`) },
  { key: 'server', label: 'Server', width: 5, sort: false, ...text((row) => row.server_name) },
  { key: 'account', label: 'Account', width: 6, sort: false, ...text((row) => row.name_tag || row.account || '$G') },
  { key: 'address', label: 'Address', width: 9.4, sort: false, ...text((row) => `${row.ip}:${row.port}`) },
];
const open = [
  ...common,
  { key: 'msgs_from', label: 'Msgs in', width: 5, ...figure((row) => row.rates?.in_msgs, f.perSecond), title: 'Messages a second from the client; sorts by the total' },
  { key: 'msgs_to', label: 'Msgs out', width: 5, ...figure((row) => row.rates?.out_msgs, f.perSecond), title: 'Messages a second to the client; sorts by the total' },
  { key: 'bytes_from', label: 'Bytes in', width: 5.5, ...figure((row) => row.rates?.in_bytes, f.bytesPerSecond) },
  { key: 'bytes_to', label: 'Bytes out', width: 5.5, ...figure((row) => row.rates?.out_bytes, f.bytesPerSecond) },
  { key: 'pending', label: 'Pending', width: 4.6, ...figure((row) => row.pending_bytes, f.bytes) },
  { key: 'subs', label: 'Subs', width: 4, ...figure((row) => row.subscriptions, f.count) },
  { key: 'rtt', label: 'RTT', width: 4.6, ...figure((row) => f.parseDuration(row.rtt) || undefined, f.duration) },
  { key: 'uptime', label: 'Uptime', width: 4.6, ...figure((row) => f.parseDuration(row.uptime), f.duration) },
  { key: 'idle', label: 'Idle', width: 4.6, ...figure((row) => f.parseDuration(row.idle), f.duration) },
  { key: 'lang', label: 'Client library', width: 7.6, sort: false, ...text((row) => [row.lang, row.version].filter(Boolean).join(' ')) },
];
const closed = [
  ...common,
  { key: 'reason', label: 'Reason', width: 12, ...text((row) => row.reason) },
  { key: 'stop', label: 'Closed', width: 7, ...figure((row) => row.stop, (value) => f.ago(value)) },
  { key: 'uptime', label: 'Lasted', width: 5.5, ...figure((row) => f.parseDuration(row.uptime), f.duration) },
  { key: 'msgs_from', label: 'Msgs in', width: 6, ...figure((row) => row.in_msgs, f.count) },
  { key: 'msgs_to', label: 'Msgs out', width: 6, ...figure((row) => row.out_msgs, f.count) },
  { key: 'bytes_from', label: 'Bytes in', width: 6.5, ...figure((row) => row.in_bytes, f.bytes) },
  { key: 'bytes_to', label: 'Bytes out', width: 6.5, ...figure((row) => row.out_bytes, f.bytes) },
  { key: 'lang', label: 'Client library', width: 8, sort: false, ...text((row) => [row.lang, row.version].filter(Boolean).join(' ')) },
];
const alwaysAscending = new Set(['cid', 'start', 'uptime', 'reason']);
const limits = [100, 500, 1024, 5000];

export function mount(root, { store, state }) {
  let present = state;
  let rows = [];
  let total;
  let before = new Map();
  let table;
  let columns;
  let askedFor;
  let failed = false;
  const find = h('input', { type: 'search', placeholder: 'Find a client, account, address, server', 'aria-label': 'Find a connection' });
  const stateChoice = h('select', { 'aria-label': 'State', onchange: () => url.patch({ state: stateChoice.value === 'open' ? '' : stateChoice.value, sort: '' }) },
    [['open', 'Open'], ['closed', 'Closed']].map(([value, label]) => h('option', { value }, label)));
  const limitChoice = h('select', { 'aria-label': 'How many', onchange: () => url.patch({ limit: limitChoice.value === '500' ? '' : limitChoice.value }) },
    limits.map((limit) => h('option', { value: limit }, `first ${limit.toLocaleString('en-US')}`)));
  const note = h('span', { class: 'quiet' });
  const problem = h('p', { class: 'bad' });
  const traffic = h('div', { class: 'traffic' });
  const holder = h('div', { class: 'scroll-x' });
  const detail = h('aside', { class: 'detail', hidden: true });
  const split = h('div', { class: 'split' }, holder, detail);
  root.append(h('div', { class: 'head' }, h('h1', {}, 'Connections'), note), traffic, h('div', { class: 'toolbar' }, find, stateChoice, limitChoice), problem, split);
  find.addEventListener('input', () => url.patch({ q: find.value }));
  root.addEventListener('close-detail', closeDetail);
  function closeDetail() { url.patch({ open: '' }); }

  const options = () => {
    const wanted = present.parameters;
    const isClosed = wanted.get('state') === 'closed';
    return { sort: wanted.get('sort') || (isClosed ? 'stop' : 'bytes_to'), state: isClosed ? 'closed' : '', limit: wanted.get('limit') || 500, auth: 1 };
  };
  const path = () => {
    const { kind, path: scope } = store.scope;
    return `${scope}${kind === 'server' ? '' : '/merged'}/connz${query(options())}`;
  };

  const stop = store.every(2, async (signal) => {
    const wanted = path();
    try {
      const { document: answer, completeness } = await get(wanted, { signal });
      if (wanted !== askedFor) before = new Map();
      askedFor = wanted;
      take(answer);
      failed = false;
      setText(problem, completeness?.complete === false ? `Not every server answered: ${completeness.missing.map((server) => server.name).join(', ')}.` : '');
    } catch (error) {
      if (error.name === 'AbortError') throw error;
      setText(problem, error.message);
      if (wanted !== askedFor) rows = [];
      failed = true;
      show();
      throw error;
    }
    show();
  });

  function take(answer) {
    const now = f.parseTime(answer.now) ?? Date.now() / 1000;
    total = answer.total;
    const after = new Map();
    rows = (answer.connections ?? []).map((connection) => {
      const row = { ...connection, server_name: connection.server_name ?? store.scope.name };
      const key = `${row.server_name} ${row.cid}`;
      const past = before.get(key);
      const seconds = past ? now - past.now : 0;
      if (past && seconds < 0.3) row.rates = past.rates;
      else if (past) {
        row.rates = Object.fromEntries(['in_msgs', 'out_msgs', 'in_bytes', 'out_bytes'].map((field) => [field, Math.max(0, (row[field] - past.row[field]) / seconds)]));
      }
      after.set(key, past && seconds < 0.3 ? past : { now, row, rates: row.rates });
      return row;
    });
    before = after;
  }

  function show() {
    const wanted = (present.parameters.get('q') ?? '').toLowerCase();
    const shown = rows.filter((row) => !wanted || [row.name, row.account, row.name_tag, row.ip, row.server_name, row.authorized_user, row.lang, row.reason, row.mqtt_client, String(row.server_cid ?? row.cid)]
      .some((value) => value?.toLowerCase?.().includes(wanted)));
    const { sort, state: wantedState } = options();
    table.show(shown, {
      sorted: { key: sort, direction: alwaysAscending.has(sort) ? 'ascending' : 'descending' }, select: present.parameters.get('open'),
      empty: failed && rows.length === 0 ? '' : askedFor === undefined ? 'Asking …' : wanted ? `No connection among those shown fits “${wanted}”.` : wantedState === 'closed' ? 'No server remembers a closed connection.' : 'No client is connected here. Clients appear as soon as they connect.',
    });
    setText(note, total === undefined ? '' : rows.length < total ? `${f.count(rows.length)} of ${f.count(total)}, by ${sort}` : f.plural(total, 'connection'));
    showTraffic(traffic, wantedState === 'closed' ? [] : rows);
  }

  function update(next) {
    present = next;
    const isClosed = next.parameters.get('state') === 'closed';
    const wantedColumns = isClosed ? closed : open;
    if (columns !== wantedColumns) {
      columns = wantedColumns;
      table?.destroy();
      table = makeTable(columns, {
        caption: 'Connections', key: (row) => String(row.cid),
        onSort: (key) => url.patch({ sort: key }),
        onOpen: (row) => url.patch({ open: present.parameters.get('open') === String(row.cid) ? '' : String(row.cid) }, {}),
      });
      replace(holder, table.element);
    }
    stateChoice.value = isClosed ? 'closed' : 'open';
    limitChoice.value = next.parameters.get('limit') || '500';
    if (document.activeElement !== find) find.value = next.parameters.get('q') ?? '';
    const cid = next.parameters.get('open') ?? '';
    if (cid !== detail.shown_) {
      detail.shown_ = cid;
      detail.stop_?.();
      detail.hidden = !cid;
      split.classList.toggle('open', Boolean(cid));
      if (cid) detail.stop_ = openConnection(detail, cid, store, () => rows.find((row) => String(row.cid) === cid), closeDetail);
    }
    if (askedFor !== undefined && askedFor !== path()) stop.now();
    show();
  }

  update(state);
  return {
    update,
    destroy() {
      stop();
      detail.stop_?.();
      root.removeEventListener('close-detail', closeDetail);
      table?.destroy();
    },
  };
}

/** A bar of who makes the traffic: the largest shares by name, the rest as one. */
function showTraffic(element, rows) {
  const names = new Map();
  let sum = 0;
  for (const row of rows) {
    const rate = (row.rates?.in_bytes ?? 0) + (row.rates?.out_bytes ?? 0);
    if (!rate) continue;
    sum += rate;
    const name = row.name || `${row.ip}`;
    names.set(name, (names.get(name) ?? 0) + rate);
  }
  const largest = [...names.entries()].sort((a, b) => b[1] - a[1]);
  const shown = largest.slice(0, 7);
  const rest = largest.slice(7).reduce((all, [, rate]) => all + rate, 0);
  if (rest > 0) shown.push([`${largest.length - 7} others`, rest]);
  element.hidden = sum === 0;
  reconcile(element, shown.map(([name, rate], index) => ({ name, rate, index })), (part) => part.index, () => h('div', { class: 'share' }, h('i', {}), h('span', {}), h('span', { class: 'faint' })), (part, { name, rate, index }) => {
    part.style.flexGrow = Math.max(0.04, rate / sum);
    part.firstChild.dataset.step = index;
    setText(part.children[1], name);
    setText(part.children[2], f.bytesPerSecond(rate));
    part.title = `${name}: ${f.bytesPerSecond(rate)}, ${f.percent((100 * rate) / sum)} of the connections shown`;
  });
}
