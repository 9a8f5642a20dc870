import test from 'node:test';
import assert from 'node:assert/strict';
import { visit } from './page.mjs';
import * as url from '../../Public/assets/js/url.js';

url.useViews(['overview', 'connections', 'servers']);

test('a scope from its text', () => {
  const rows = [
    ['', 'all', '', ''], ['cluster/A', 'cluster', 'A', '/cluster/A'], ['server/a b/c', 'server', 'a b/c', '/server/a%20b%2Fc'], ['account/$G', 'account', '$G', '/account/%24G'],
    ['planet/x', 'all', '', ''], ['cluster', 'all', '', ''],
  ];
  for (const [text, kind, name, path] of rows) {
    const scope = url.parseScope(text);
    assert.deepEqual([scope.kind, scope.name, scope.path], [kind, name, path], text);
  }
});

test('a link says no more than it must', () => {
  assert.equal(url.link('overview', {}, ''), '/');
  assert.equal(url.link('connections', { sort: 'bytes_to', q: '', open: undefined }, 'cluster/A'), '/?view=connections&scope=cluster/A&sort=bytes_to');
  assert.equal(url.link('servers', { open: 'a&b=c' }, ''), '/?view=servers&open=a%26b%3Dc');
});

test('what is shown stands in the address', () => {
  visit('/?view=connections&scope=cluster/A&sort=bytes_to');
  const { view, scope, parameters } = url.current();
  assert.deepEqual([view, scope.text, Object.fromEntries(parameters)], ['connections', 'cluster/A', { sort: 'bytes_to' }]);
  assert.equal(url.link('servers'), '/?view=servers&scope=cluster/A', 'links stay in the scope');
  visit('/?view=nonsense');
  assert.equal(url.current().view, 'overview');
});

test('an endpoint’s own path is explored', () => {
  visit('/server/a1/connz?limit=5&format=html');
  const { view, parameters } = url.current();
  assert.deepEqual([view, parameters.get('path')], ['explore', '/server/a1/connz?limit=5']);
});

test('a change keeps the rest, and tells those who listen', () => {
  visit('/?view=connections&scope=cluster/A&sort=subs&q=x');
  let told = 0;
  url.onChange(() => { told += 1; });
  url.patch({ q: '', open: '7' });
  assert.equal(location.search, '?view=connections&scope=cluster/A&sort=subs&open=7');
  url.patch({ open: '7' });
  assert.equal(told, 1, 'where nothing changes nobody is told');
});

test('below a path of its own everything stays below it', async () => {
  const place = await import('../../Public/assets/js/place.js');
  const rows = [
    // What a proxy adds has a slash behind it, a base path has none.
    ['/mon', true, '/mon', '/mon?view=servers', '/mon/varz'], ['/x/nats', false, '/x/nats/', '/x/nats/?view=servers', '/x/nats/varz'], ['', false, '/', '/?view=servers', '/varz'],
  ];
  try {
    for (const [base, isBasePath, home, servers, varz] of rows) {
      place.mount(base, isBasePath);
      visit(`${home}?view=connections`);
      assert.equal(url.current().view, 'connections');
      // A slash more is the same place.
      visit(`${base}/?view=servers`);
      assert.equal(url.current().view, 'servers');
      visit(`${home}?view=connections`);
      assert.deepEqual([url.link('servers', {}, ''), url.link('overview', {}, '')], [servers, home]);
      assert.equal(place.placed('/varz'), varz);
      visit(`${varz}?sort=cid`);
      assert.deepEqual([url.current().view, url.current().parameters.get('path')], ['explore', '/varz?sort=cid']);
      assert.equal(place.unplaced('/elsewhere'), '/elsewhere');
    }
  } finally {
    place.mount('', false);
    visit('/');
  }
});
