// One server, whichever process it is: a restart gives it a new id, and its past belongs to its name.

/**
 * Servers of the roster, each once by cluster and name: the newest process stands for all, with the past of those before it.
 * `restarted` is when it began, where an earlier one is known to have been there.
 * @param {any[]} servers
 */
export function folded(servers) {
  const groups = new Map();
  for (const server of servers) {
    const key = `${server.cluster ?? ''} ${server.name}`;
    groups.set(key, [...(groups.get(key) ?? []), server]);
  }
  return [...groups.values()].flatMap((group) => {
    // Two that live at the same time are two: a name that is given twice is a fault that must be seen.
    const living = group.filter((server) => server.state !== 'gone');
    if (living.length !== 1 || group.length === 1) return living.length > 1 ? group : [newest(group)];
    const [here] = living;
    const past = group.filter((server) => server !== here);
    return [{ ...here, restarted: here.start, points: [...past.flatMap((server) => server.points ?? []), ...(here.points ?? [])].sort((a, b) => a.time - b.time) }];
  });
}

function newest(group) {
  return group.reduce((best, server) => (server.last_seen ?? '') > (best.last_seen ?? '') ? server : best);
}

/**
 * The sum of a field over servers in steps of `step` seconds up to `end`: { time, value, partial }. Between two reports of a server the
 * last one holds for `holds` steps; a step in which one that was there before or after says nothing is partial.
 */
export function summed(servers, field, { end, span, step, holds = 4 }) {
  const slots = new Map();
  const from = Math.floor((end - span) / step);
  const until = Math.floor(end / step);
  for (const server of servers) {
    const mine = new Map();
    for (const point of server.points ?? []) {
      if (point[field] === null || point[field] === undefined || point.time < end - span) continue;
      mine.set(Math.floor(point.time / step), point[field]);
    }
    let last;
    for (let slot = from; slot <= until; slot += 1) {
      if (mine.has(slot)) last = { value: mine.get(slot), slot };
      if (last && slot - last.slot <= holds) {
        const sum = slots.get(slot) ?? { value: 0, of: 0 };
        slots.set(slot, { value: sum.value + last.value, of: sum.of + 1 });
      }
    }
  }
  const most = Math.max(0, ...[...slots.values()].map((slot) => slot.of));
  return [...slots.entries()].sort((a, b) => a[0] - b[0]).map(([slot, { value, of }]) => ({ time: slot * step, value, partial: of < most }));
}
