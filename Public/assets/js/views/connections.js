// nats-top for the whole system: rates for each connection, every sort the servers know, and who makes the traffic.

import { h, setText, reconcile } from '../dom.js';
import { query } from '../api.js';
import { named, text, figure } from '../columns.js';
import * as f from '../format.js';
import { openConnection } from '../connection.js';
import { Rates } from '../rates.js';
import { mountList } from '../view.js';
import * as url from '../url.js';

// `sort` names the order that the servers themselves know; columns without one cannot be sorted over the whole system.
const common = [
  text('name', 'Client', 10, (row) => row.name || row.mqtt_client || `cid ${row.server_cid ?? row.cid}`, { sort: false, title: (row) => `${row.name ?? ''} cid ${row.server_cid ?? row.cid}` }),
  text('server', 'Server', 5, (row) => row.server_name, { sort: false }),
  text('account', 'Account', 6, (row) => row.name_tag || row.account || '$G', { sort: false }),
  text('address', 'Address', 9.4, (row) => `${row.ip}:${row.port}`, { sort: false }),
];
const library = (width) => text('lang', 'Client library', width, (row) => [row.lang, row.version].filter(Boolean).join(' '), { sort: false });
const open = [
  ...common,
  figure('msgs_from', 'Msgs in', 5, (row) => row.rates?.in_msgs, f.perSecond, { title: 'Messages a second from the client; sorts by the total' }),
  figure('msgs_to', 'Msgs out', 5, (row) => row.rates?.out_msgs, f.perSecond, { title: 'Messages a second to the client; sorts by the total' }),
  figure('bytes_from', 'Bytes in', 5.5, (row) => row.rates?.in_bytes, f.bytesPerSecond, { title: 'Bytes a second from the client; sorts by the total' }),
  figure('bytes_to', 'Bytes out', 5.5, (row) => row.rates?.out_bytes, f.bytesPerSecond, { title: 'Bytes a second to the client; sorts by the total' }),
  figure('pending', 'Pending', 4.6, (row) => row.pending_bytes, f.bytes),
  figure('subs', 'Subs', 4, (row) => row.subscriptions, f.count),
  figure('rtt', 'RTT', 5.2, (row) => f.parseDuration(row.rtt) || undefined, f.duration),
  figure('uptime', 'Uptime', 4.6, (row) => f.parseDuration(row.uptime), f.duration),
  figure('idle', 'Idle', 4.6, (row) => f.parseDuration(row.idle), f.duration),
  library(7.6),
];
const closed = [
  ...common,
  text('reason', 'Reason', 14, (row) => row.reason),
  figure('stop', 'Closed', 7, (row) => row.stop, f.ago),
  figure('uptime', 'Lasted', 5.5, (row) => f.parseDuration(row.uptime), f.duration),
  figure('msgs_from', 'Msgs in', 6, (row) => row.in_msgs, f.count),
  figure('msgs_to', 'Msgs out', 6, (row) => row.out_msgs, f.count),
  figure('bytes_from', 'Bytes in', 6.5, (row) => row.in_bytes, f.bytes),
  figure('bytes_to', 'Bytes out', 6.5, (row) => row.out_bytes, f.bytes),
  library(8),
];
const alwaysAscending = new Set(['cid', 'start', 'uptime', 'reason']);
const limits = [100, 500, 1024, 5000];
const texts = (row) => [row.name, row.account, row.name_tag, row.ip, row.server_name, row.authorized_user, row.lang, row.reason, row.mqtt_client, String(row.server_cid ?? row.cid)];
const keyOf = (row) => String(row.cid);
const choice = (label, entries, change) => h('select', { 'aria-label': label, onchange: (event) => change(event.target.value) }, entries.map(([value, name]) => h('option', { value }, name)));

export function mount(root, { store, state }) {
  let parameters = state.parameters;
  const rates = new Rates(['in_msgs', 'out_msgs', 'in_bytes', 'out_bytes']);
  const stateChoice = choice('State', [['open', 'Open'], ['closed', 'Closed']], (value) => url.patch({ state: value === 'open' ? '' : value, sort: '' }));
  const limitChoice = choice('How many', limits.map((limit) => [limit, `first ${f.count(limit)}`]), (value) => url.patch({ limit: value === '500' ? '' : value }));
  const traffic = h('div', { class: 'traffic' });
  const isClosed = () => parameters.get('state') === 'closed';
  const sort = () => parameters.get('sort') || (isClosed() ? 'stop' : 'bytes_to');
  const columns = () => isClosed() ? closed : open;
  return mountList(root, { store, state }, {
    title: 'Connections', find: 'Find a client, account, address, server', key: keyOf, opens: keyOf, texts, seconds: 2,
    above: traffic, tools: [stateChoice, limitChoice],
    get columns() { return columns(); },
    sort: { key: 'name', direction: 'ascending' },
    sorted: () => ({ key: sort(), direction: alwaysAscending.has(sort()) ? 'ascending' : 'descending' }),
    onSort: (key) => url.patch({ sort: key }),
    path() {
      const { kind, path: scope } = store.scope;
      return `${scope}${kind === 'server' ? '' : '/merged'}/connz${query({ sort: sort(), state: isClosed() ? 'closed' : '', limit: parameters.get('limit') || 500, auth: 1 })}`;
    },
    rows(document, _, isNew) {
      if (isNew) rates.clear();
      const rows = (document.connections ?? []).map((row) => ({ ...row, server_name: row.server_name ?? store.scope.name }));
      const grown = rates.take(rows, (row) => `${row.server_name} ${row.cid}`, f.parseTime(document.now) ?? Date.now() / 1000);
      for (const row of rows) row.rates = grown.get(`${row.server_name} ${row.cid}`);
      return rows;
    },
    detail: (element, cid, close, find) => openConnection(element, cid, store, () => find(cid), close),
    get empty() { return isClosed() ? 'No server remembers a closed connection.' : 'No client is connected here. Clients appear as soon as they connect.'; },
    none: 'No connection among those shown',
    note: (shown, all, document) => noteOf(shown, all, document.total, named(columns(), sort())?.label ?? sort()),
    showed: (_, all) => showTraffic(traffic, isClosed() ? [] : all),
    update(next) {
      parameters = next.parameters;
      stateChoice.value = isClosed() ? 'closed' : 'open';
      limitChoice.value = parameters.get('limit') || '500';
    },
  });
}

/** How many are shown, of how many that were asked for, of how many that there are. */
export function noteOf(shown, all, total, label) {
  const ofAll = total !== undefined && all.length < total ? `${f.count(all.length)} of ${f.plural(total, 'connection')}, by ${label}` : f.plural(all.length, 'connection');
  return total === undefined ? '' : shown.length < all.length ? `${f.count(shown.length)} of ${ofAll}` : ofAll;
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
