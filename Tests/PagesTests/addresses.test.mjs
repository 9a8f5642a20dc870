import test from 'node:test';
import assert from 'node:assert/strict';
import './page.mjs';
import { assetOf } from '../../Public/assets/js/streampane.js';

test('streams and consumers have addresses', () => {
  assert.deepEqual(assetOf('A/S/c/d'), { account: 'A', stream: 'S', consumer: 'c/d' });
  assert.deepEqual(assetOf('A/S'), { account: 'A', stream: 'S', consumer: '' });
});
