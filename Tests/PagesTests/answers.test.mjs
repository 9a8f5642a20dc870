import test from 'node:test';
import assert from 'node:assert/strict';
import './page.mjs';
import { fromBody, fromHeaders, query } from '../../Public/assets/js/api.js';
import { completenessText } from '../../Public/assets/js/frame.js';
import { ratesOf } from '../../Public/assets/js/store.js';
import { incompleteText } from '../../Public/assets/js/view.js';
import { noteOf } from '../../Public/assets/js/views/connections.js';
import { answerText } from '../../Public/assets/js/views/subscriptions.js';
import { headlineOf, summedUp } from '../../Public/assets/js/views/overview.js';

test('completeness stands in the body, names with commas and all', () => {
  const missing = [{ name: 'b2, the old', id: 'NB' }];
  assert.deepEqual(fromBody({ complete: false, expected: 6, responded: 5, missing }), { complete: false, expected: 6, responded: 5, missing, unexplained: undefined, leaving: undefined });
  assert.equal(fromBody({ complete: null, expected: null, responded: 3, missing: null }).expected, null);
  for (const document of [undefined, null, 7, [], {}, { expected: 6 }, { complete: true }]) assert.equal(fromBody(document), undefined);
});

test('and in the headers of documents that have no room for it', () => {
  const headers = (fields) => new Headers(fields);
  assert.deepEqual(fromHeaders(headers({ 'Natsight-Complete': 'false', 'Natsight-Responded': '5/6', 'Natsight-Missing': 'b2' })), { complete: false, responded: 5, expected: 6, missing: [{ name: 'b2' }] });
  assert.deepEqual(fromHeaders(headers({ 'Natsight-Complete': 'unknown', 'Natsight-Responded': '5/?' })), { complete: null, responded: 5, expected: null, missing: [] });
  assert.equal(fromHeaders(headers({ 'Natsight-Complete': 'true' })), undefined);
  assert.equal(fromHeaders(headers({})), undefined);
});

test('who is missing, in words', () => {
  const missing = [{ name: 'b2', reason: 'silent for 9s' }, { code: 'unknown_server', count: 2 }, { code: 'unknown_server', id: 'NX', name: 'b3', reason: 'never answered' }];
  assert.equal(completenessText({ complete: false, expected: 8, responded: 4, missing }), '4 of 8: b2 silent for 9s, 2 not known by name, b3 never answered');
  assert.equal(completenessText({ complete: true, expected: 6, responded: 6, missing: [] }), '6 of 6 answered');
  assert.equal(completenessText({ complete: true, expected: 6, responded: 6, missing: [], unexplained: 1 }), '6 of 6 answered; the servers count 1 more');
  assert.equal(completenessText({ complete: true, expected: 5, responded: 5, missing: [], leaving: ['b2'] }), '5 of 5 answered, without b2, which is leaving');
  assert.match(completenessText({ complete: null, expected: null, responded: 3, missing: [] }), /^3 answered; how many/);
  assert.equal(incompleteText({ complete: false, missing }, 'More may be there.'), 'Not every server answered: b2, 2 not known by name, b3. More may be there.');
  assert.equal(incompleteText({ complete: true, missing: [] }), '');
  assert.equal(incompleteText(undefined), '');
});

test('a query holds what is set', () => {
  assert.equal(query({ a: 1, b: '', c: undefined, d: false, e: true, f: 'x&y' }), '?a=1&e=1&f=x%26y');
  assert.equal(query({}), '');
});

test('a server’s rates by the names of its history', () => {
  assert.deepEqual(ratesOf({ received_msgs: 1, received_bytes: 2, sent_msgs: 3, sent_bytes: 4 }), { in_msgs_rate: 1, in_bytes_rate: 2, out_msgs_rate: 3, out_bytes_rate: 4 });
  assert.equal(ratesOf(undefined), undefined);
});

test('who would receive a subject, in a sentence', () => {
  const told = { subject: 'a.b', matched: 3, alone: 1, queue_groups: 1, subscriptions: [{}, {}, {}] };
  assert.equal(answerText(told), '3 subscriptions fit a.b: 1 of their own, and 1 queue group of which one member each receives a message.');
  assert.equal(answerText({ ...told, subscriptions: [{}] }), '3 subscriptions fit a.b: 1 of their own, and 1 queue group of which one member each receives a message. The first 1 are shown.');
  assert.equal(answerText({ subject: 'x', matched: 0, subscriptions: [] }, true), 'Nobody would receive x, as far as is known.');
  assert.equal(answerText({ total: 0, matched: 0, read: 0 }), 'Nobody subscribes to anything here.');
  assert.match(answerText({ total: 300, read: 200, matched: 7 }), /7 subscriptions of applications, of 300 in all\. The first 200 of 300 were read\./);
});

test('how many connections are shown of how many', () => {
  const rows = [{}, {}];
  assert.equal(noteOf(rows, rows, { total: 2, read: 2, matched: 2 }, { label: 'Bytes out' }), '2 connections, by Bytes out');
  assert.equal(noteOf(rows, rows, { total: 9, read: 9, matched: 3, rates_over_seconds: 2 }, { label: 'RTT' }), '3 of 9 connections fit, by RTT, rates over 2 s');
  assert.equal(noteOf(rows, rows, { total: 300000, read: 100000, matched: 100000 }, {}), '300 k connections, of which 100 k were read');
  assert.equal(noteOf(rows, [{ kind: 'Leafnode' }], { total: 1, read: 1, matched: 1 }, {}), '1 connection, leafnodes among them');
  assert.equal(noteOf([{}], rows, { total: 2 }, { isClosed: true }), '1 of 2 rows');
});

test('the headline says what is so, and of when', () => {
  const rows = [
    [{ away: 37, updated: '10:54:10', findings: [], servers: 6 }, 'The gateway has not answered for 37 s. Below: as of 10:54:10.'],
    [{ error: { reason: 'not_in_system_account', message: 'the user is not in the system account' }, findings: [], servers: 6 }, 'The user is not in the system account.'],
    [{ findings: [], servers: 6 }, 'Nothing to report: all 6 servers answer.'], [{ findings: [], servers: 0 }, 'No server has been heard yet.'], [{ findings: [], servers: 1, moment: '03:12' }, 'Nothing to report at 03:12: the one server answers.'],
    [{ findings: [{ severity: 'critical' }, { severity: 'info' }], servers: 6 }, '1 thing needs attention.'], [{ findings: [{ severity: 'warning' }], servers: 6 }, '1 thing to see to.'], [{ findings: [{ severity: 'info' }, { severity: 'info' }], servers: 6 }, '2 things to know about.'],
    [{ servers: 3 }, '3 servers, being judged …'], [{ findingsError: { message: 'No.' }, servers: 3 }, 'No.'],
  ];
  for (const [state, words] of rows) assert.equal(headlineOf(state), words);
});

test('transitions of one kind within a minute are one line', () => {
  const at = (second) => `2026-11-30T10:00:${second}Z`;
  const lines = summedUp([{ code: 'stream_leader_changed', from: 'a3', at: at('10'), sentence: 'S is led by a1.' }, { code: 'stream_leader_changed', from: 'a3', at: at('20'), sentence: 'T is led by a1.' }, { code: 'server_left', at: at('20'), sentence: 'a3 left.' }]);
  assert.deepEqual(lines.map((each) => each.sentence), ['S is led by a1, and 1 more of that kind.', 'a3 left.']);
});
