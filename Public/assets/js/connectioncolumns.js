// The columns of connections: open ones by what goes through them now, closed ones by why they ended.

import { text, figure } from './columns.js';
import * as f from './format.js';

const name = (row) => row.name || row.mqtt_client || `cid ${row.server_cid ?? row.cid}`;
const account = (row) => row.name_tag || row.account || '$G';
const address = (row) => `${row.ip}:${row.port}`;
const library = (row) => [row.lang, row.version].filter(Boolean).join(' ');

/** Their keys are what `/connections` sorts by. */
export const open = [
  text('name', 'Client', 10.5, name, { title: (row) => `${row.name ?? ''} cid ${row.cid}` }),
  text('server', 'Server', 4.6, (row) => row.server_name),
  text('account', 'Account', 6, account),
  text('user', 'User', 6, (row) => row.authorized_user, { hidden: true }),
  text('address', 'Address', 10.4, address),
  figure('rate_in_msgs', 'Msgs in', 5, (row) => row.rates?.in_msgs, f.perSecond, { title: 'Messages a second from the client' }),
  figure('rate_out_msgs', 'Msgs out', 5.2, (row) => row.rates?.out_msgs, f.perSecond, { title: 'Messages a second to the client' }),
  figure('rate_in_bytes', 'Bytes in', 5.6, (row) => row.rates?.in_bytes, f.bytesPerSecond, { title: 'Bytes a second from the client' }),
  figure('rate_out_bytes', 'Bytes out', 5.8, (row) => row.rates?.out_bytes, f.bytesPerSecond, { title: 'Bytes a second to the client' }),
  figure('in_msgs', 'Sent', 5, (row) => row.in_msgs, f.count, { title: 'Messages from the client since it connected', hidden: true }),
  figure('out_msgs', 'Received', 5, (row) => row.out_msgs, f.count, { title: 'Messages to the client since it connected', hidden: true }),
  figure('in_bytes', 'Bytes sent', 5.6, (row) => row.in_bytes, f.bytes, { title: 'Bytes from the client since it connected', hidden: true }),
  figure('out_bytes', 'Bytes received', 6.8, (row) => row.out_bytes, f.bytes, { title: 'Bytes to the client since it connected', hidden: true }),
  figure('pending', 'Pending', 4.6, (row) => row.pending_bytes, f.bytes, { title: 'Bytes that wait to be read by the client' }),
  figure('subs', 'Subs', 3.2, (row) => row.subscriptions, f.count),
  figure('rtt', 'RTT', 5, (row) => f.parseDuration(row.rtt) || undefined, f.duration),
  figure('uptime', 'Uptime', 4.8, (row) => f.parseDuration(row.uptime), f.duration),
  figure('idle', 'Idle', 4.4, (row) => f.parseDuration(row.idle), f.duration),
  text('library', 'Client library', 9.6, library),
];

export const closed = [
  text('name', 'Client', 10.5, name),
  text('server', 'Server', 4.6, (row) => row.server_name),
  text('account', 'Account', 6, account),
  text('address', 'Address', 10.4, address),
  text('reason', 'Reason', 17, (row) => row.reason),
  { ...figure('stop', 'Closed', 7, (row) => f.parseTime(row.stop), (time) => time === undefined ? f.unknown : f.ago(new Date(time * 1000).toISOString()), { exact: (row) => row.stop }) },
  figure('uptime', 'Lasted', 5.5, (row) => row.lasted ?? f.parseDuration(row.uptime), f.duration),
  figure('msgs_from', 'Sent', 6, (row) => row.in_msgs, f.count),
  figure('msgs_to', 'Received', 6, (row) => row.out_msgs, f.count),
  figure('bytes_from', 'Bytes sent', 6.5, (row) => row.in_bytes, f.bytes),
  figure('bytes_to', 'Bytes received', 7, (row) => row.out_bytes, f.bytes),
  text('library', 'Client library', 9.6, library),
];

/** Sums of open connections. */
export const groups = [
  text('name', 'Group', 16, (row) => row.name || 'without a name'),
  figure('connections', 'Connections', 7, (row) => row.connections, f.count),
  figure('rate_in_msgs', 'Msgs in', 6, (row) => row.rates?.in_msgs, f.perSecond),
  figure('rate_out_msgs', 'Msgs out', 6, (row) => row.rates?.out_msgs, f.perSecond),
  figure('rate_in_bytes', 'Bytes in', 6.5, (row) => row.rates?.in_bytes, f.bytesPerSecond),
  figure('rate_out_bytes', 'Bytes out', 6.5, (row) => row.rates?.out_bytes, f.bytesPerSecond),
  figure('pending', 'Pending', 6, (row) => row.pending_bytes, f.bytes),
  figure('subs', 'Subs', 5, (row) => row.subscriptions, f.count),
];

/** Closed connections of one client for one reason. */
export const closedGroups = [
  text('name', 'Client', 14, (row) => row.name || 'without a name'),
  figure('count', 'Times', 5, (row) => row.count, f.count),
  text('reason', 'Reason', 20, (row) => row.reason),
  text('servers', 'Servers', 10, (row) => row.servers.join(', ')),
  text('account', 'Account', 8, (row) => row.account),
  figure('stop', 'Last', 7, (row) => f.parseTime(row.stop), (time) => time === undefined ? f.unknown : f.ago(new Date(time * 1000).toISOString()), { exact: (row) => row.stop }),
];

/** Rows of `/closed` as connz has them. */
export function closedRow(row) {
  return {
    name: row.client, server_name: row.server?.name, server_id: row.server?.id, account: row.account, ip: row.host, port: row.port, reason: row.reason, start: row.start, stop: row.stop, lasted: row.duration_seconds,
    in_msgs: row.received?.msgs ?? row.received_msgs, out_msgs: row.sent?.msgs ?? row.sent_msgs, in_bytes: row.received?.bytes ?? row.received_bytes, out_bytes: row.sent?.bytes ?? row.sent_bytes, lang: row.lang, version: row.version, cid: row.cid, authorized_user: row.user,
  };
}

export function closedByClient(rows) {
  const found = new Map();
  for (const row of rows) {
    const key = `${row.name ?? ''}\n${row.reason ?? ''}\n${row.account ?? ''}`;
    const group = found.get(key) ?? { key, name: row.name, reason: row.reason, account: row.account, count: 0, servers: [], stop: '' };
    group.count += 1;
    if (row.server_name && !group.servers.includes(row.server_name)) group.servers.push(row.server_name);
    if ((row.stop ?? '') > group.stop) group.stop = row.stop;
    found.set(key, group);
  }
  return [...found.values()].sort((a, b) => b.count - a.count);
}

/** At a moment that has passed nothing goes through a connection any more: what had gone through it until then is shown. */
const then = (columns) => columns.filter((column) => !column.key.startsWith('rate_')).map((column) => ({ ...column, hidden: column.key === 'idle' || (column.hidden && !/^(in|out)_/.test(column.key)) }));
export const openThen = then(open);
export const groupsThen = then(groups);
