// Where servers stand: each cluster is a ring of its members, the clusters stand around the middle.

/** Places nodes: { width, height, groups: [{ name, x, y, r }], position: id → { x, y, dx, dy } }. */
export function layout(nodes) {
  const byCluster = new Map();
  for (const node of nodes) {
    // A leafnode without a cluster names itself as one; those and stubs share the rim instead of a ring each.
    const lone = node.stub || !node.cluster || node.cluster === node.name;
    const name = lone ? '' : node.cluster;
    if (!byCluster.has(name)) byCluster.set(name, []);
    byCluster.get(name).push(node);
  }
  const lone = byCluster.get('') ?? [];
  byCluster.delete('');
  const groups = [...byCluster.entries()].sort((a, b) => a[0].localeCompare(b[0]))
    .map(([name, members]) => ({ name, members: members.sort((a, b) => a.name.localeCompare(b.name)), r: members.length === 1 ? 40 : Math.max(62, members.length * 15) }));
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
      position.set(member.id, {
        x: group.x + (alone ? 0 : Math.cos(angle) * (group.r - 22)), y: group.y + (alone ? 0 : Math.sin(angle) * (group.r - 22)),
        dx: alone ? 0 : Math.cos(angle), dy: alone ? 1.4 : Math.sin(angle) || 0,
      });
    });
  });
  const rows = Math.max(1, Math.ceil(groups.length / columns));
  const below = groups.length ? (largest * 2 + 100) + (rows - 1) * (cell - 30) : 40;
  const width = Math.max(520, columns * cell + 80);
  const step = width / (lone.length + 1);
  lone.forEach((node, index) => position.set(node.id, { x: step * (index + 1), y: below + 50 + (index % 2) * 24, dx: 0, dy: 1.4 }));
  return { width, height: below + (lone.length ? 120 : 0), groups, position };
}
