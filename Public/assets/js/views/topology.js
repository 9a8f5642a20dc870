// Servers as nodes, clusters as groups; routes, gateways and leafnodes as edges. A table of the same stands below.

import { h, s, setText, replace } from '../dom.js';
import { gather } from '../api.js';
import * as f from '../format.js';
import { makeTable, sortRows, parseSort, nextSort, sortText } from '../table.js';
import { layout } from '../layout.js';
import { joinLinks } from '../links.js';
import * as url from '../url.js';

const text = (value) => ({ value, show(cell, row) { setText(cell, value(row) || '—'); cell.title = value(row) ?? ''; } });
const columns = [
  { key: 'kind', label: 'Link', width: 6, ...text((row) => row.kind) },
  { key: 'from', label: 'From', width: 8, ...text((row) => row.fromName) },
  { key: 'to', label: 'To', width: 8, ...text((row) => row.toName) },
  { key: 'state', label: 'State', width: 14, value: (row) => row.problem ?? '', show(cell, row) { setText(cell, row.problem ?? 'both ends agree'); cell.className = row.problem ? 'bad' : 'quiet'; cell.title = row.note ?? ''; } },
  { key: 'rtt', label: 'RTT', width: 6, number: true, value: (row) => row.rtt, show(cell, row) { setText(cell, f.duration(row.rtt)); } },
  { key: 'rate', label: 'Traffic', width: 7, number: true, value: (row) => row.rate, show(cell, row) { setText(cell, f.bytesPerSecond(row.rate)); cell.title = `${f.exact(row.bytes)} bytes since connected`; } },
  { key: 'connections', label: 'Connections', width: 6, number: true, value: (row) => row.connections, show(cell, row) { setText(cell, f.count(row.connections)); } },
  { key: 'note', label: 'Detail', width: 12, ...text((row) => row.note) },
];

export function mount(root, { store, state }) {
  let present = state;
  let links = [];
  let stubs = [];
  let loaded = false;
  let before = new Map();
  let sort = { key: 'state', direction: 'descending' };
  const note = h('span', { class: 'quiet' });
  const problem = h('p', { class: 'bad' });
  const guessed = h('p', { class: 'quiet', hidden: true }, 'Servers before 2.9.15 do not say who is at the far end of a leafnode: those links are joined by account, and may be drawn to the wrong server.');
  const picture = h('figure', { class: 'topology' });
  const table = makeTable(columns, { caption: 'Links', key: (row) => row.key, onSort: (key, column) => url.patch({ sort: sortText(nextSort(sort, column)) }) });
  root.append(h('div', { class: 'head' }, h('h1', {}, 'Topology'), note), problem, picture,
    h('p', { class: 'legend quiet' }, h('span', { class: 'key-route' }, 'route'), h('span', { class: 'key-gateway' }, 'gateway'), h('span', { class: 'key-leaf' }, 'leafnode'), h('span', { class: 'key-bad' }, 'one-sided or missing')), guessed,
    h('section', { class: 'section' }, h('h2', {}, 'Links'), h('div', { class: 'scroll-x' }, table.element)));

  const stop = store.every(5, async (signal) => {
    try {
      // Links cross clusters: the whole system is asked whatever the scope, and then the scope is shown.
      const scope = { path: '', name: '' };
      const [routez, gatewayz, leafz] = await Promise.all(['routez', 'gatewayz', 'leafz'].map((endpoint) => gather(scope, endpoint, {}, { signal })));
      const now = Date.now() / 1000;
      ({ links, stubs } = joinLinks(routez.servers, gatewayz.servers, leafz.servers, store.roster));
      const after = new Map();
      for (const each of links) {
        const past = before.get(each.key);
        if (past && now - past.now > 0.5 && each.bytes >= past.bytes) each.rate = (each.bytes - past.bytes) / (now - past.now);
        after.set(each.key, { now, bytes: each.bytes });
      }
      before = after;
      loaded = true;
      guessed.hidden = !links.some((link) => link.guessed);
      const missing = [routez, gatewayz, leafz].find((answer) => answer.completeness?.complete === false);
      setText(problem, missing ? `Not every server answered: ${(missing.completeness.missing ?? []).map((each) => each.name).join(', ')}. Links are drawn as the others see them.` : '');
    } catch (error) {
      if (error.name !== 'AbortError') setText(problem, error.message);
      show();
      throw error;
    }
    show();
  });

  function show() {
    const inScope = new Set(store.inScope().map((server) => server.id));
    const shown = links.filter((link) => store.scope.kind === 'all' || store.scope.kind === 'account' || inScope.has(link.from) || inScope.has(link.to));
    const broken = shown.filter((link) => link.problem).length;
    setText(note, loaded ? `${f.plural(shown.length, 'link')}${broken ? `, ${broken} not as it should be` : ''}` : '');
    table.show(sortRows(shown, columns.find((column) => column.key === sort.key).value, sort.direction), { sorted: sort, empty: loaded ? 'No server is linked to another: there are no routes, gateways or leafnodes.' : problem.textContent ? '' : 'Asking …' });
    if (loaded) draw(picture, store, shown, stubs, inScope);
  }

  function update(next) {
    present = next;
    sort = parseSort(present.parameters.get('sort'), columns, sort);
    show();
  }

  store.addEventListener('change', show);
  update(state);
  return {
    update,
    destroy() {
      stop();
      store.removeEventListener('change', show);
      table.destroy();
    },
  };
}

function draw(picture, store, links, stubs, inScope) {
  const servers = store.inScope();
  const outside = store.roster.filter((server) => !inScope.has(server.id) && links.some((link) => link.from === server.id || link.to === server.id));
  const nodes = [...servers, ...outside, ...stubs.filter((stub) => links.some((link) => link.to === stub.id || link.from === stub.id))];
  const key = JSON.stringify([nodes.map((node) => [node.id, node.state]), links.map((link) => [link.key, link.problem, Math.round(link.rtt * 1e5), Math.round(Math.log2(1 + (link.rate ?? 0)))])]);
  if (picture.shown_ === key) return;
  picture.shown_ = key;
  const { width, height, groups, position } = layout(nodes);
  const edges = links.filter((link) => position.has(link.from) && position.has(link.to)).map((link) => edge(link, position));
  const busy = (node) => node.statsz?.connections ?? 0;
  const svg = s('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `${nodes.length} servers and ${links.length} links; the table below lists them` },
    groups.map((group) => s('g', {}, s('circle', { class: 'group', cx: group.x, cy: group.y, r: group.r }), s('text', { class: 'group-name', x: group.x, y: group.y - group.r - 8, 'text-anchor': 'middle' }, group.name))),
    s('g', { class: 'edges' }, edges),
    nodes.map((node) => {
      const at = position.get(node.id);
      return s('g', { class: `server ${node.stub ? 'stub' : ''}`, data: { state: node.state ?? 'unknown' } }, s('title', {}, node.stub ? `${node.name}: not part of the system account` : `${node.name} ${node.state}, ${f.plural(busy(node), 'connection')}`),
        s('a', { href: node.stub ? undefined : url.link('servers', { open: node.name }, '') }, s('circle', { cx: at.x, cy: at.y, r: 11 }), s('text', { x: at.x + at.dx * 18, y: at.y + at.dy * 18 + 4, 'text-anchor': at.dx > 0.3 ? 'start' : at.dx < -0.3 ? 'end' : 'middle' }, node.name)));
    }));
  // Never much larger than drawn: the words in it should not shout.
  svg.style.maxWidth = `${Math.round(width * 1.25)}px`;
  replace(picture, svg);
}

function edge(link, position) {
  const a = position.get(link.from);
  const b = position.get(link.to);
  const weight = 1 + Math.min(6, Math.log10(1 + (link.rate ?? 0) / 100) * 1.6);
  const bend = link.kind === 'gateway' ? 0.12 : 0;
  const middle = { x: (a.x + b.x) / 2 + (b.y - a.y) * bend, y: (a.y + b.y) / 2 - (b.x - a.x) * bend };
  // A third of the way along, so that links that cross in the middle keep their labels apart.
  const along = (axis) => 0.423 * a[axis] + 0.455 * middle[axis] + 0.122 * b[axis];
  const label = link.rtt ? s('text', { class: 'rtt', x: along('x'), y: along('y') + 3, 'text-anchor': 'middle' }, f.duration(link.rtt)) : null;
  return s('g', { class: `edge ${link.kind} ${link.problem ? 'broken' : ''}` }, s('title', {}, `${link.kind} ${link.fromName} – ${link.toName}: ${link.problem ?? 'both ends agree'}${link.rate === undefined ? '' : `, ${f.bytesPerSecond(link.rate)}`}`),
    s('path', { d: `M${a.x} ${a.y}Q${middle.x} ${middle.y} ${b.x} ${b.y}`, 'stroke-width': weight.toFixed(1) }), label);
}
