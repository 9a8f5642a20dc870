// The figures that are kept over time, and how each is written: what `/history` is asked for, and what a chart is called.

import * as f from './format.js';

const rate = (field, label, text) => ({ field, label, text, of: 'rate' });
const gauge = (field, label, text = f.count) => ({ field, label, text, of: 'mean' });

/** By kind, in the order in which they are offered. `of` is which of the answer's lists is drawn. */
export const figures = {
  server: [
    rate('in_msgs', 'Messages in', f.perSecond), rate('out_msgs', 'Messages out', f.perSecond), rate('in_bytes', 'Bytes in', f.bytesPerSecond), rate('out_bytes', 'Bytes out', f.bytesPerSecond),
    gauge('connections', 'Connections'), gauge('cpu', 'CPU, of one core', f.percent), gauge('mem', 'Memory', f.bytes), gauge('subscriptions', 'Subscriptions'), rate('total_connections', 'New connections', f.perSecond),
    rate('slow_consumers', 'Slow consumers cut off', f.perSecond), gauge('leafnodes', 'Leafnodes'), gauge('routes', 'Routes'), gauge('jetstream_storage', 'JetStream disk', f.bytes), gauge('jetstream_memory', 'JetStream memory', f.bytes),
    rate('jetstream_requests', 'JetStream requests', f.perSecond), rate('jetstream_errors', 'JetStream errors', f.perSecond),
  ],
  account: [
    rate('in_msgs', 'Messages in', f.perSecond), rate('out_msgs', 'Messages out', f.perSecond), rate('in_bytes', 'Bytes in', f.bytesPerSecond), rate('out_bytes', 'Bytes out', f.bytesPerSecond),
    gauge('connections', 'Connections'), gauge('leafnodes', 'Leafnodes'), gauge('subscriptions', 'Subscriptions'), rate('slow_consumers', 'Slow consumers', f.perSecond),
  ],
  stream: [rate('last_seq', 'Messages stored', f.perSecond), gauge('messages', 'Messages kept'), gauge('bytes', 'Bytes kept', f.bytes), gauge('consumers', 'Consumers'), rate('first_seq', 'Messages dropped', f.perSecond), gauge('subjects', 'Subjects'), gauge('deleted', 'Deleted inside')],
  consumer: [gauge('pending', 'Waiting to be delivered'), gauge('ack_pending', 'Not acknowledged'), rate('delivered', 'Deliveries', f.perSecond), rate('acked', 'Acknowledged', f.perSecond), gauge('redelivered', 'Redelivered'), gauge('waiting', 'Pull requests waiting')],
  route: [gauge('rtt', 'Round trip', (value) => f.duration(value / 1000)), rate('in_msgs', 'Messages in', f.perSecond), rate('out_msgs', 'Messages out', f.perSecond), gauge('pending', 'Bytes waiting', f.bytes)],
  gateway: [gauge('rtt', 'Round trip', (value) => f.duration(value / 1000)), rate('in_msgs', 'Messages in', f.perSecond), rate('out_msgs', 'Messages out', f.perSecond), gauge('inbound', 'Inbound links')],
};

export const kinds = { server: 'Servers', account: 'Accounts', stream: 'Streams', consumer: 'Consumers', route: 'Routes', gateway: 'Gateways' };

export function figureOf(kind, field) {
  const all = figures[kind] ?? figures.server;
  return all.find((each) => each.field === field) ?? all[0];
}

/** What a row of `/history` is called. */
export function rowName(row) {
  if (row.consumer) return `${row.stream} > ${row.consumer}`;
  if (row.stream) return row.stream;
  if (row.remote) return `${row.server} – ${row.remote}`;
  if (row.gateway) return `${row.server} → ${row.gateway}`;
  if (row.account) return row.server ? `${row.account} on ${row.server}` : row.account;
  return row.server ?? '';
}

/**
 * Rows of `/history` as lines of a chart, one for each name: { name, points, restarts }, the largest first. Accounts are summed over
 * their servers where all of them tell.
 */
export function linesOf(document, figure, { shift = 0, isPast = false } = {}) {
  const times = document.times ?? [];
  const lines = (document.rows ?? []).map((row) => {
    const values = row.values?.[figure.field]?.[figure.of] ?? row.values?.[figure.field]?.mean ?? [];
    return { name: rowName(row), row, isPast, restarts: (row.restarts ?? []).map((time) => time + shift), points: times.map((time, index) => ({ time: time + shift, value: values[index] ?? null })) };
  });
  const largest = (line) => Math.max(0, ...line.points.map((point) => point.value ?? 0));
  return document.kind === 'account' ? byAccount(lines) : lines.sort((a, b) => largest(b) - largest(a));
}

function byAccount(lines) {
  const groups = new Map();
  for (const line of lines) groups.set(line.row.account, [...(groups.get(line.row.account) ?? []), line]);
  return [...groups.entries()].map(([name, members]) => ({ ...totalOf(members), name, row: members[0].row, isPast: members[0].isPast, restarts: [], isTotal: false }));
}

/** The sum of lines: unknown where one that is known at other times is not known. */
export function totalOf(lines) {
  const seen = lines.filter((line) => line.points.some((point) => point.value !== null));
  const points = (lines[0]?.points ?? []).map(({ time }, index) => {
    const values = seen.map((line) => line.points[index]?.value ?? null);
    return { time, value: values.length && values.every((value) => value !== null) ? values.reduce((sum, value) => sum + value, 0) : null };
  });
  return { name: 'All together', points, isTotal: true, restarts: [] };
}

/** Figures of servers that their heartbeats tell, by the names that these have in `/history` of the last quarter of an hour. */
const heard = { in_msgs: 'in_msgs_rate', out_msgs: 'out_msgs_rate', in_bytes: 'in_bytes_rate', out_bytes: 'out_bytes_rate', cpu: 'cpu', mem: 'mem', connections: 'connections', subscriptions: 'subscriptions' };

/** The field of the heartbeats that a figure is; undefined where they do not tell it. */
export const heardField = (kind, figure) => kind === 'server' ? heard[figure.field] : undefined;

/** Heartbeats as lines of a chart, each with times of its own. */
export function linesOfHeartbeats(document, field) {
  return (document.servers ?? []).map(({ server, times, values }) => ({ name: server.name, row: { server: server.name }, isPast: false, restarts: [], points: times.map((time, index) => ({ time, value: values[field]?.[index] ?? null })) }));
}
