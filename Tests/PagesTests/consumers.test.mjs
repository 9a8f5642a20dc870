import test from 'node:test';
import assert from 'node:assert/strict';
import './page.mjs';
import { holds, standing } from '../../Public/assets/js/consumerstory.js';
import { withGone } from '../../Public/assets/js/views/jetstream.js';
import { assetOf } from '../../Public/assets/js/streampane.js';

test('a consumer says how it stands', () => {
  const rows = [
    [{ num_pending: 0, num_ack_pending: 0 }, undefined, 'keeps up'], [{ num_pending: 5 }, undefined, '5 wait'], [{ num_pending: 500 }, { stored: 20, acked: 8 }, 'falls behind 12/s'],
    [{ num_pending: 500 }, { stored: 20, acked: 0 }, 'stands still, 500 wait and 20/s come'], [{ num_pending: 240 }, { stored: 1, acked: 2 }, 'caught up in 4m'], [{ num_pending: 3 }, { stored: 0, acked: 0 }, 'stands still, 3 wait'],
    [{ num_pending: 10, config: { ack_policy: 'none' } }, { stored: 1, delivered: 3, acked: 0 }, 'caught up in 5 s'], [{ num_pending: 9 }, { stored: 4, acked: 4 }, 'keeps its distance of 9'],
  ];
  for (const [consumer, rates, words] of rows) assert.equal(standing(consumer, rates).words, words);
});

test('what holds a consumer is said', () => {
  assert.deepEqual(holds({ config: { max_ack_pending: 10 }, num_ack_pending: 10, num_pending: 1, num_waiting: 2 }).length, 1);
  assert.match(holds({ num_pending: 1, num_waiting: 0 })[0], /no pull request waits/);
  assert.match(holds({ config: { deliver_subject: 'x' }, push_bound: false, num_pending: 1 })[0], /Nobody listens/);
  assert.deepEqual(holds({ num_pending: 0 }), []);
});

test('a stream whose only server is silent stays, as of when it was known', () => {
  const known = new Map();
  const stream = { key: 'A S', name: 'S', server: 'a3' };
  const other = { key: 'A T', name: 'T', leader: 'a1' };
  const isSilent = (name) => name === 'a3';
  assert.equal(withGone([stream, other], known, isSilent, 1000).length, 2);
  const left = withGone([], known, isSilent, 1042);
  assert.deepEqual(left.map((row) => row.name), ['S'], 'one whose server answers has been deleted');
  assert.equal(left[0].stale, true);
  assert.match(left[0].gone, /was on a3\); this is as of 42 s ago/);
  assert.equal(withGone([], known, isSilent, 3000).length, 0, 'not for ever');
});

test('streams and consumers have addresses', () => {
  assert.deepEqual(assetOf('A/S/c/d'), { account: 'A', stream: 'S', consumer: 'c/d' });
  assert.deepEqual(assetOf('A/S'), { account: 'A', stream: 'S', consumer: '' });
});
