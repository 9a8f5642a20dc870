import test from 'node:test';
import assert from 'node:assert/strict';
import * as f from '../../Public/assets/js/format.js';

const table = (name, format, rows) => test(name, () => {
  for (const [value, expected] of rows) assert.equal(format(value), expected, `${name}(${value})`);
});

table('count', f.count, [[0, '0'], [999, '999'], [1234, '1,234'], [99999, '99,999'], [100000, '100 k'], [1234567, '1.23 M'], [-5, '-5'], [undefined, '—'], [null, '—'], [NaN, '—'], [Infinity, '—'], ['7', '—']]);
table('bytes', f.bytes, [[0, '0 B'], [999, '999 B'], [1000, '1.00 kB'], [51234, '51.2 kB'], [1.17e6, '1.17 MB'], [2.5e15, '2.50 PB'], [undefined, '—']]);
table('perSecond', f.perSecond, [[0, '0/s'], [0.4, '0.4/s'], [305, '305/s'], [1340, '1.34 k/s'], [undefined, '—']]);
table('bytesPerSecond', f.bytesPerSecond, [[1170000, '1.17 MB/s'], [undefined, '—']]);
table('percent', f.percent, [[0, '0 %'], [12.34, '12.3 %'], [250.6, '251 %'], [undefined, '—']]);
table('duration', f.duration, [
  [0, '0 s'], [0.000412, '412 µs'], [0.0012, '1.2 ms'], [0.1042, '104.2 ms'], [4.26, '4.3 s'], [41.9, '41 s'], [60, '1m'], [725, '12m5s'], [3600, '1h'], [3661, '1h1m'], [273600, '3d4h'],
  [31536000 + 86400, '1y1d'], [-5, '-5 s'], [undefined, '—'],
]);
table('parseDuration', f.parseDuration, [
  ['412µs', 412e-6], ['1.116935ms', 0.001116935], ['17s', 17], ['2m3.25s', 123.25], ['1y2d3h4m5s', 31536000 + 2 * 86400 + 3 * 3600 + 245], ['0s', 0], ['', undefined], ['soon', undefined], [undefined, undefined],
]);
table('parseTime', f.parseTime, [
  ['1970-01-01T00:00:01.500000000Z', 1.5], ['1970-01-01T01:00:00+01:00', 0], ['0001-01-01T00:00:00Z', undefined], ['yesterday', undefined], [7, undefined],
]);
table('exact', f.exact, [[1234567.891, '1,234,567.891'], ['a1', 'a1'], [undefined, '—']]);

test('distances go by the clock of the gateway', () => {
  const hour = 3600000;
  f.setClock(new Date(Date.now() + hour).toUTCString());
  assert.match(f.ago(new Date(Date.now() + hour - 125000).toISOString()), /^2m[3-7]s ago$/);
  assert.ok(Math.abs(f.now() - Date.now() / 1000 - 3600) < 3);
  for (const text of [null, undefined, 'yesterday']) f.setClock(text);
  assert.ok(f.now() > Date.now() / 1000 + 3000, 'what is no time changes nothing');
  f.setClock(new Date().toUTCString());
  assert.ok(Math.abs(f.now() - Date.now() / 1000) < 0.1, 'the way of an answer is no difference');
});

test('a time is told from now', () => {
  assert.equal(f.ago(new Date(Date.now() - 125000).toISOString()), '2m5s ago');
  assert.equal(f.ago(new Date(Date.now() + 60000).toISOString()), '0 s ago', 'a clock that is ahead');
  assert.equal(f.ago('0001-01-01T00:00:00Z'), '—');
  assert.equal(f.clockTime('never'), '—');
});

test('one is not many', () => {
  assert.deepEqual([f.plural(1, 'server'), f.plural(2, 'server'), f.plural(0, 'server'), f.plural(1234, 'thing needs', 'things need')], ['1 server', '2 servers', '0 servers', '1,234 things need']);
});
