// Servers as nodes, clusters as groups; routes, gateways and leafnodes as edges. A table of the same stands below.

import { h, s, replace } from '../dom.js';
import { figure, text } from '../columns.js';
import * as f from '../format.js';
import { gatewayBundles, singles } from '../bundles.js';
import { bend, layout } from '../layout.js';
import { makePlan, mostDrawn } from '../townplan.js';
import { listTable, poll, problemLine, searchBox, viewHead, wholeSystem } from '../view.js';
import * as url from '../url.js';

/** How a link's state is called, and how it is drawn. */
const states = {
  agreed: ['both ends agree', ''], unconfirmed: ['one end reports it', 'doubtful'], one_sided: ['one-sided', 'broken'], missing: ['missing', 'broken'], lost: ['lost', 'broken'], silent: ['both ends silent', 'doubtful'],
};
const isFault = (link) => states[link.state]?.[1] === 'broken';
/** What is wrong sorts above what is doubtful, and that above what is well. */
const gravity = (link) => isFault(link) ? 2 : link.state === 'agreed' ? 0 : 1;
const endName = (end) => end.name || (end.cluster ? `cluster ${end.cluster}` : f.unknown);
/** Bytes both ways, as the gateway has it. */
const traffic = (link) => link.rates && (link.rates.sent_bytes ?? 0) + (link.rates.received_bytes ?? 0);
const total = (link) => [link.from, link.to].filter((end) => end.sent_bytes !== undefined).map((end) => end.sent_bytes + end.received_bytes)[0];
const detail = (link) => [
  link.kind === 'gateway' && `to cluster ${link.to.cluster}${link.configured === false ? ', learnt by gossip' : ''}`, link.account && `account ${link.account}`, link.guessed && 'far end guessed',
].filter(Boolean).join(', ');

const columns = [
  text('kind', 'Link', 6, (link) => link.kind),
  text('from', 'From', 8, (link) => endName(link.from)),
  text('to', 'To', 8, (link) => endName(link.to)),
  { ...text('state', 'State', 9, (link) => states[link.state]?.[0] ?? link.state, { title: (link) => link.sentence, className: (link) => isFault(link) ? 'bad' : 'quiet' }), value: gravity },
  figure('since', 'Since', 7, (link) => link.since, f.ago, { exact: (link) => link.since ?? '' }),
  figure('rtt', 'RTT', 6, (link) => link.rtt_seconds, f.duration),
  figure('rate', 'Traffic', 7, traffic, f.bytesPerSecond, { exact: (link) => `${f.exact(total(link))} bytes since it began` }),
  figure('connections', 'Connections', 6, (link) => link.from.connections ?? link.to.connections, f.count),
  text('note', 'Detail', 12, detail),
];

export function mount(root, { store, state }) {
  let links = [];
  let nodes = [];
  let loaded = false;
  const head = viewHead('Topology');
  const find = searchBox('Find a server or a link', 'Find a link');
  const problem = problemLine();
  const faults = h('ul', { class: 'plain-list faults' });
  const guessed = h('p', { class: 'quiet', hidden: true }, 'Servers before 2.9.15 do not say who is at the far end of a leafnode: those links are joined by account, and may be drawn to the wrong server.');
  const whole = wholeSystem(store.scope, 'Links');
  const picture = h('figure', { class: 'topology' });
  const plan = makePlan();
  const legend = h('p', { class: 'legend quiet' }, h('span', { class: 'key-route' }, 'route'), h('span', { class: 'key-gateway' }, 'gateway'), h('span', { class: 'key-leaf' }, 'leafnode'), h('span', { class: 'key-doubt' }, 'only one end reports it'), h('span', { class: 'key-bad' }, 'one-sided, missing or lost'));
  const table = listTable({
    caption: 'Links', columns, key: (link) => link.link, sort: { key: 'state', direction: 'descending' },
    texts: (link) => [link.kind, endName(link.from), endName(link.to), link.account, link.from.cluster, link.to.cluster, link.sentence],
  });
  root.append(head.element, problem.element, whole, faults, picture, plan.element, legend, guessed,
    h('section', { class: 'section' }, h('h2', {}, 'Links'), h('div', { class: 'toolbar' }, find.element), table.element));

  const stop = poll(store, 5, {
    path: () => `${store.scope.kind === 'account' ? '' : store.scope.path}/topology`, problem, consequence: 'Their links are shown as the others see them.',
    take(document) {
      ({ links, nodes } = document);
      loaded = true;
      guessed.hidden = !links.some((link) => link.guessed);
    },
    done: show,
  });

  function show() {
    const wrong = links.filter(isFault);
    head.note(loaded ? `${f.plural(links.length, 'link')}${wrong.length ? `, ${f.count(wrong.length)} not as ${wrong.length === 1 ? 'it' : 'they'} should be` : ''}` : '');
    replace(faults, wrong.slice(0, 8).map((link) => h('li', {}, h('span', { class: 'tag bad' }, states[link.state]?.[0] ?? link.state), `${nameOf(link)}: ${link.sentence}`, link.since ? h('span', { class: 'faint' }, f.ago(link.since)) : null)),
      wrong.length > 8 ? h('li', { class: 'quiet' }, `${f.count(wrong.length - 8)} more in the table below`) : null);
    faults.hidden = wrong.length === 0;
    table.show(links, { empty: loaded ? (table.wanted() ? `No link fits “${table.wanted()}”.` : 'No server is linked to another: there are no routes, gateways or leafnodes.') : problem.isEmpty() ? 'Asking …' : '' });
    const isLarge = nodes.length > mostDrawn;
    picture.hidden = legend.hidden = isLarge;
    plan.element.hidden = !isLarge;
    if (!loaded) return;
    if (isLarge) plan.show(nodes, links, isFault, traffic);
    else draw(picture, nodes, links);
  }

  function update(next) {
    table.update(next.parameters);
    find.update(next.parameters);
    show();
  }

  update(state);
  return {
    update,
    destroy() {
      stop();
      table.destroy();
    },
  };
}

const nameOf = (link) => `${link.kind} ${endName(link.from)} – ${endName(link.to)}`;

/** More links than this are drawn without their round trips: they stand in the table, and under the pointer. */
const labelled = 24;

function draw(picture, nodes, links) {
  const key = JSON.stringify([nodes.map((node) => [node.node, node.state]), links.map((link) => [link.link, link.state, link.to.node, Math.round((link.rtt_seconds ?? 0) * 1e5), Math.round(Math.log2(1 + (traffic(link) ?? 0)))])]);
  if (picture.shown_ === key) return;
  picture.shown_ = key;
  const { width, height, groups, position } = layout(nodes);
  const placeOf = (end) => position.get(end.node) ?? groups.find((group) => !end.node && group.name === end.cluster);
  const isCrowded = links.length > labelled;
  const alone = isCrowded ? singles(links, nodes, isFault) : links;
  const drawn = alone.map((link) => ({ link, a: placeOf(link.from), b: placeOf(link.to) })).filter(({ a, b }) => a && b);
  const bundles = isCrowded ? gatewayBundles(links, isFault, traffic).map((each) => ({ ...each, from: groups.find((group) => group.name === each.a), to: groups.find((group) => group.name === each.b) })).filter(({ from, to }) => from && to) : [];
  const bundleCurves = bend(bundles.map(({ from, to }) => [from, to]), groups);
  const curves = bend(drawn.map(({ a, b }) => [a, b]), [...position.values()]);
  const boxes = nodes.flatMap((node) => boxesOf(node, position.get(node.node)));
  const labels = isCrowded ? [] : drawn.map(({ link }, index) => label(link, curves[index], boxes));
  // What bends out of the picture makes it larger.
  const top = Math.min(0, ...[...curves, ...bundleCurves].map(({ a, middle, b }) => (a.y + 2 * middle.y + b.y) / 4 - 24));
  const svg = s('svg', { viewBox: `0 ${top} ${width} ${height - top}`, role: 'group', 'aria-label': `${nodes.length} servers and ${links.length} links; the table below lists them` },
    groups.map((group) => s('g', {}, s('circle', { class: 'group', cx: group.x, cy: group.y, r: group.r }), s('text', { class: 'group-name', x: group.x, y: group.y - group.r - 8, 'text-anchor': 'middle' }, group.name))),
    s('g', { class: 'edges' }, bundles.map((each, index) => bundle(each, bundleCurves[index])), drawn.map(({ link }, index) => edge(link, curves[index]))),
    nodes.map((node) => server(node, position.get(node.node))), labels);
  // Never much larger than drawn: the words in it should not shout.
  svg.style.maxWidth = `${Math.round(width * 1.25)}px`;
  replace(picture, svg);
}

/** What a server and its name cover. */
function boxesOf(node, { x, y, dx, dy }) {
  const w = shortName(node.name).length * 8;
  const side = dx > 0.3 ? w / 2 : dx < -0.3 ? -w / 2 : 0;
  return [{ x, y, w: 30, h: 26 }, { x: x + dx * 18 + side, y: y + dy * 18, w, h: 16 }];
}

/** All gateways of two clusters as one line: how many of how many are well, the longest round trip, the traffic. */
function bundle({ a, b, links, well, worst, bytes, isBroken, from, to }, { middle }) {
  const words = `${well === links ? f.count(links) : `${f.count(well)} of ${f.count(links)}`}${worst === undefined ? '' : ` · ${f.duration(worst)}`}${bytes === undefined ? '' : ` · ${f.bytesPerSecond(bytes)}`}`;
  // From edge to edge of the two clusters.
  const toward = (one, other) => {
    const length = Math.hypot(other.x - one.x, other.y - one.y) || 1;
    return { x: one.x + ((other.x - one.x) / length) * one.r, y: one.y + ((other.y - one.y) / length) * one.r };
  };
  const [start, end] = [toward(from, middle), toward(to, middle)];
  const at = { x: (start.x + 2 * middle.x + end.x) / 4, y: (start.y + 2 * middle.y + end.y) / 4 };
  const weight = 1.5 + Math.min(2.5, Math.log10(1 + (bytes ?? 0) / 1000));
  return s('g', { class: `edge gateway ${isBroken ? 'broken' : well < links ? 'doubtful' : ''}` }, s('title', {}, `${f.plural(links, 'gateway')} between ${a} and ${b}, ${f.count(well)} well`),
    s('path', { d: `M${start.x} ${start.y}Q${middle.x} ${middle.y} ${end.x} ${end.y}`, 'stroke-width': weight.toFixed(1) }), s('text', { class: 'rtt', x: at.x, y: at.y + 3.5, 'text-anchor': 'middle' }, words));
}

const stateWords = { outside: 'not part of the system account', unheard: 'has never answered the gateway', lame_duck: 'lame duck' };

function server(node, at) {
  const circle = s('circle', { cx: at.x, cy: at.y, r: 11 });
  const name = s('text', { x: at.x + at.dx * 18, y: at.y + at.dy * 18 + 4, 'text-anchor': at.dx > 0.3 ? 'start' : at.dx < -0.3 ? 'end' : 'middle' }, shortName(node.name));
  const isServer = !['outside', 'unheard'].includes(node.state);
  const words = `${node.name}: ${stateWords[node.state] ?? node.state}${['suspect', 'gone'].includes(node.state) ? `, last heard ${f.ago(node.last_seen)}` : ''}`;
  return s('g', { class: 'server', data: { state: node.state } }, s('title', {}, words), isServer ? s('a', { href: url.link('servers', { open: node.name }, '') }, circle, name) : [circle, name]);
}

/** An id in place of a name is too long to be read. */
const shortName = (name) => name.length > 24 ? `${name.slice(0, 10)}…` : name;

function edge(link, { a, middle, b }) {
  const weight = 1 + Math.min(3.5, Math.log10(1 + (traffic(link) ?? 0) / 100));
  const rate = traffic(link);
  return s('g', { class: `edge ${link.kind} ${states[link.state]?.[1] ?? ''}` }, s('title', {}, `${nameOf(link)}: ${link.sentence}${rate === undefined ? '' : ` ${f.bytesPerSecond(rate)}`}${link.rtt_seconds ? `, round trip ${f.duration(link.rtt_seconds)}` : ''}`),
    s('path', { d: `M${a.x} ${a.y}Q${middle.x} ${middle.y} ${b.x} ${b.y}`, 'stroke-width': weight.toFixed(1) }));
}

/** The round trip, on a part of the line where nothing else is written; nowhere, where there is none. */
function label(link, { a, middle, b }, boxes) {
  if (!link.rtt_seconds) return null;
  const words = f.duration(link.rtt_seconds);
  const box = { w: words.length * 6, h: 13 };
  for (const t of [0.5, 0.4, 0.6, 0.3, 0.7]) {
    const along = (axis) => (1 - t) ** 2 * a[axis] + 2 * t * (1 - t) * middle[axis] + t ** 2 * b[axis];
    [box.x, box.y] = [along('x'), along('y')];
    if (boxes.some((other) => Math.abs(other.x - box.x) < (other.w + box.w) / 2 && Math.abs(other.y - box.y) < (other.h + box.h) / 2)) continue;
    boxes.push(box);
    return s('text', { class: 'rtt', x: box.x, y: box.y + 3.5, 'text-anchor': 'middle' }, words);
  }
  return null;
}
