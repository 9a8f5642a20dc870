// Type a subject: who would receive it, and at what rate. And the tree of all subjects, a level at a time, with what goes through it now.

import { h, replace, setText } from '../dom.js';
import { query } from '../api.js';
import { figure, text } from '../columns.js';
import * as f from '../format.js';
import { makeSubjectTree } from '../subjecttree.js';
import { makeTake } from '../take.js';
import { listTable, poll, problemLine, viewHead } from '../view.js';
import * as url from '../url.js';

const client = (row) => row.client || `cid ${row.cid}`;
const keyOf = (row) => `${row.server_id}/${row.cid}`;

const columns = [
  text('subject', 'Subscription', 18, (row) => row.subject),
  text('queue', 'Queue group', 9, (row) => row.qgroup),
  text('account', 'Account', 9, (row) => row.account_tag || row.account || '$G'),
  text('server', 'Server', 7, (row) => row.server_name),
  {
    ...text('client', 'Client', 11, client),
    show(cell, row) { replace(cell, h('a', { href: url.link('connections', { open: keyOf(row) }), title: `cid ${row.cid}` }, client(row))); },
  },
  figure('rate', 'Rate', 6, (row) => row.rate, f.perSecond, { title: 'Messages a second that it is given' }),
  figure('msgs', 'Delivered', 7, (row) => row.msgs, f.count),
];
const most = 1000;

export function mount(root, { store, state }) {
  let present = state;
  let told;
  let askedFor;
  const head = viewHead('Subscriptions');
  const input = h('input', { type: 'search', class: 'path mono', placeholder: 'A subject, such as orders.created', 'aria-label': 'Subject', spellcheck: 'false', autocomplete: 'off' });
  const system = h('input', { type: 'checkbox', onchange: () => url.patch({ system: system.checked ? '1' : '' }) });
  const answer = h('p', {});
  const problem = problemLine();
  const table = listTable({ caption: 'Subscriptions', columns, key: (row) => `${keyOf(row)} ${row.sid} ${row.subject} ${row.account}`, sort: { key: 'rate', direction: 'descending' }, texts: undefined });
  const holder = h('div', { class: 'section' }, table.element);
  const order = h('select', { 'aria-label': 'Order of the tree', onchange: () => url.patch({ order: order.value === 'subscriptions' ? '' : order.value }) },
    [['subscriptions', 'by subscriptions'], ['rate', 'by rate'], ['name', 'by name']].map(([value, label]) => h('option', { value }, label)));
  const tree = makeSubjectTree(store, { options: () => ({ system: system.checked ? 1 : '', sort: order.value }), problem, told: (document) => {
    told = document;
    show();
  } });
  const interest = h('section', { class: 'section' }, h('div', { class: 'row' }, h('h2', { class: 'grow' }, 'Subjects by token'), order), tree.element);
  const wanted = () => present.parameters.get('subject') ?? '';
  const path = () => `${store.scope.path}/subjects${query({ subject: wanted(), system: present.parameters.get('system') === '1' ? 1 : '', limit: most })}`;
  const take = makeTake({ name: 'Subscriptions', columns: () => columns, rows: () => told?.subscriptions ?? [], path });
  root.append(head.element,
    h('form', { class: 'toolbar', onsubmit: (event) => { event.preventDefault(); url.patch({ subject: input.value.trim() }); } }, input, h('button', {}, 'Who receives it?'), h('label', { class: 'row' }, system, 'with the system’s own'), h('span', { class: 'grow' }), take),
    problem.element, answer, holder, interest);
  let typing;
  input.addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(() => url.patch({ subject: input.value.trim() }), 400);
  });

  const stop = poll(store, 4, {
    path, problem, consequence: 'They may have more.', isWanted: () => wanted() !== '',
    take(document, _, asked) {
      told = document;
      askedFor = asked;
    },
    done(error, asked) {
      // What was answered to another question says nothing about this one.
      if (error && asked !== askedFor) told = undefined;
      show();
    },
  });

  function show() {
    const subject = wanted();
    const isAnswered = told && (subject ? told.subject === subject : told.tokens !== undefined);
    setText(answer, isAnswered ? answerText(told, !problem.isEmpty()) : problem.isEmpty() ? 'Asking …' : '');
    table.show(isAnswered && subject ? told.subscriptions : [], { empty: '' });
    holder.hidden = !subject || !isAnswered || told.matched === 0;
    interest.hidden = Boolean(subject);
  }

  function update(next) {
    const before = `${wanted()} ${present.parameters.get('system')} ${present.parameters.get('order')}`;
    present = next;
    system.checked = next.parameters.get('system') === '1';
    order.value = next.parameters.get('order') || 'subscriptions';
    if (document.activeElement !== input) input.value = wanted();
    table.update(next.parameters);
    tree.run(!wanted());
    if (before !== `${wanted()} ${next.parameters.get('system')} ${next.parameters.get('order')}`) {
      told = undefined;
      if (wanted()) stop.now();
      else tree.ask();
    }
    show();
  }

  update(state);
  return {
    update,
    destroy() {
      clearTimeout(typing);
      stop();
      tree.destroy();
      table.destroy();
    },
  };
}

/** What an answer of `/subjects` says, in a sentence. */
export function answerText(told, isPartial = false) {
  if (!told.subject) {
    const read = told.read < told.total ? ` The first ${f.count(told.read)} of ${f.count(told.total)} were read.` : '';
    return told.total === 0 ? 'Nobody subscribes to anything here.' : `${f.plural(told.matched, 'subscription')} of applications, of ${f.count(told.total)} in all.${read} Type a subject to see who would receive it.`;
  }
  if (told.matched === 0) return `Nobody would receive ${told.subject}${isPartial ? ', as far as is known' : ''}.`;
  const shown = told.subscriptions.length < told.matched ? ` The first ${f.count(told.subscriptions.length)} are shown.` : '';
  return `${f.plural(told.matched, 'subscription')} ${told.matched === 1 ? 'fits' : 'fit'} ${told.subject}: ${f.count(told.alone)} of their own${told.queue_groups ? `, and ${f.plural(told.queue_groups, 'queue group')} of which one member each receives a message` : ''}.${shown}`;
}
