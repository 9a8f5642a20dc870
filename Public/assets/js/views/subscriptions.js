// Type a subject: who would receive it. And the interest tree of all subjects, folded by token.

import { append, h, replace, setText } from '../dom.js';
import { get, query } from '../api.js';
import { figure, text } from '../columns.js';
import * as f from '../format.js';
import { Rates } from '../rates.js';
import { makeTable, sortRows } from '../table.js';
import { incompleteText } from '../view.js';
import * as url from '../url.js';

const columns = [
  text('subject', 'Subscription', 18, (row) => row.subject),
  text('queue', 'Queue group', 9, (row) => row.qgroup),
  text('account', 'Account', 9, (row) => row.account_tag || row.account),
  text('server', 'Server', 7, (row) => row.server_name),
  {
    ...text('client', 'Client', 11, (row) => nameOf(row)?.name || `cid ${row.server_cid ?? row.cid}`),
    show(cell, row) { replace(cell, h('a', { href: url.link('connections', { open: keyOf(row) }), title: `cid ${row.server_cid ?? row.cid}` }, nameOf(row)?.name || `cid ${row.server_cid ?? row.cid}`)); },
  },
  figure('rate', 'Rate', 6, (row) => row.rate, f.perSecond, { title: 'Messages a second, between two readings' }),
  figure('msgs', 'Delivered', 7, (row) => row.msgs, f.count),
];

/** Who a connection is, by its server and its number there: asked once for each that is shown. */
const names = new Map();
const keyOf = (row) => `${row.server_id ?? row.server_name}/${row.server_cid ?? row.cid}`;
const nameOf = (row) => names.get(keyOf(row));
const mostNames = 60;

const rowKey = (row) => `${row.server_name} ${row.cid} ${row.sid} ${row.subject} ${row.account}`;

/** Asks who those are that are not known by name yet. */
async function learnNames(rows, scope, signal) {
  const unknown = [...new Map(rows.filter((row) => !names.has(keyOf(row))).map((row) => [keyOf(row), row])).values()].slice(0, mostNames);
  if (unknown.length === 0) return false;
  if (names.size > 20_000) names.clear();
  const isTenant = scope.kind === 'account';
  await Promise.all(unknown.map(async (row) => {
    const key = keyOf(row);
    try {
      const path = isTenant ? scope.path : `/server/${encodeURIComponent(row.server_id ?? row.server_name)}`;
      const { document: answer } = await get(`${path}/connz${query({ cid: row.server_cid ?? row.cid })}`, { signal });
      const told = answer.servers ? answer.servers.find((each) => each.server?.id === row.server_id || each.server?.name === row.server_name)?.data : answer;
      const found = told?.connections?.[0];
      names.set(key, { name: found?.name || found?.mqtt_client || '' });
    } catch (error) {
      if (error.name === 'AbortError') throw error;
      names.set(key, { name: '' });
    }
  }));
  return true;
}

export function mount(root, { store, state }) {
  let present = state;
  let rows = [];
  let total;
  let answered;
  const input = h('input', { type: 'search', class: 'path mono', placeholder: 'A subject, such as orders.created', 'aria-label': 'Subject', spellcheck: 'false', autocomplete: 'off' });
  const system = h('input', { type: 'checkbox', onchange: () => url.patch({ system: system.checked ? '1' : '' }) });
  const answer = h('p', {});
  const problem = h('p', { class: 'bad' });
  const table = makeTable(columns, { caption: 'Subscriptions', key: rowKey, onSort: () => {} });
  const holder = h('div', { class: 'section' }, table.element);
  const tree = h('div', { class: 'tree mono' });
  const interest = h('section', { class: 'section' }, h('h2', {}, 'Interest by token'), tree);
  root.append(h('div', { class: 'head' }, h('h1', {}, 'Subscriptions')),
    h('form', { class: 'toolbar', onsubmit: (event) => { event.preventDefault(); url.patch({ subject: input.value.trim() }); } }, input, h('button', {}, 'Who receives it?'), h('label', { class: 'row' }, system, 'with the system’s own')),
    problem, answer, holder, interest);
  const rates = new Rates(['msgs']);
  const unfolded = new Map();
  let typing;
  input.addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(() => url.patch({ subject: input.value.trim() }), 400);
  });

  const wantedPath = () => {
    const { kind, path } = store.scope;
    const scope = kind === 'server' ? path : `${path}/merged`;
    const subject = present.parameters.get('subject') ?? '';
    return `${scope}/subsz${query({ subs: 1, test: /[*>]/.test(subject) ? '' : subject, limit: 20000 })}`;
  };

  const stop = store.every(5, async (signal) => {
    const path = wantedPath();
    try {
      const { document, completeness } = await get(path, { signal });
      rows = (document.subscriptions_list ?? []).map((row) => ({ ...row, server_name: row.server_name ?? store.scope.name }));
      const grown = rates.take(rows, rowKey, f.parseTime(document.now) ?? Date.now() / 1000);
      for (const row of rows) row.rate = grown.get(rowKey(row))?.msgs;
      total = document.total ?? rows.length;
      answered = path;
      setText(problem, incompleteText(completeness, 'They may have more.'));
    } catch (error) {
      if (error.name === 'AbortError') throw error;
      setText(problem, error.message);
      rows = [];
      answered = path;
      show();
      throw error;
    }
    show();
    if (present.parameters.get('subject') && await learnNames(shownRows, store.scope, signal)) show();
  });
  let shownRows = [];

  function show() {
    const subject = present.parameters.get('subject') ?? '';
    const withSystem = present.parameters.get('system') === '1';
    const own = (row) => /^(\$SYS|_INBOX|\$JS|\$NRG|\$JSC|\$KV|_R_|\$LDS|\$GNR|_GR_|\$OBJ)/.test(row.subject);
    let shown = rows.filter((row) => withSystem || subject.startsWith('$') || !own(row));
    if (/[*>]/.test(subject)) shown = shown.filter((row) => overlaps(subject, row.subject));
    const groups = new Set(shown.filter((row) => row.qgroup).map((row) => `${row.account} ${row.qgroup}`));
    const plain = shown.filter((row) => !row.qgroup).length;
    if (answered === undefined) setText(answer, 'Asking …');
    else if (!subject) setText(answer, `${f.plural(shown.length, 'subscription')}${shown.length < total ? ` (of ${f.count(total)})` : ''}. Type a subject to see who would receive it.`);
    else if (shown.length === 0) setText(answer, `Nobody would receive ${subject}${problem.textContent ? ', as far as is known' : ''}.`);
    else setText(answer, `${f.plural(shown.length, 'subscription')} ${shown.length === 1 ? 'fits' : 'fit'} ${subject}: ${plain} of their own${groups.size ? `, and ${f.plural(groups.size, 'queue group')} of which one member each receives a message` : ''}.`);
    shownRows = shown;
    table.show(subject ? sortRows(shown, (row) => row.subject, 'ascending') : [], { empty: '' });
    holder.hidden = !subject || shown.length === 0;
    interest.hidden = Boolean(subject);
    if (!subject) drawTree(shown);
  }

  function drawTree(shown) {
    const top = { children: new Map(), subs: 0, queues: new Set(), accounts: new Set() };
    for (const row of shown) {
      let at = top;
      for (const token of row.subject.split('.')) {
        if (!at.children.has(token)) at.children.set(token, { children: new Map(), subs: 0, all: 0, queues: new Set(), accounts: new Set() });
        at = at.children.get(token);
        at.all += 1;
        at.accounts.add(row.account_tag || row.account || '$G');
      }
      at.subs += 1;
      if (row.qgroup) at.queues.add(row.qgroup);
    }
    const key = JSON.stringify(shown.map((row) => [row.subject, row.qgroup, row.server_name, row.cid]));
    if (tree.shown_ === key) return;
    tree.shown_ = key;
    const draw = (node, prefix, depth) => [...node.children.entries()].sort((a, b) => a[0].localeCompare(b[0])).slice(0, 500).map(([token, child]) => {
      const path = prefix ? `${prefix}.${token}` : token;
      const label = [h('a', { href: url.link('subscriptions', { subject: child.children.size ? `${path}.>` : path }) }, token), h('span', { class: 'gloss' }, `  ${child.all}`,
        child.queues.size ? `, queue ${[...child.queues].join(', ')}` : '', depth === 0 ? ` · ${[...child.accounts].join(', ')}` : '')];
      if (child.children.size === 0) return h('div', { class: 'line leaf' }, label);
      const isOpen = unfolded.get(path) ?? (depth === 0 && node.children.size < 12);
      const below = h('div', { class: 'children', hidden: !isOpen }, isOpen ? draw(child, path, depth + 1) : null);
      const twist = h('button', { type: 'button', class: 'twist', 'aria-label': `${path}, fold or unfold`, 'aria-expanded': String(isOpen), onclick: () => {
        const open = below.hidden;
        unfolded.set(path, open);
        if (open && !below.childElementCount) append(below, draw(child, path, depth + 1));
        below.hidden = !open;
        twist.textContent = open ? '▾' : '▸';
        twist.setAttribute('aria-expanded', String(open));
      } }, isOpen ? '▾' : '▸');
      return h('div', {}, h('div', { class: 'line' }, twist, label), below);
    });
    replace(tree, top.children.size ? draw(top, '', 0) : h('p', { class: 'empty' }, 'No application subscribes to anything here. Subscriptions appear as clients make them.'));
  }

  function update(next) {
    present = next;
    system.checked = next.parameters.get('system') === '1';
    if (document.activeElement !== input) input.value = next.parameters.get('subject') ?? '';
    if (answered !== undefined && answered !== wantedPath()) stop.now();
    show();
  }

  update(state);
  return {
    update,
    destroy() {
      clearTimeout(typing);
      stop();
      table.destroy();
    },
  };
}

/** Whether two subjects with wildcards can match the same literal subject. */
export function overlaps(a, b) {
  const left = a.split('.');
  const right = b.split('.');
  for (let index = 0; ; index += 1) {
    const one = left[index];
    const other = right[index];
    if (one === undefined || other === undefined) return one === other;
    if (one === '>' || other === '>') return true;
    if (one !== '*' && other !== '*' && one !== other) return false;
  }
}
