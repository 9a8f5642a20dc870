// Where servers stand: each cluster is a ring of its members, the clusters stand around the middle.

/** Places nodes by their key `node`: { width, height, groups: [{ name, x, y, r }], position: key → { x, y, dx, dy } }. */
export function layout(nodes) {
  const byCluster = new Map();
  for (const node of nodes) {
    // A leafnode without a cluster names itself as one; those and stubs share the rim instead of a ring each.
    const lone = node.state === 'outside' || !node.cluster || node.cluster === node.name;
    const name = lone ? '' : node.cluster;
    if (!byCluster.has(name)) byCluster.set(name, []);
    byCluster.get(name).push(node);
  }
  const lone = byCluster.get('') ?? [];
  byCluster.delete('');
  const groups = [...byCluster.entries()].sort((a, b) => a[0].localeCompare(b[0]))
    .map(([name, members]) => ({ name, x: 0, y: 0, members: members.sort((a, b) => a.name.localeCompare(b.name)), r: members.length === 1 ? 40 : Math.max(86, members.length * 15) }));
  const largest = Math.max(60, ...groups.map((group) => group.r));
  const columns = Math.max(1, Math.min(groups.length, 4));
  const cell = largest * 2 + 170;
  const position = new Map();
  groups.forEach((group, index) => {
    group.x = cell / 2 + (index % columns) * cell + 40;
    group.y = largest + 60 + Math.floor(index / columns) * (cell - 30);
    group.members.forEach((member, at) => {
      const angle = -Math.PI / 2 + (2 * Math.PI * at) / group.members.length;
      const alone = group.members.length === 1;
      position.set(member.node, {
        x: group.x + (alone ? 0 : Math.cos(angle) * (group.r - 22)), y: group.y + (alone ? 0 : Math.sin(angle) * (group.r - 22)),
        dx: alone ? 0 : Math.cos(angle), dy: alone ? 1.4 : Math.sin(angle) || 0,
      });
    });
  });
  const rows = Math.max(1, Math.ceil(groups.length / columns));
  const below = groups.length ? (largest * 2 + 100) + (rows - 1) * (cell - 30) : 40;
  const width = Math.max(520, columns * cell + 80);
  const step = width / (lone.length + 1);
  lone.forEach((node, index) => position.set(node.node, { x: step * (index + 1), y: below + 50 + (index % 2) * 24, dx: 0, dy: 1.4 }));
  return { width, height: below + (lone.length ? 120 : 0), groups, position };
}

/**
 * Curves for edges [a, b] between places: { a, middle, b } of a quadratic curve each. Those between the same two places stand
 * apart, and none passes through a third place while there is a way round it.
 */
export function bend(edges, places) {
  const groups = new Map();
  edges.forEach(([a, b], index) => {
    const key = [a, b].map((place) => `${place.x} ${place.y}`).sort().join(' ');
    groups.set(key, [...(groups.get(key) ?? []), index]);
  });
  const curves = new Array(edges.length);
  for (const indices of groups.values()) {
    const [first, second] = edges[indices[0]];
    const others = places.filter((place) => place !== first && place !== second);
    // All curves of two places bend as seen from the first of them, whichever way each runs.
    const offsets = indices.map((_, index) => (index - (indices.length - 1) / 2) * 0.16);
    const shift = [0, 0.16, -0.16, 0.32, -0.32, 0.5, -0.5].find((each) => offsets.every((offset) => others.every((place) => isClear(first, second, offset + each, place)))) ?? 0;
    indices.forEach((index, at) => {
      const [a, b] = edges[index];
      curves[index] = { a, b, middle: control(first, second, offsets[at] + shift) };
    });
  }
  return curves;
}

function control(a, b, offset) {
  return { x: (a.x + b.x) / 2 + (b.y - a.y) * offset, y: (a.y + b.y) / 2 - (b.x - a.x) * offset };
}

/** Whether a curve keeps away from a place. */
function isClear(a, b, offset, place) {
  const middle = control(a, b, offset);
  for (let t = 0.05; t < 1; t += 0.05) {
    const along = (axis) => (1 - t) ** 2 * a[axis] + 2 * t * (1 - t) * middle[axis] + t ** 2 * b[axis];
    // A cluster is kept away from as far as it reaches.
    if (Math.hypot(along('x') - place.x, along('y') - place.y) < (place.r ?? 17)) return false;
  }
  return true;
}
