// A large system as a plan: clusters as boxes with their servers as cells and their routes as a matrix, gateways as a table of clusters,
// leafnodes summed up by account. Nothing of it moves as figures change.

import { gatewayBundles } from './bundles.js';
import { h, reconcile, replace, s, setAttribute, setText } from './dom.js';
import * as f from './format.js';
import * as url from './url.js';

/** More servers than this are drawn as a plan. */
export const mostDrawn = 24;
/** A matrix of more servers than this has squares too small to be told apart. */
const mostSquares = 150;

const lone = ['alone', 'outside'];
const titles = { alone: 'Without a cluster', outside: 'Not part of the system account' };

/** Members by cluster, then those without one, and the strangers at its edge: [{ key, name, members }], in order. */
export function boxesOf(nodes) {
  const boxes = new Map();
  for (const node of nodes) {
    const [kind, name] = node.state === 'outside' ? ['outside', ''] : !node.cluster || node.cluster === node.name ? ['alone', ''] : ['cluster', node.cluster];
    const key = `${kind} ${name}`;
    if (!boxes.has(key)) boxes.set(key, { key, kind, name, members: [] });
    boxes.get(key).members.push(node);
  }
  for (const { members } of boxes.values()) members.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  return [...boxes.values()].sort((a, b) => lone.indexOf(a.kind) - lone.indexOf(b.kind) || a.name.localeCompare(b.name, 'en', { numeric: true }));
}

/**
 * The squares of a cluster's routes: { size, well, doubtful, broken, counts }, each a path of unit squares, at the places of both ends.
 * @param {any[]} members
 * @param {any[]} links
 * @param {(link: any) => boolean} isFault
 */
export function matrixOf(members, links, isFault) {
  const at = new Map(members.map((node, index) => [node.node, index]));
  const paths = { well: '', doubtful: '', broken: '' };
  const counts = { well: 0, doubtful: 0, broken: 0 };
  for (const link of links) {
    const [a, b] = [at.get(link.from.node), at.get(link.to.node)];
    if (link.kind !== 'route' || a === undefined || b === undefined) continue;
    const look = isFault(link) ? 'broken' : link.state === 'agreed' ? 'well' : 'doubtful';
    counts[look] += 1;
    paths[look] += `M${a} ${b}h.9v.9h-.9zM${b} ${a}h.9v.9h-.9z`;
  }
  return { size: members.length, ...paths, counts };
}

/** Leafnodes by account and the cluster of their hub: [{ account, cluster, links, well, broken, bytes }], what is not well first. */
export function leavesOf(links, isFault, traffic) {
  const found = new Map();
  for (const link of links) {
    if (link.kind !== 'leafnode') continue;
    const key = `${link.account}\n${link.from.cluster}`;
    const sum = found.get(key) ?? { account: link.account || '$G', cluster: link.from.cluster, links: 0, well: 0, broken: 0, bytes: undefined };
    sum.links += 1;
    if (link.state === 'agreed') sum.well += 1;
    if (isFault(link)) sum.broken += 1;
    const bytes = traffic(link);
    if (bytes !== undefined) sum.bytes = (sum.bytes ?? 0) + bytes;
    found.set(key, sum);
  }
  return [...found.values()].sort((a, b) => b.broken - a.broken || b.links - a.links || a.account.localeCompare(b.account));
}

/** How so many links are: what only one end tells of is not known to be well, and no fault. */
const wellText = (well, links, broken = 0) => well === links ? 'all well' : broken ? `${f.count(broken)} not as they should be` : `${f.count(links - well)} told by one end only`;

/** The plan: { element, show(nodes, links, isFault, traffic) }. */
export function makePlan() {
  const boxes = h('div', { class: 'plan' });
  const gateways = h('section', { class: 'section', hidden: true }, h('h2', {}, 'Gateways'), h('div', { class: 'scroll' }));
  const leaves = h('section', { class: 'section', hidden: true }, h('h2', {}, 'Leafnodes by account'), h('ul', { class: 'plain-list' }));
  return {
    element: h('div', {}, boxes, gateways, leaves),
    show(nodes, links, isFault, traffic) {
      reconcile(boxes, boxesOf(nodes), (box) => box.key, makeBox, (element, box) => showBox(element, box, links, isFault));
      showGateways(gateways, gatewayBundles(links, isFault, traffic));
      showLeaves(leaves, leavesOf(links, isFault, traffic));
    },
  };
}

function makeBox({ kind, name }) {
  const note = h('span', { class: 'faint' });
  const cells = h('div', { class: 'heat', role: 'list' });
  const picture = h('div', { class: 'matrix' });
  const title = name ? h('a', { href: url.link('topology', {}, `cluster/${name}`) }, name) : titles[kind];
  return Object.assign(h('section', { class: 'box' }, h('h3', {}, title, ' ', note), cells, picture), { note_: note, cells_: cells, picture_: picture });
}

function showBox(element, { members }, links, isFault) {
  const matrix = matrixOf(members, links, isFault);
  const routes = matrix.counts.well + matrix.counts.doubtful + matrix.counts.broken;
  setText(element.note_, [f.plural(members.length, 'server'), routes ? `${f.plural(routes, 'route')}, ${wellText(matrix.counts.well, routes, matrix.counts.broken)}` : ''].filter(Boolean).join(' · '));
  reconcile(element.cells_, members, (node) => node.node, (node) => h('a', { class: 'cell', role: 'listitem', href: url.link('servers', { open: node.name }, '') }), (cell, node) => {
    const words = `${node.name}: ${node.state}${['suspect', 'gone'].includes(node.state) ? `, last heard ${f.ago(node.last_seen)}` : ''}`;
    setAttribute(cell, 'data-state', node.state);
    setAttribute(cell, 'title', words);
    setAttribute(cell, 'aria-label', words);
  });
  const key = JSON.stringify(matrix);
  if (element.picture_.shown_ === key) return;
  element.picture_.shown_ = key;
  const isShown = routes > 0 && members.length > 2 && members.length <= mostSquares;
  const words = `Routes of ${members.length} servers: ${matrix.counts.broken} broken, ${matrix.counts.doubtful} told by one end, ${matrix.counts.well} well`;
  const svg = isShown ? s('svg', { viewBox: `0 0 ${matrix.size} ${matrix.size}`, role: 'img', 'aria-label': words }, s('title', {}, words),
    ['well', 'doubtful', 'broken'].map((look) => s('path', { class: look, d: matrix[look] }))) : null;
  if (svg) svg.style.width = `${Math.min(16, Math.max(4, matrix.size * 0.8))}rem`;
  replace(element.picture_, svg);
}

/** A table of clusters against clusters: how many of how many are well, the longest round trip, the traffic. */
function showGateways(section, bundles) {
  section.hidden = bundles.length === 0;
  if (section.hidden) return;
  const names = [...new Set(bundles.flatMap(({ a, b }) => [a, b]))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const of = new Map(bundles.map((each) => [`${each.a}\n${each.b}`, each]));
  const cell = (row, column) => {
    const each = of.get([row, column].sort().join('\n'));
    if (row === column || !each) return h('td', { class: 'faint' }, row === column ? '' : f.unknown);
    return h('td', { class: each.isBroken ? 'bad' : each.well < each.links ? 'warn' : '', title: wellText(each.well, each.links, each.isBroken ? each.links - each.well : 0) },
      [each.well === each.links ? f.count(each.links) : `${f.count(each.well)} of ${f.count(each.links)}`, each.worst === undefined ? '' : f.duration(each.worst), each.bytes === undefined ? '' : f.bytesPerSecond(each.bytes)].filter(Boolean).join(' · '));
  };
  replace(section.lastElementChild, h('table', { class: 'plain' }, h('caption', { class: 'visually-hidden' }, 'Gateways between clusters'), h('thead', {}, h('tr', {}, h('td', {}), names.slice(1).map((name) => h('th', { scope: 'col' }, name)))),
    h('tbody', {}, names.slice(0, -1).map((row, index) => h('tr', {}, h('th', { scope: 'row' }, row), names.slice(1).map((column, at) => at < index ? h('td', {}) : cell(row, column)))))));
}

function showLeaves(section, leaves) {
  section.hidden = leaves.length === 0;
  replace(section.lastElementChild, leaves.slice(0, 100).map((each) => h('li', {}, h('a', { href: url.link('accounts', { open: each.account }, '') }, each.account),
    h('span', { class: each.broken ? 'bad' : 'quiet' }, `${f.plural(each.links, 'leafnode')}${each.cluster ? ` to ${each.cluster}` : ''}, ${wellText(each.well, each.links, each.broken)}`), each.bytes === undefined ? null : h('span', { class: 'faint' }, f.bytesPerSecond(each.bytes)))),
    leaves.length > 100 ? h('li', { class: 'quiet' }, `${f.count(leaves.length - 100)} more accounts`) : null);
}
