// One box that finds anything that has a name, in the whole system: `/` or Ctrl K.

import { h, replace, setText } from './dom.js';
import { get, query } from './api.js';
import * as f from './format.js';
import * as url from './url.js';

const kinds = { server: 'Servers', account: 'Accounts', client: 'Clients', user: 'Users', address: 'Addresses', stream: 'Streams', consumer: 'Consumers', subject: 'Subjects' };
const wait = 90;

/** What was not looked through, and why nothing may be found that is there. */
export function gapsOf(answer) {
  const unread = (answer.not_read ?? []).map((kind) => (kinds[kind] ?? kind).toLowerCase());
  return [
    unread.length ? `Not everything was looked through: no answer about ${unread.join(', ')}.` : answer.complete === false ? 'Not every server answered.' : '',
    answer.left_out ? `Up to ${f.count(answer.left_out)} names beyond what is read were not looked through.` : '',
  ].filter(Boolean).join(' ');
}

/** Where a hit leads, by its kind. */
export function hitLink(kind, hit) {
  const named = (parameters, scope = '') => url.link('connections', parameters, scope);
  const routes = {
    server: () => url.link('servers', { open: hit.name }, ''),
    account: () => url.link('accounts', { open: hit.account || hit.name }, ''),
    client: () => hit.cid ? named({ q: hit.name, open: `${hit.server_id}/${hit.cid}` }) : named({ q: hit.name }),
    user: () => named({ q: hit.name }),
    address: () => named({ q: hit.name }),
    stream: () => url.link('jetstream', { open: `${hit.account}/${hit.name}` }, ''),
    consumer: () => url.link('jetstream', { open: `${hit.account}/${hit.stream}/${hit.name}` }, ''),
    subject: () => url.link('subscriptions', { subject: hit.name }, ''),
  };
  return routes[kind]();
}

/** What stands beside the name of a hit. */
export function hitNote(kind, hit) {
  if (['client', 'user', 'address'].includes(kind) && hit.connections > 1) return f.plural(hit.connections, 'connection');
  return [hit.stream && kind !== 'stream' ? `stream ${hit.stream}` : '', kind === 'account' ? (hit.account === hit.name ? '' : hit.account) : hit.account, kind === 'server' ? '' : hit.server].filter(Boolean).join(' · ');
}

export function makeSearch(store) {
  const input = h('input', { type: 'search', placeholder: 'A client, server, account, stream, address, subject …', 'aria-label': 'Find anything', autocomplete: 'off', spellcheck: 'false', role: 'combobox', 'aria-expanded': 'false', 'aria-controls': 'hits' });
  const list = h('div', { class: 'hits', id: 'hits', role: 'listbox', 'aria-label': 'What was found' });
  const note = h('p', { class: 'quiet', role: 'status' });
  const dialog = h('dialog', { class: 'search', 'aria-label': 'Find anything' }, h('div', { class: 'row' }, input, h('button', { type: 'button', onclick: () => dialog.close() }, 'Close')), note, list);
  const button = h('button', { type: 'button', class: 'find', title: 'Find anything ( / or Ctrl K )', onclick: () => open() }, 'Find anything', h('span', { class: 'kbd', 'aria-hidden': 'true' }, '/'));
  let timer;
  let controller;
  let chosen = 0;

  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(ask, wait);
  });
  dialog.addEventListener('keydown', (event) => {
    const links = [...list.querySelectorAll('a')];
    if (event.key === 'ArrowDown') choose(chosen + 1);
    else if (event.key === 'ArrowUp') choose(chosen - 1);
    else if (event.key === 'Enter' && document.activeElement === input) links[chosen]?.click();
    else return;
    event.preventDefault();
  });
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog || event.target.closest('a')) dialog.close();
  });

  function open() {
    if (!dialog.open) dialog.showModal();
    input.select();
    if (input.value) ask();
    else setText(note, 'Type a part of a name.');
  }

  async function ask() {
    const words = input.value.trim();
    controller?.abort();
    if (!words) {
      replace(list);
      choose(0);
      setText(note, 'Type a part of a name.');
      return;
    }
    controller = new AbortController();
    const scope = store.ownScope();
    try {
      const { document: answer } = await get(`${scope}/search${query({ q: words, limit: 6 })}`, { signal: controller.signal });
      show(words, answer);
    } catch (error) {
      if (error.name !== 'AbortError') setText(note, error.message);
    }
  }

  function show(words, answer) {
    const age = Math.round(f.now() - (f.parseTime(answer.at) ?? f.now()));
    const found = answer.found === 0 ? `Nothing among ${f.count(answer.names)} names holds “${words}”.` : `${f.plural(answer.found, 'hit')} among ${f.count(answer.names)} names${age > 3 ? `, as of ${f.duration(age)} ago` : ''}.`;
    setText(note, [found, gapsOf(answer)].filter(Boolean).join(' '));
    replace(list,
      // A subject need not be known to be asked for.
      /^[^\s]+\.[^\s]*$/.test(words) ? group('Subject', [row(url.link('subscriptions', { subject: words }, ''), 'Who would receive ', words, '')]) : null,
      (answer.kinds ?? []).map(({ kind, found, hits }) => group(`${kinds[kind] ?? kind}${found > hits.length ? `, ${f.count(hits.length)} of ${f.count(found)}` : ''}`,
        [...hits.map((hit) => row(hitLink(kind, hit), '', hit.name, hitNote(kind, hit))),
          found > hits.length && ['client', 'user', 'address'].includes(kind) ? row(url.link('connections', { q: words }, ''), `All ${f.count(found)}, as connections`, '', '') : null])));
    choose(0);
  }

  const group = (title, rows) => h('section', { role: 'group', 'aria-label': title }, h('h2', {}, title), rows);
  const row = (href, before, name, more) => h('a', { href, role: 'option' }, h('span', {}, before, h('bdi', {}, name)), h('span', { class: 'faint' }, more));

  function choose(index) {
    const links = [...list.querySelectorAll('a')];
    chosen = Math.max(0, Math.min(links.length - 1, index));
    links.forEach((link, at) => {
      link.id = `hit-${at}`;
      link.setAttribute('aria-selected', String(at === chosen));
    });
    // The cursor stays in the box: who cannot see the list is told of the chosen hit by its id.
    input.setAttribute('aria-expanded', String(links.length > 0));
    if (links.length) input.setAttribute('aria-activedescendant', `hit-${chosen}`);
    else input.removeAttribute('aria-activedescendant');
    links[chosen]?.scrollIntoView({ block: 'nearest' });
  }

  return { button, dialog, open };
}
