// The tree of subjects: a level at a time is asked of the gateway, which sums up what lies below each token.

import { h, reconcile, setText } from './dom.js';
import { get, query } from './api.js';
import * as f from './format.js';
import { incompleteText } from './view.js';
import * as url from './url.js';

const perLevel = 200;
/** Levels that are open at once: each is asked again and again. */
const mostOpen = 12;
const seconds = 4;

/** Which of the open levels is folded before one more opens: what is asked for no more would look like now. Those above the new one stay. */
export const toFold = (open, below, most = mostOpen) => open.length < most ? undefined : open.find((each) => each && !below.startsWith(`${each}.`));

/**
 * `options()` are the query's; `told(document)` gets the topmost level. `run(on)` asks again and again or no more; `ask()` asks at once.
 * @param {any} store
 * @param {{ options: () => object, problem: any, told: (document: any) => void }} spec
 */
export function makeSubjectTree(store, { options, problem, told }) {
  const root = level('');
  const element = h('div', { class: 'tree subjects' }, root.element);
  const open = new Map([['', root]]);
  let stop;

  function level(below) {
    const list = h('ul', {});
    const rest = h('p', { class: 'quiet', hidden: true });
    return { below, item: undefined, list, rest, element: h('div', { class: below ? 'children' : '' }, list, rest) };
  }

  async function askLevel(each, signal) {
    const answer = await get(`${store.scope.path}/subjects${query({ below: each.below, limit: perLevel, ...options() })}`, { signal });
    show(each, answer.document);
    if (each !== root) return;
    problem.show(incompleteText(answer.completeness, 'They may have more.'));
    told(answer.document);
  }

  function show(each, document) {
    const widest = Math.max(1e-9, ...document.tokens.map((token) => token.rate ?? 0));
    reconcile(each.list, document.tokens, (token) => token.token, create, (item, token) => update(item, token, widest));
    each.rest.hidden = document.branches <= document.tokens.length;
    setText(each.rest, `${f.count(document.branches - document.tokens.length)} more; a part of a subject in the box above finds them.`);
    for (const below of [...open.keys()]) if (below && !openItem(below)) open.delete(below);
  }

  const openItem = (below) => open.get(below)?.element.isConnected;

  function create(token) {
    const twist = h('button', { type: 'button', class: 'twist', 'aria-expanded': 'false', 'aria-label': `${token.subject}, fold or unfold` }, '▸');
    const name = h('a', { class: 'mono' });
    const note = h('span', { class: 'gloss' });
    const rate = h('span', { class: 'rate' });
    const bar = h('i', { 'aria-hidden': 'true' });
    const item = Object.assign(h('li', {}, h('div', { class: 'line' }, twist, name, note, rate, bar)), { twist_: twist, name_: name, note_: note, rate_: rate, bar_: bar });
    twist.addEventListener('click', () => fold(item, token.subject));
    return item;
  }

  function update(item, token, widest) {
    item.twist_.style.visibility = token.branches ? '' : 'hidden';
    setText(item.name_, token.token);
    item.name_.href = url.link('subscriptions', { subject: token.branches ? `${token.subject}.>` : token.subject });
    setText(item.note_, [f.plural(token.subscriptions, 'subscription'), token.queues?.length ? `queue ${token.queues.join(', ')}` : '', (token.accounts ?? []).join(', ')].filter(Boolean).join(' · '));
    setText(item.rate_, f.perSecond(token.rate));
    item.bar_.style.width = `${Math.round(100 * (token.rate ?? 0) / widest)}%`;
  }

  function fold(item, below) {
    if (open.has(below)) {
      close(below);
      return;
    }
    const oldest = toFold([...open.keys()], below);
    if (oldest) close(oldest);
    const each = { ...level(below), item };
    open.set(below, each);
    turn(item, true);
    item.append(each.element);
    askLevel(each).catch((error) => setText(each.rest, error.message));
  }

  function turn(item, isOpen) {
    item.twist_.setAttribute('aria-expanded', String(isOpen));
    setText(item.twist_, isOpen ? '▾' : '▸');
  }

  /** Folds a level, and with it those below. */
  function close(below) {
    const { element: content, item } = open.get(below);
    content.remove();
    turn(item, false);
    for (const each of [...open.keys()]) if (each === below || each.startsWith(`${below}.`)) open.delete(each);
  }

  return {
    element,
    ask: () => stop?.now(),
    run(isOn) {
      if (isOn && !stop) {
        stop = store.every(seconds, async (signal) => {
          try {
            await Promise.all([...open.values()].map((each) => askLevel(each, signal)));
          } catch (error) {
            if (error.name !== 'AbortError') problem.show(error.message);
            throw error;
          }
        });
      } else if (!isOn) {
        stop?.();
        stop = undefined;
      }
    },
    destroy() {
      stop?.();
      stop = undefined;
    },
  };
}
