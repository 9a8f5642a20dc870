// Events that repeat, as one line; how many there were when; what a storm was made of.

import * as f from './format.js';

/** What many names have in common: `browser-01393` is `browser-*`, as the gateway has it. */
export function stem(name) {
  const parts = (name ?? '').split(/([-_.:/ ])/);
  for (let index = 0; index < parts.length; index += 2) {
    if (!/\d/.test(parts[index])) continue;
    const before = parts.slice(0, index).join('');
    return `${index === 0 ? parts[0].replace(/\d.*$/, '') : before}*`;
  }
  return name ?? '';
}

/** What makes two events the same to whoever reads: who, what, why. */
export function likeness(row) {
  const body = row.event ?? {};
  return [row.type, stem(row.client), row.account ?? '', body.reason ?? '', body.before ?? '', body.state ?? '', ['gap', 'storm'].includes(row.type) ? row.key : ''].join('\n');
}

/**
 * Rows, the newest first, with those that repeat within `within` seconds as one: its newest, with `count`, `servers`, `names`, `from`.
 * @param {any[]} rows
 */
export function grouped(rows, within = 300) {
  const groups = [];
  const open = new Map();
  for (const row of rows) {
    const time = f.parseTime(row.received) ?? 0;
    const key = likeness(row);
    const group = open.get(key);
    if (group && group.from - time <= within) {
      group.count += 1;
      group.from = time;
      if (row.server?.name && !group.servers.includes(row.server.name)) group.servers.push(row.server.name);
      if (row.client) group.names.add(row.client);
      continue;
    }
    const begun = { ...row, count: 1, from: time, servers: row.server?.name ? [row.server.name] : [], names: new Set(row.client ? [row.client] : []), like: key };
    open.set(key, begun);
    groups.push(begun);
  }
  return groups;
}

const trouble = new Set(['auth_error', 'shutdown', 'lame_duck', 'gap', 'storm']);

/** Whether an event is one of trouble: refused, cut off, gone. */
export const isTrouble = (row) => trouble.has(row.type) || (row.type === 'disconnect' && /slow|stale|timeout|revoked|violation|exceeded/i.test(row.event?.reason ?? ''));

/** How many events there were in each of `count` equal parts of the time between `from` and `until`: [{ all, trouble }]. */
export function histogram(rows, from, until, count) {
  const bars = Array.from({ length: count }, () => ({ all: 0, trouble: 0 }));
  for (const row of rows) {
    const time = f.parseTime(row.received);
    if (time === undefined || time < from || time > until) continue;
    const bar = bars[Math.min(count - 1, Math.floor(((time - from) / (until - from)) * count))];
    const weight = row.type === 'storm' ? row.event?.count ?? 1 : 1;
    bar.all += weight;
    if (isTrouble(row)) bar.trouble += weight;
  }
  return bars;
}

/** "legacy-cron refused 47 times on a1, a2, a3". */
export function groupText(group, sentence) {
  if (group.count === 1) return sentence;
  const many = group.names.size > 1 ? `, ${f.count(group.names.size)} clients` : '';
  const seconds = (f.parseTime(group.received) ?? group.from) - group.from;
  return `${f.count(group.count)} times within ${f.duration(Math.max(1, Math.round(seconds)))}${group.servers.length > 1 ? ` on ${group.servers.slice(0, 4).join(', ')}${group.servers.length > 4 ? ' …' : ''}` : ''}${many}: ${sentence}`;
}
