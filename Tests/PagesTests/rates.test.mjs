import test from 'node:test';
import assert from 'node:assert/strict';
import { Rates } from '../../Public/assets/js/rates.js';

const key = (row) => row.id;

test('a rate is growth over the time between two readings', () => {
  const rates = new Rates(['in', 'out']);
  assert.equal(rates.take([{ id: 1, in: 100, out: 5 }], key, 10).get(1), undefined, 'nothing is known after one');
  assert.deepEqual(rates.take([{ id: 1, in: 120, out: 5 }], key, 12).get(1), { in: 10, out: 0 });
});

test('readings too near to each other leave the last rate, and the reading it counts from', () => {
  const rates = new Rates(['in']);
  rates.take([{ id: 1, in: 0 }], key, 0);
  rates.take([{ id: 1, in: 10 }], key, 1);
  assert.deepEqual(rates.take([{ id: 1, in: 11 }], key, 1.1).get(1), { in: 10 });
  assert.deepEqual(rates.take([{ id: 1, in: 30 }], key, 2).get(1), { in: 20 });
});

test('counters that begin anew say nothing, and never less than nothing', () => {
  const rates = new Rates(['in', 'out']);
  rates.take([{ id: 1, in: 500, out: 1 }], key, 0);
  assert.equal(rates.take([{ id: 1, in: 3, out: 9 }], key, 1).get(1), undefined);
  assert.deepEqual(rates.take([{ id: 1, in: 5, out: 9 }], key, 2).get(1), { in: 2, out: 0 });
});

test('a counter that is not there has no rate, and spoils no other', () => {
  const rates = new Rates({ both: (row) => row.a + row.b, one: (row) => row.a });
  rates.take([{ id: 1, a: 1 }], key, 0);
  assert.deepEqual(rates.take([{ id: 1, a: 3 }], key, 1).get(1), { one: 2 });
});

test('what goes is forgotten', () => {
  const rates = new Rates(['in']);
  rates.take([{ id: 1, in: 0 }, { id: 2, in: 0 }], key, 0);
  assert.deepEqual([...rates.take([{ id: 2, in: 4 }], key, 2)], [[2, { in: 2 }]]);
  assert.equal(rates.take([{ id: 1, in: 9 }], key, 3).get(1), undefined);
  rates.clear();
  assert.equal(rates.take([{ id: 1, in: 9 }], key, 4).get(1), undefined);
});
