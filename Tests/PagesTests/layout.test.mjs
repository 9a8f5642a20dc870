import test from 'node:test';
import assert from 'node:assert/strict';
import './page.mjs';
import { bend, layout } from '../../Public/assets/js/layout.js';
import { gatewayBundles, singles } from '../../Public/assets/js/bundles.js';
import { boxesOf, leavesOf, matrixOf } from '../../Public/assets/js/townplan.js';

const server = (name, cluster, state = 'live') => ({ node: `${cluster}/${name}`, name, cluster, state });

test('every node has a place of its own, whatever there is', () => {
  for (const size of [0, 1, 2, 3, 12, 60]) {
    const nodes = Array.from({ length: size }, (_, index) => server(`s${index}`, ['A', 'B', '', 'C'][index % 4]));
    const { position, width, height } = layout(nodes);
    assert.equal(position.size, size);
    const places = new Set([...position.values()].map(({ x, y }) => `${Math.round(x)} ${Math.round(y)}`));
    assert.equal(places.size, size);
    for (const { x, y } of position.values()) assert.ok(x > 0 && x < width && y > 0 && y < height + 60, `${size}: ${x} ${y}`);
  }
});

test('clusters are groups; who has none, or is not of the system, stands below', () => {
  const { groups, position } = layout([server('a1', 'A'), server('a2', 'A'), server('leaf', 'leaf'), server('far', '', 'outside')]);
  assert.deepEqual(groups.map((group) => group.name), ['A']);
  assert.ok(position.get('leaf/leaf').y > position.get('A/a1').y && position.get('/far').y > position.get('A/a2').y);
});

const distance = ({ a, middle, b }, place) => Math.min(...Array.from({ length: 21 }, (_, index) => index / 20).map((t) => {
  const along = (axis) => (1 - t) ** 2 * a[axis] + 2 * t * (1 - t) * middle[axis] + t ** 2 * b[axis];
  return Math.hypot(along('x') - place.x, along('y') - place.y);
}));

test('a line goes round who stands in its way', () => {
  const [a, b, between] = [{ x: 0, y: 0 }, { x: 200, y: 0 }, { x: 100, y: 0 }];
  assert.deepEqual(bend([[a, b]], [a, b])[0].middle, { x: 100, y: 0 }, 'and is straight where nobody does');
  assert.ok(distance(bend([[a, b]], [a, b, between])[0], between) > 14);
});

test('lines between the same two stand apart, whichever way they run', () => {
  const [a, b] = [{ x: 0, y: 0 }, { x: 200, y: 0 }];
  const [one, other] = bend([[a, b], [b, a]], [a, b]);
  assert.ok(Math.abs(one.middle.y - other.middle.y) > 20);
});

test('gateways of two clusters are one bundle, and many routes are drawn where something is wrong', () => {
  const gateway = (from, to, state, rtt) => ({ kind: 'gateway', from: { cluster: from }, to: { cluster: to }, state, rtt_seconds: rtt, bytes: 10 });
  const isFault = (link) => link.state === 'lost';
  const bundles = gatewayBundles([gateway('B', 'A', 'agreed', 0.1), gateway('A', 'B', 'lost', undefined), gateway('A', 'C', 'agreed', 0.3)], isFault, (link) => link.bytes);
  assert.deepEqual(bundles, [{ a: 'A', b: 'B', links: 2, well: 1, worst: 0.1, bytes: 20, isBroken: true }, { a: 'A', b: 'C', links: 1, well: 1, worst: 0.3, bytes: 10, isBroken: false }]);
  const nodes = [...Array.from({ length: 9 }, () => ({ cluster: 'A' })), { cluster: 'B' }];
  const route = (cluster, state) => ({ kind: 'route', from: { cluster }, to: { cluster }, state });
  assert.deepEqual(singles([route('A', 'agreed'), route('A', 'lost'), route('B', 'agreed'), gateway('A', 'B', 'lost')], nodes, isFault).map((link) => [link.from.cluster, link.state]), [['A', 'lost'], ['B', 'agreed']]);
});

test('a large system is a plan: boxes, matrices of routes, leafnodes by account', () => {
  const nodes = [server('a10', 'A'), server('a2', 'A'), server('a1', 'A'), server('edge', '', 'outside'), server('lone', ''), server('b1', 'B')];
  assert.deepEqual(boxesOf(nodes).map(({ kind, name, members }) => [kind, name, members.map((node) => node.name).join()]), [['cluster', 'A', 'a1,a2,a10'], ['cluster', 'B', 'b1'], ['alone', '', 'lone'], ['outside', '', 'edge']]);
  const route = (from, to, state) => ({ kind: 'route', from: { node: `A/${from}` }, to: { node: `A/${to}` }, state });
  const isFault = (link) => link.state === 'missing';
  const matrix = matrixOf(boxesOf(nodes)[0].members, [route('a1', 'a2', 'agreed'), route('a2', 'a10', 'missing'), route('a1', 'a10', 'unconfirmed'), route('a1', 'gone', 'agreed')], isFault);
  assert.deepEqual([matrix.size, matrix.counts], [3, { well: 1, doubtful: 1, broken: 1 }]);
  assert.equal(matrix.broken, 'M1 2h.9v.9h-.9zM2 1h.9v.9h-.9z', 'at the places of both');
  const leaf = (account, state, bytes) => ({ kind: 'leafnode', account, from: { cluster: 'A' }, to: {}, state, bytes });
  assert.deepEqual(leavesOf([leaf('X', 'agreed', 3), leaf('X', 'agreed', 4), leaf('Y', 'missing')], isFault, (link) => link.bytes).map(({ account, links, well, broken, bytes }) => [account, links, well, broken, bytes]), [['Y', 1, 0, 1, undefined], ['X', 2, 2, 0, 7]]);
});
