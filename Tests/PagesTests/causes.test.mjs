import test from 'node:test';
import assert from 'node:assert/strict';
import './page.mjs';
import { keyOf, linesOf } from '../../Public/assets/js/causes.js';
import { overOf } from '../../Public/assets/js/views/overview.js';

const finding = (code, severity, cause, since) => ({ code, severity, subject: code, sentence: `${code}.`, cause, since });

test('findings that are one thing are one line, the worst first', () => {
  const causes = [{ cause: 'server_suspect b2', severity: 'critical', sentence: 'b2 is no longer heard. 2 more findings are about it.' }, { cause: 'x', severity: 'info', sentence: 'X.' }];
  const findings = [finding('slow', 'warning'), finding('route', 'warning', 'server_suspect b2', '2026-11-30T10:00:09Z'), finding('suspect', 'critical', 'server_suspect b2', '2026-11-30T10:00:02Z'), finding('lone', 'info', 'x')];
  const lines = linesOf(findings, causes);
  assert.deepEqual(lines.map(keyOf), ['cause server_suspect b2', 'slow slow slow.', 'lone lone lone.']);
  assert.deepEqual([lines[0].members.length, lines[0].since], [2, '2026-11-30T10:00:02Z'], 'since the first of them');
  assert.equal(lines[2].cause, undefined, 'what is left of a cause in a scope is that finding');
  assert.equal(linesOf(findings, undefined).length, 4, 'a gateway that knows no causes');
});

test('what is over is told with how long it lasted', () => {
  const over = overOf({ sentence: 'b2 is no longer heard.', opened: '2026-11-30T10:00:00Z', ended: '2026-11-30T10:00:41Z', severity: 'critical' });
  assert.deepEqual([over.at, over.sentence], ['2026-11-30T10:00:41Z', 'Over, after 41 s: b2 is no longer heard.']);
});
