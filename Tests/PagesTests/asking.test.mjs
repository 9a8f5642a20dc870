import test from 'node:test';
import assert from 'node:assert/strict';
import { visit } from './page.mjs';
import { atMoment, setMoment } from '../../Public/assets/js/api.js';
import { Store } from '../../Public/assets/js/store.js';
import * as url from '../../Public/assets/js/url.js';
import { poll } from '../../Public/assets/js/view.js';
import { judgedChecks } from '../../Public/assets/js/views/checks.js';
import { headlineOf } from '../../Public/assets/js/views/overview.js';

/** The gateway: answers paths with documents, once `free()` lets it where it is held. */
function gateway(documents) {
  const asked = [];
  globalThis.fetch = async (path) => {
    asked.push(path);
    const document = await documents(path);
    return new Response(JSON.stringify(document ?? {}), { headers: { 'Content-Type': 'application/json' } });
  };
  return asked;
}

/** A page that is looked at once. */
function openStore() {
  Object.assign(globalThis.document, { addEventListener() {}, hidden: false });
  const store = new Store();
  store.live = false;
  store.start();
  return store;
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

test('an earlier moment is asked of whatever has one, whatever the names in its path are', () => {
  setMoment('-2h');
  const rows = [
    ['/varz', true], ['/servers', true], ['/account/events/statz', true], ['/account/metrics/connections?limit=5', true], ['/server/history/varz', true], ['/cluster/diff/merged/connz', true], ['/account/closed/info', true],
    ['/history?kind=server', false], ['/account/A/history', false], ['/account/A/events', false], ['/server/events/closed', false], ['/cluster/A/findings', true], ['/diff/server/a1/varz?from=-1h', false], ['/checks', false], ['/', false], ['/varz?at=3', false],
  ];
  try {
    for (const [path, isOfMoment] of rows) assert.equal(atMoment(path), isOfMoment ? `${path}${path.includes('?') ? '&' : '?'}at=-2h` : path, path);
  } finally {
    setMoment('');
  }
});

test('another scope keeps what is asked, and not where the list stood', () => {
  url.useViews(['overview', 'connections']);
  visit('/?view=connections&scope=cluster/A&sort=-rate_in_msgs&offset=300&open=NA/7&with=b');
  assert.equal(url.inScope('cluster/B'), '/?view=connections&scope=cluster/B&sort=-rate_in_msgs');
  visit('/');
});

test('what nobody sees is not asked for', async () => {
  const asked = gateway(() => ({}));
  let task;
  let isSeen = false;
  poll({ every: (_, each) => { task = each; } }, 4, { path: () => '/connections', take() {}, done() {}, problem: { show() {} }, isWanted: () => isSeen });
  await task();
  assert.deepEqual(asked, []);
  isSeen = true;
  await task();
  assert.deepEqual(asked, ['/connections']);
});

test('what is muted is shown, and raises nothing', async () => {
  gateway((path) => path.startsWith('/findings') ? { findings: [{ code: 'x', severity: 'critical', muted: { by: 'ops' } }, { code: 'y', severity: 'info' }], checks: { unknown: [{ kind: 'silent', reason: 'b2 did not answer', checks: ['z'] }] } } : {});
  const store = openStore();
  await settled();
  assert.deepEqual(store.findings.map((each) => each.code), ['y']);
  assert.deepEqual(store.allFindings.map((each) => each.code), ['x', 'y']);
  assert.equal(store.unknownChecks[0].kind, 'silent');
  const [check] = judgedChecks([{ code: 'x' }], { findings: store.allFindings }, []);
  assert.deepEqual([check.state, check.worst, check.open, check.findings.length], ['muted', undefined, false, 1]);
  assert.equal(headlineOf({ findings: [], servers: 3, muted: 1 }), 'Nothing to report: all 3 servers answer; 1 finding is muted.');
  assert.equal(headlineOf({ findings: [], servers: 3, isWhole: false }), 'Nothing is found, but not every server answered.');
});

test('an answer about one moment is not shown as one about another', async () => {
  let free;
  const held = new Promise((resolve) => { free = resolve; });
  gateway(async (path) => {
    if (path.includes('at=')) return { servers: [], findings: [] };
    await held;
    return { findings: [{ code: 'now', severity: 'critical' }], servers: [{ id: 'N', name: 'now', times: [1], values: {} }] };
  });
  const store = openStore();
  store.setMoment('-2h');
  await settled();
  free();
  await settled();
  assert.deepEqual([store.findings, store.roster, [...store.servers]], [[], [], []]);
  store.setMoment('');
});

test('who sees one account only asks within it', () => {
  const store = new Store();
  store.scope = url.parseScope('account/A');
  assert.equal(store.ownScope(), '');
  store.tenant = true;
  assert.equal(store.ownScope(), '/account/A');
});
