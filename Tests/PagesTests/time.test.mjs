import test from 'node:test';
import assert from 'node:assert/strict';
import './page.mjs';
import { clustered, roundScale, scale, tickText, ticks } from '../../Public/assets/js/timescale.js';
import { around, marksOf, worst } from '../../Public/assets/js/incidents.js';
import { folded, summed } from '../../Public/assets/js/bygone.js';
import { sparkPaths } from '../../Public/assets/js/spark.js';

test('a moment has its place, and a place its moment', () => {
  const along = scale(1000, 2000, 500);
  assert.equal(along.place(1500), 250);
  assert.equal(along.time(250), 1500);
});

test('ticks stand at whole times, as many as there is room for', () => {
  const day = 1_796_000_000 - (1_796_000_000 % 86400);
  assert.deepEqual(ticks(day + 100, day + 3700, 4, 0).map((tick) => tick.text), ['00:15', '00:30', '00:45', '01:00']);
  assert.deepEqual(ticks(day - 60, day + 86400 * 3, 5, 0).map((tick) => tick.time - day), [0, 86400, 172800, 259200]);
  assert.equal(ticks(0, 7 * 86400, 10, 0).length <= 10, true);
  assert.equal(tickText(day + 61, 10, 0), '00:01:01');
});

test('scales end at round values', () => {
  for (const [top, end, count] of [[4210, 6000, 4], [0.7, 0.8, 5], [100, 100, 5], [0, 1, 2]]) {
    const { top: got, values } = roundScale(top);
    assert.equal(Number(got.toFixed(6)), end, String(top));
    assert.equal(values.length, count, String(top));
  }
});

test('marks that stand too near are one, as bad as the worst of them', () => {
  const marks = [{ place: 10, severity: 'info' }, { place: 14, severity: 'warning' }, { place: 40, severity: 'info' }];
  const groups = clustered(marks, 7);
  assert.deepEqual(groups.map((group) => group.marks.length), [2, 1]);
  assert.equal(worst(groups[0].marks), 'warning');
});

test('incidents are intervals and moments, and an open one lasts until now', () => {
  const told = marksOf([
    { kind: 'finding', code: 'server_suspect', severity: 'critical', opened: '2026-11-30T10:00:00Z', closed: null, last: { sentence: 'b2 is silent.' } },
    { kind: 'transition', code: 'server_left', severity: 'warning', at: '2026-11-30T09:59:50Z', sentence: 'b2 left.' },
  ], 1796034000);
  assert.deepEqual(told.intervals.map((each) => [each.until, each.open]), [[1796034000, true]]);
  assert.deepEqual(around(told, told.intervals[0].from + 1, 20).map((each) => each.sentence), ['b2 is silent.', 'b2 left.']);
});

test('a restarted server is one, with the past of both', () => {
  const servers = folded([
    { id: 'OLD', name: 'a3', cluster: 'A', state: 'gone', last_seen: '1', points: [{ time: 1 }, { time: 2 }] }, { id: 'NEW', name: 'a3', cluster: 'A', state: 'live', start: '2026-11-30T10:00:00Z', points: [{ time: 5 }] },
    { id: 'B', name: 'a3', cluster: 'B', state: 'live', points: [] }, { id: 'G1', name: 'g', cluster: 'A', state: 'gone', last_seen: '3' }, { id: 'G0', name: 'g', cluster: 'A', state: 'gone', last_seen: '2' },
  ]);
  assert.deepEqual(servers.map((server) => server.id), ['NEW', 'B', 'G1']);
  assert.deepEqual(servers[0].points.map((point) => point.time), [1, 2, 5]);
  assert.equal(servers[0].restarted, '2026-11-30T10:00:00Z');
  assert.equal(servers[1].restarted, undefined);
});

test('two of one name that live are two', () => {
  assert.equal(folded([{ id: '1', name: 'x', state: 'live' }, { id: '2', name: 'x', state: 'live' }]).length, 2);
});

test('a sum in which a server is missing says so, and keeps the rest', () => {
  const points = (times) => times.map((time) => ({ time, n: 1 }));
  const sums = summed([{ points: points([0, 10, 20, 30, 40]) }, { points: points([0, 10]) }], 'n', { end: 49, span: 49, step: 10, holds: 1 });
  assert.deepEqual(sums.map((each) => [each.value, each.partial]), [[2, false], [2, false], [2, false], [1, true], [1, true]]);
});

test('a small line has the x range that it names, rises from zero, and is dashed where it is partial', () => {
  const box = { width: 103, height: 24, span: 100, end: 1000 };
  const paths = sparkPaths([{ time: 950, value: 33 }, { time: 975, value: 36 }, { time: 1000, value: 36, partial: true }], box);
  assert.equal(paths.line, 'M51.0 3.7L76.0 2.0', 'half of the span, and no shifted base');
  assert.equal(paths.dashed, 'M76.0 2.0L101.0 2.0');
  assert.equal(sparkPaths([{ time: 1, value: 1 }, { time: 2, value: 1 }], box).line, '', 'what lies before is not drawn');
  assert.equal(sparkPaths([{ time: 960, value: 1 }, { time: 970, value: null }, { time: 980, value: 1 }], box).line, '', 'nothing is drawn across a gap');
});
