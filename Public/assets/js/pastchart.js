// A small chart of the last hour in a pane, and the way to the whole of it.

import { h, setText } from './dom.js';
import { get, query } from './api.js';
import { makeChart } from './chart.js';
import { figureOf, linesOf } from './figures.js';
import * as url from './url.js';

const span = 3600;

/**
 * Charts of figures that belong together: `fields` of one kind, narrowed by `narrow` (server, account, stream …). Answers its element
 * and how to stop.
 * @param {any} store
 * @param {{ title: string, kind: string, fields: string[], narrow: Record<string, string> }} what
 */
export function pastChart(store, { title, kind, fields, narrow }) {
  const wanted = fields.map((field) => figureOf(kind, field));
  const chart = makeChart({ height: 130, isSmall: true });
  const note = h('p', { class: 'quiet', hidden: true });
  const element = h('section', { class: 'section' }, h('div', { class: 'past-head' }, h('h3', {}, title), h('a', { href: url.link('history', { kind: kind === 'server' ? '' : kind, field: fields[0], ...narrow }, store.ownScope() ? store.scope.text : '') }, 'over time')), chart.element, note);
  const stop = store.every(10, async (signal) => {
    const until = store.end();
    const from = until - span;
    const scope = store.ownScope();
    // Within an account it is that account that is asked.
    const within = scope ? { ...narrow, account: '' } : narrow;
    try {
      const { document: answer } = await get(`${scope}/history${query({ kind, field: fields.join(','), since: new Date(from * 1000).toISOString(), until: new Date(until * 1000).toISOString(), ...within })}`, { signal });
      const lines = wanted.flatMap((figure) => linesOf(answer, figure).slice(0, 1).map((line) => ({ ...line, name: figure.label }))).map((line, index) => ({ ...line, colour: index }));
      chart.show({ lines, from, until, step: answer.step, text: wanted[0].text, title });
      setText(note, lines.length ? '' : 'Nothing of this is recorded.');
    } catch (error) {
      if (error.name === 'AbortError') throw error;
      setText(note, error.message);
    }
    note.hidden = note.textContent === '';
    chart.element.hidden = !note.hidden;
  });
  return { element, stop };
}
