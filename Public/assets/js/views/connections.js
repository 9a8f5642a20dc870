// nats-top for the whole system: by live rates, searched, sorted, summed up and paged by the gateway; and those that have closed.

import { h, replace, setText } from '../dom.js';
import { query } from '../api.js';
import * as columnsOf from '../connectioncolumns.js';
import { named } from '../columns.js';
import { openConnection } from '../connection.js';
import * as f from '../format.js';
import { parseSort, nextSort, sortText } from '../table.js';
import { makeTalkers, sharesOf } from '../talkers.js';
import { mountList, poll, problemLine } from '../view.js';
import * as url from '../url.js';

const groupings = { stem: 'by kind of name', name: 'by name', account: 'by account', server: 'by server', cluster: 'by cluster', user: 'by user', host: 'by address', library: 'by library' };
const measures = { rate_out_bytes: 'bytes to them', rate_in_bytes: 'bytes from them', rate_out_msgs: 'messages to them', rate_in_msgs: 'messages from them', pending: 'bytes waiting for them' };
const measureOf = { rate_out_bytes: (row) => row.rates?.out_bytes, rate_in_bytes: (row) => row.rates?.in_bytes, rate_out_msgs: (row) => row.rates?.out_msgs, rate_in_msgs: (row) => row.rates?.in_msgs, pending: (row) => row.pending_bytes };
const textOf = { rate_out_bytes: f.bytesPerSecond, rate_in_bytes: f.bytesPerSecond, rate_out_msgs: f.perSecond, rate_in_msgs: f.perSecond, pending: f.bytes };
const limits = [100, 500, 1000, 5000];
const choice = (label, entries, change) => h('select', { 'aria-label': label, onchange: (event) => change(event.target.value) }, entries.map(([value, name]) => h('option', { value }, name)));
/** What a connection is called in the URL: its server's id, and its number there. */
const idOf = (row) => `${row.server_id ?? row.server_name}/${row.server_cid ?? row.cid}`;
const closedTexts = (row) => [row.name, row.account, row.name_tag, row.ip, row.server_name, row.authorized_user, row.lang, row.reason, row.mqtt_client, String(row.server_cid ?? row.cid)];

export function mount(root, { store, state }) {
  let parameters = state.parameters;
  let told;
  const stateChoice = choice('State', [['open', 'Open'], ['closed', 'Closed']], (value) => url.patch({ state: value === 'open' ? '' : value, sort: '', group: '', offset: '', reason: '', server: '' }, {}));
  const groupChoice = choice('Summed up', [['', 'each'], ...Object.entries(groupings)], (value) => url.patch({ group: value, offset: '', sort: '' }, {}));
  const limitChoice = choice('How many', limits.map((limit) => [limit, `${f.count(limit)} a page`]), (value) => url.patch({ limit: value === '100' ? '' : value, offset: '' }));
  const reasons = h('span', { class: 'row' });
  const talkers = makeTalkers('Who makes the traffic');
  const by = choice('Summed up in the picture', Object.entries(groupings), (value) => url.patch({ map: value === 'stem' ? '' : value }));
  const measure = choice('Of what', Object.entries(measures), (value) => url.patch({ of: value === 'rate_out_bytes' ? '' : value }));
  const mapProblem = problemLine();
  const picture = h('section', { 'aria-label': 'Who makes the traffic' }, h('div', { class: 'toolbar' }, h('span', { class: 'label' }, 'Shares of'), measure, by), mapProblem.element, talkers.element);
  const pages = makePages(() => told, (offset) => url.patch({ offset: offset || '' }, {}));

  const isClosed = () => parameters.get('state') === 'closed';
  /** What a finding leads to is told by the gateway's own record; all else by the servers'. */
  const isOwnRecord = () => isClosed() && ['reason', 'server', 'group'].some((each) => parameters.get(each));
  const isGrouped = () => Boolean(parameters.get('group'));
  const columns = () => isClosed() ? isGrouped() ? columnsOf.closedGroups : columnsOf.closed : store.moment ? isGrouped() ? columnsOf.groupsThen : columnsOf.openThen : isGrouped() ? columnsOf.groups : columnsOf.open;
  const standard = () => ({ key: isClosed() ? isGrouped() ? 'count' : 'stop' : !store.moment ? 'rate_out_bytes' : isGrouped() ? 'connections' : 'out_bytes', direction: 'descending' });
  const sort = () => parseSort(parameters.get('sort'), columns(), standard());
  const limit = () => Number(parameters.get('limit')) || 100;

  const isPictured = () => !isClosed() && !store.moment;
  const mapStop = poll(store, 4, {
    problem: mapProblem, isWanted: isPictured,
    path: () => `${store.scope.path}/connections${query({ group: parameters.get('map') || 'stem', sort: parameters.get('of') || 'rate_out_bytes', match: parameters.get('q'), limit: 200 })}`,
    take(document) {
      const what = parameters.get('of') || 'rate_out_bytes';
      talkers.show(sharesOf(document.groups ?? [], measureOf[what]), textOf[what], (name) => name ? url.link('connections', { q: stemOf(name) }) : '');
    },
    done() {},
  });

  const list = mountList(root, { store, state }, {
    title: 'Connections', find: 'Find a client, account, address, server', seconds: 2, wait: 250,
    get columnsName() { return `connections ${isClosed() ? 'closed' : 'open'}${isGrouped() ? ' groups' : ''}`; },
    above: picture, tools: [stateChoice, groupChoice, limitChoice, reasons], below: pages.element,
    get columns() { return columns(); },
    key: (row) => row.key ?? (isGrouped() ? row.name : `${idOf(row)} ${row.stop ?? ''}`),
    get opens() { return isGrouped() ? (row) => `group:${row.name ?? ''}` : idOf; },
    // The gateway searches among those that are open; it has no such question for those that have closed.
    get texts() { return isClosed() ? closedTexts : undefined; },
    get sort() { return standard(); },
    sorted: () => isClosed() ? undefined : sort(),
    onSort: (key, column) => url.patch({ sort: sortText(nextSort(sort(), column)), offset: '' }),
    path() {
      const scope = store.scope.path;
      if (isOwnRecord()) return `${scope}/closed${query({ reason: parameters.get('reason'), server: parameters.get('server'), limit: 10000 })}`;
      if (isClosed()) return `${scope}${store.scope.kind === 'server' ? '' : '/merged'}/connz${query({ sort: 'stop', state: 'closed', limit: 5000, auth: 1 })}`;
      const { key, direction } = sort();
      return `${scope}/connections${query({ sort: key, order: direction, match: parameters.get('q'), group: parameters.get('group'), offset: parameters.get('offset'), limit: limit() })}`;
    },
    rows(document) {
      told = document;
      if (isOwnRecord()) {
        const rows = (document.closed ?? []).map(columnsOf.closedRow);
        return isGrouped() ? columnsOf.closedByClient(rows) : rows;
      }
      return (document.groups ?? document.connections ?? []).map((row) => ({ ...row, server_name: row.server_name ?? store.scope.name, server_id: row.server_id ?? document.server_id }));
    },
    detail(element, id, close, find) {
      if (!id.startsWith('group:')) return openConnection(element, id, store, () => find(id), close);
      close();
      url.patch({ q: stemOf(id.slice(6)), group: '', open: '', offset: '' }, {});
      return undefined;
    },
    get empty() { return isClosed() ? isOwnRecord() ? 'The gateway remembers no such closed connection.' : 'No server remembers a closed connection.' : parameters.get('q') ? `No connection fits “${parameters.get('q')}”.` : 'No client is connected here. Clients appear as soon as they connect.'; },
    none: 'No connection among those shown',
    note: (shown, all, document) => noteOf(shown, all, document, { isClosed: isClosed(), label: named(columns(), sort().key)?.label }),
    showed: () => pages.show(),
    update(next) {
      parameters = next.parameters;
      stateChoice.value = isClosed() ? 'closed' : 'open';
      groupChoice.value = isClosed() ? '' : parameters.get('group') ?? '';
      groupChoice.hidden = isClosed();
      limitChoice.value = String(limit());
      limitChoice.hidden = isClosed();
      by.value = parameters.get('map') || 'stem';
      measure.value = parameters.get('of') || 'rate_out_bytes';
      picture.hidden = !isPictured();
      replace(reasons, ['reason', 'server'].filter((each) => isClosed() && parameters.get(each)).map((each) => h('span', { class: 'tag' }, `${each} ${parameters.get(each)} `,
        h('button', { type: 'button', class: 'plain', 'aria-label': `Whatever the ${each}`, onclick: () => url.patch({ [each]: '' }, {}) }, '✕'))),
      isOwnRecord() ? h('label', { class: 'row' }, h('input', { type: 'checkbox', checked: isGrouped(), onchange: (event) => url.patch({ group: event.target.checked ? 'client' : '', sort: '' }, {}) }), 'summed up by client') : null);
    },
  });
  let mapAsked = '';
  return {
    update(next) {
      list.update(next);
      const wanted = JSON.stringify([isPictured(), ...['map', 'of', 'q'].map((each) => parameters.get(each))]);
      if (mapAsked !== wanted) mapStop.now();
      mapAsked = wanted;
    },
    destroy() {
      mapStop();
      list.destroy();
    },
  };
}

const stemOf = (name) => name.replace(/\*$/, '');

/** How many are shown, of how many that fit, of how many that there are. */
export function noteOf(shown, all, document, { isClosed, label }) {
  if (isClosed) return shown.length < all.length ? `${f.count(shown.length)} of ${f.plural(all.length, 'row')}` : `${f.plural(document.total ?? all.length, 'connection')} that ended${(document.total ?? 0) > all.length && document.connections ? `, the last ${f.count(all.length)}` : ''}`;
  const fits = document.matched < document.read ? `${f.count(document.matched)} of ${f.plural(document.total, 'connection')} fit` : f.plural(document.total, 'connection');
  const beyond = document.total > document.read ? `, of which ${f.count(document.read)} were read` : '';
  const span = document.rates_over_seconds ? `, rates over ${f.duration(document.rates_over_seconds)}` : '';
  const leafs = all.some((row) => /leaf/i.test(row.kind ?? '')) ? ', leafnodes among them' : '';
  return `${fits}${beyond}${leafs}${label ? `, by ${label}` : ''}${span}`;
}

/** Steps through what the gateway has more of than one page. */
function makePages(told, go) {
  const before = h('button', { type: 'button', onclick: () => go(Math.max(0, told().offset - told().limit)) }, '‹ Before');
  const after = h('button', { type: 'button', onclick: () => go(told().offset + told().limit) }, 'Next ›');
  const where = h('span', { class: 'quiet', role: 'status' });
  const element = h('div', { class: 'pages', hidden: true }, before, where, after);
  return {
    element,
    show() {
      const document = told();
      const all = document?.group_count ?? document?.matched;
      element.hidden = all === undefined || (all <= document.limit && !document.offset);
      if (element.hidden) return;
      before.disabled = document.offset === 0;
      after.disabled = document.offset + document.limit >= all;
      setText(where, `${f.count(Math.min(all, document.offset + 1))} to ${f.count(Math.min(all, document.offset + document.limit))} of ${f.count(all)}`);
    },
  };
}
