import test from 'node:test';
import assert from 'node:assert/strict';
import { visit } from './page.mjs';
import * as url from '../../Public/assets/js/url.js';
import { shown } from '../../Public/assets/js/dom.js';
import { treemap } from '../../Public/assets/js/treemap.js';
import { csvOf, curlOf } from '../../Public/assets/js/take.js';
import { findIn } from '../../Public/assets/js/jsonsearch.js';
import { grouped, groupText, histogram, stem } from '../../Public/assets/js/eventgroups.js';
import { closedByClient, closedRow } from '../../Public/assets/js/connectioncolumns.js';
import { connectionOf } from '../../Public/assets/js/connection.js';
import { findingLink } from '../../Public/assets/js/findings.js';
import { gapsOf, hitLink } from '../../Public/assets/js/search.js';
import { sharesOf } from '../../Public/assets/js/talkers.js';
import { figureOf, heardField, linesOf, linesOfHeartbeats, totalOf } from '../../Public/assets/js/figures.js';
import { nearestOf, pathOf } from '../../Public/assets/js/chart.js';
import { changeText, rowTitle } from '../../Public/assets/js/views/compare.js';
import { memberOf, membersOf, rowsOf } from '../../Public/assets/js/rowsof.js';
import { toFold } from '../../Public/assets/js/subjecttree.js';
import { stateOf } from '../../Public/assets/js/sign.js';

url.useViews(['overview', 'connections', 'servers', 'jetstream', 'subscriptions', 'topology', 'accounts', 'explore']);

test('characters that cannot be seen are seen', () => {
  assert.equal(shown('\u202Egnp.exe-RTL'), '‹U+202E›gnp.exe-RTL');
  assert.equal(shown('a\u0000b\u200Bc\nd'), 'a‹U+0000›b‹U+200B›c‹U+000A›d');
  assert.equal(shown('größe — “x” 漢字 עברית'), 'größe — “x” 漢字 עברית', 'what can be read stays');
});

test('a treemap fills its box with areas by size', () => {
  const values = [6, 6, 4, 3, 2, 2, 1];
  const places = treemap(values, 600, 400);
  const area = places.reduce((sum, place) => sum + place.w * place.h, 0);
  assert.ok(Math.abs(area - 240000) < 1e-6);
  places.forEach((place, index) => assert.ok(Math.abs(place.w * place.h - values[index] * 10000) < 1e-6));
  assert.ok(places.every((place) => place.x >= -1e-9 && place.y >= -1e-9 && place.x + place.w <= 600.001 && place.y + place.h <= 400.001));
  assert.ok(places.every((place) => Math.max(place.w / place.h, place.h / place.w) < 3), 'none much longer than wide');
  assert.deepEqual(treemap([0], 10, 10), [{ x: 0, y: 0, w: 0, h: 0 }]);
});

test('a field of a CSV file is text, and no formula', () => {
  const columns = [{ label: 'Name', value: (row) => row.name }, { label: 'n, of it', value: (row) => row.n }, { label: 'line' }];
  assert.equal(csvOf(columns, [{ name: '=cmd()', n: -1 }, { name: 'a "b"', n: undefined }]), 'Name,"n, of it"\r\n\'=cmd(),-1\r\n"a ""b""",\r\n');
});

test('a command is one for a shell', () => {
  assert.equal(curlOf("http://g/connz?name=it's&x=$(y)"), "curl -s 'http://g/connz?name=it'\\''s&x=$(y)'");
});

test('the level that was opened first folds, and none above the new one', () => {
  assert.equal(toFold(['', 'a', 'b'], 'c', 4), undefined);
  assert.equal(toFold(['', 'a', 'b', 'ab'], 'c', 4), 'a');
  assert.equal(toFold(['', 'a', 'ab', 'a.b'], 'a.b.c', 4), 'ab');
  assert.equal(toFold(['', 'a', 'a.b'], 'a.b.c', 3), undefined, 'all are above it');
});

test('a search tells what it did not look through', () => {
  assert.equal(gapsOf({ complete: true }), '');
  assert.equal(gapsOf({ complete: false }), 'Not every server answered.');
  assert.equal(gapsOf({ complete: false, not_read: ['stream', 'consumer'], left_out: 1200 }), 'Not everything was looked through: no answer about streams, consumers. Up to 1,200 names beyond what is read were not looked through.');
});

test('a document is searched by names and values', () => {
  const document = { servers: [{ name: 'Alpha', n: 1 }, { name: 'beta', alpha: null }] };
  assert.deepEqual(findIn(document, 'ALPHA'), { count: 2, paths: [['servers', 0, 'name'], ['servers', 1, 'alpha']] });
  assert.deepEqual(findIn(document, ' '), { count: 0, paths: [] });
  assert.equal(findIn(document, 'servers').count, 1, 'the name of a member is found once');
});

test('a large document is searched, and all hits are counted', () => {
  assert.deepEqual(((found) => [found.count, found.paths.length])(findIn(Array.from({ length: 50_000 }, (_, n) => ({ name: `client-${n}` })), 'client')), [50_000, 10_000]);
});

test('names of one kind have a stem, as in the gateway', () => {
  for (const [name, expected] of [['browser-01393', 'browser-*'], ['orders', 'orders'], ['meter17', 'meter*'], ['pod.7f9c-x', 'pod.*'], ['', ''], ['12', '*'], ['größe-1', 'größe-*']]) assert.equal(stem(name), expected);
});

const event = (second, type, client, more = {}) => ({ key: `${second} ${client}`, type, client, received: `2026-11-30T10:00:${String(second).padStart(2, '0')}Z`, server: { name: more.server ?? 'a1' }, event: { reason: more.reason } });

test('what repeats is one line, with how often, where and who', () => {
  const rows = [event(50, 'auth_error', 'cron-2', { server: 'a2' }), event(40, 'connect', 'x'), event(30, 'auth_error', 'cron-1'), event(20, 'auth_error', 'cron-1', { reason: 'other' })];
  const groups = grouped(rows);
  assert.deepEqual(groups.map((group) => [group.type, group.count]), [['auth_error', 2], ['connect', 1], ['auth_error', 1]]);
  assert.equal(groupText(groups[0], 'refused'), '2 times within 20 s on a2, a1, 2 clients: refused');
  assert.equal(grouped(rows, 5).length, 4, 'what lies far apart is told apart');
});

test('a histogram counts what a storm stands for', () => {
  const rows = [event(59, 'connect', 'x'), { ...event(1, 'storm', ''), event: { count: 400 } }];
  const from = Date.parse('2026-11-30T10:00:00Z') / 1000;
  assert.deepEqual(histogram(rows, from, from + 60, 2), [{ all: 400, trouble: 400 }, { all: 1, trouble: 0 }]);
});

test('closed connections of one client are summed up', () => {
  const rows = [1, 2].map((n) => closedRow({ client: 'cron', account: 'A', reason: 'Slow', server: { name: `a${n}`, id: 'X' }, stop: `2026-11-30T10:00:0${n}Z`, sent: { msgs: 4, bytes: 5 } }));
  assert.equal(rows[0].out_msgs, 4);
  assert.deepEqual(closedByClient(rows).map(({ count, servers, stop }) => [count, servers, stop]), [[2, ['a1', 'a2'], '2026-11-30T10:00:02Z']]);
});

test('a connection is known by its server and its number there', () => {
  assert.deepEqual(connectionOf('NDAK/38'), { server: 'NDAK', cid: '38' });
  assert.deepEqual(connectionOf('a/b/38'), { server: 'a/b', cid: '38' });
  assert.deepEqual(connectionOf('8589934612'), { server: '', cid: '8589934612' });
});

test('findings lead to views', () => {
  visit('/');
  const rows = [
    [{ link: '/closed?reason=Slow&server=NA1' }, '/?view=connections&state=closed&reason=Slow&server=a1&group=client'],
    [{ link: '/account/USERS/jsz?streams=1', stream: 'S', account: 'USERS' }, '/?view=jetstream&open=USERS/S'],
    [{ link: '/server/NA1/routez', server: 'a1' }, '/?view=topology&q=a1'], [{ link: '/?view=topology' }, '/?view=topology'], [{ link: '/nobody/knows' }, '/?view=explore&path=/nobody/knows'], [{ link: '' }, undefined],
  ];
  for (const [finding, expected] of rows) assert.equal(findingLink(finding, (id) => (id === 'NA1' ? 'a1' : id)), expected);
});

test('hits lead to what they are', () => {
  visit('/?view=servers&scope=cluster/A');
  assert.equal(hitLink('client', { name: 'x-1', server_id: 'NA', cid: 7 }), '/?view=connections&q=x-1&open=NA/7');
  assert.equal(hitLink('consumer', { name: 'c', stream: 'S', account: 'A' }), '/?view=jetstream&open=A/S/c');
  assert.equal(hitLink('subject', { name: 'a.>' }), '/?view=subscriptions&subject=a.%3E');
  visit('/');
});

test('small shares are one', () => {
  const shares = sharesOf([{ name: 'a', n: 900, connections: 1 }, { name: 'b', n: 99, connections: 1 }, { name: 'c', n: 1, connections: 4 }, { name: 'd', n: undefined, connections: 9 }], (group) => group.n);
  assert.deepEqual(shares.map((share) => [share.name, share.value, share.connections]), [['a', 900, 1], ['b', 99, 1], ['1 more', 1, 4]]);
});

test('lines of a chart: nothing across a gap, a total only where all is known', () => {
  const document = { kind: 'server', times: [0, 10, 20], rows: [{ server: 'a', values: { in_msgs: { rate: [1, null, 3] } } }, { server: 'b', values: { in_msgs: { rate: [5, 6, 7] } } }] };
  const lines = linesOf(document, { field: 'in_msgs', of: 'rate' });
  assert.deepEqual(lines.map((line) => line.name), ['b', 'a'], 'the largest first');
  assert.deepEqual(totalOf(lines).points.map((point) => point.value), [6, null, 10]);
  assert.equal(pathOf(lines[1].points, (point) => `${point.time}`, 10), 'M0M20');
  assert.equal(nearestOf(lines[1].points, 12, 10).time, 20);
  assert.equal(nearestOf(lines[1].points, 100, 10), undefined, 'far away there is nothing');
});

test('the tab says what is wrong, the worst first', () => {
  const rows = [
    [{ away: 37 }, 'bad', 'no answer for 37 s'], [{ findings: [{ severity: 'critical' }], completeness: { complete: false, missing: [{}] } }, 'bad', '1 critical'], [{ findings: [], completeness: { complete: false, missing: [{}, {}] } }, 'bad', '2 silent'],
    [{ findings: [{ severity: 'warning' }, { severity: 'info' }] }, 'warn', '1 to see to'], [{ findings: [{ severity: 'info' }] }, '', ''],
  ];
  for (const [state, icon, words] of rows) assert.deepEqual(stateOf(state), { icon, words });
});

test('rows and changes of a comparison have words', () => {
  assert.equal(rowTitle({ key: { server_id: 'N', server_cid: 87 }, name: 'orders-1', server_name: 'a1' }), 'orders-1 · a1 · cid 87');
  assert.equal(rowTitle({ key: { account: 'A', name: 'S' } }), 'S');
  assert.equal(changeText({ from: 1200, to: 1450, difference: 250, rate: 12.5 }), '1,200 → 1,450 (+250, 12.5/s)');
  assert.equal(changeText({ from: 'x', to: null }), 'x → —');
});

test('a document that is rows is a table', () => {
  const document = { now: 'x', servers: [{ server: { name: 'a' }, data: { connections: [{ cid: 1, name: 'x', list: [1] }, { cid: 2 }, { cid: 3, extra: true }] } }] };
  const { path, rows } = rowsOf(document);
  assert.equal(path, 'servers[0].data.connections');
  assert.deepEqual(membersOf(rows), ['cid', 'name', 'extra']);
  assert.equal(memberOf({ server: { name: 'a' } }, 'server.name'), 'a');
  assert.equal(rowsOf({ a: 1, b: [1, 2] }), undefined);
});

test('without a record there are the heartbeats', () => {
  assert.equal(heardField('server', figureOf('server', 'in_msgs')), 'in_msgs_rate');
  assert.equal(heardField('stream', figureOf('stream', 'bytes')), undefined);
  const lines = linesOfHeartbeats({ servers: [{ server: { name: 'a' }, times: [1, 2], values: { cpu: [3, null] } }] }, 'cpu');
  assert.deepEqual(lines[0].points, [{ time: 1, value: 3 }, { time: 2, value: null }]);
});
