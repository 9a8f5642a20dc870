// A stream, or a consumer, in a pane: what it is, who holds it, how it goes, and the ways on from there.

import { h, replace, setText } from './dom.js';
import { get, query } from './api.js';
import { showFindings } from './findings.js';
import * as f from './format.js';
import { pastChart } from './pastchart.js';
import { detailHead } from './view.js';
import * as url from './url.js';

const nanoseconds = (value) => value > 0 ? f.duration(value / 1e9) : 'no limit';
const limit = (value, text) => value === undefined ? undefined : value < 0 || value === 0 ? 'no limit' : text(value);

/** Of a stream, those that stand worst. */
const mostConsumers = 1000;

/** What an `open=` of the view names: { account, stream, consumer }. */
export function assetOf(id) {
  const [account = '', stream = '', ...rest] = id.split('/');
  return { account, stream, consumer: rest.join('/') };
}

const facts = (entries) => h('dl', { class: 'facts' }, entries.filter(([, value]) => value !== undefined && value !== '' && value !== null).map(([term, value]) => [h('dt', {}, term), h('dd', {}, value)]));
const section = (title, ...content) => h('section', { class: 'section' }, h('h3', {}, title), content);

/** How a consumer's standing looks. */
export const tones = { keeps_up: 'good', catches_up: 'warn', unknown: 'warn', falls_behind: 'bad', stands_still: 'bad' };

/** Fills a pane with what the gateway tells of a stream, or of a consumer. Answers how to stop. */
export function openAsset(element, id, store, close) {
  const { account, stream, consumer } = assetOf(id);
  const body = h('div', {}, h('p', { class: 'quiet' }, 'Asking …'));
  const status = h('p', { class: 'bad' });
  const past = consumer ? pastChart(store, { title: 'Waiting to be delivered', kind: 'consumer', fields: ['pending', 'ack_pending'], narrow: { account, stream, consumer } })
    : pastChart(store, { title: 'Messages stored', kind: 'stream', fields: ['last_seq'], narrow: { account, stream } });
  const findings = h('ul', { class: 'findings' });
  const scope = `${store.scope.path}`;
  // A consumer is asked for by its name: it may stand behind any number of others.
  const paths = [`${scope}/streams${query({ account, stream })}`, `${scope}/consumers${query({ account, stream, consumer, limit: consumer ? 2 : mostConsumers })}`];
  replace(element, detailHead(consumer || stream, close), h('p', { class: 'row' }, consumer ? h('a', { href: url.link('jetstream', { open: `${account}/${stream}` }) }, `stream ${stream}`) : null,
    h('a', { href: url.link('accounts', { open: account }, '') }, `account ${account}`), h('a', { class: 'mono', href: url.link('explore', { path: paths[consumer ? 1 : 0], q: consumer || stream }, '') }, consumer ? '/consumers' : '/streams')), findings, status, body, past.element);
  const stop = store.every(3, async (signal) => {
    showFindings(findings, (store.allFindings ?? []).filter((each) => each.account === account && each.stream === stream && (!consumer || !each.consumer || each.consumer === consumer)), store.causes);
    try {
      const [streams, consumers] = await Promise.all(paths.map((path) => get(path, { signal })));
      show(streams.document.streams.find((each) => each.name === stream), consumers.document);
      setText(status, '');
    } catch (error) {
      if (error.name !== 'AbortError') setText(status, error.message);
      throw error;
    }
  });

  function show(own, told) {
    const what = consumer ? told.consumers.find((each) => each.name === consumer) : own;
    if (what) replace(body, consumer ? consumerBody(what) : streamBody(what, told));
    else replace(body, h('p', { class: 'notice' }, `There is no such ${consumer ? 'consumer' : 'stream'} now.`));
  }

  return () => {
    stop();
    past.stop();
  };
}

function streamBody(stream, { consumers, matched }) {
  const rates = stream.rates;
  const config = stream.config ?? {};
  const state = stream.state ?? {};
  return [
    stream.gone ? gone(stream.gone) : null,
    facts([
      ['Messages', `${f.count(state.messages)}${config.max_msgs > 0 ? ` of ${f.count(config.max_msgs)}` : ''}`], ['Bytes', `${f.bytes(state.bytes)}${config.max_bytes > 0 ? ` of ${f.bytes(config.max_bytes)}` : ''}`],
      ['Comes in', rates && f.perSecond(rates.stored)], ['Last message', state.last_ts && f.ago(state.last_ts)], ['Sequences', state.last_seq !== undefined && `${f.exact(state.first_seq)} – ${f.exact(state.last_seq)}`],
      ['Deleted inside', state.num_deleted ? f.count(state.num_deleted) : undefined], ['Subjects', state.num_subjects ? f.count(state.num_subjects) : undefined],
    ]),
    section('Listens to', h('ul', { class: 'plain-list mono' }, (config.subjects ?? []).map((subject) => h('li', {}, h('a', { href: url.link('subscriptions', { subject }, '') }, subject))),
      config.mirror ? h('li', {}, `mirror of ${config.mirror.name}`) : null, (config.sources ?? []).map((source) => h('li', {}, `source ${source.name}`)))),
    section('Replicas', replicas(stream.cluster, stream.server)),
    section('Consumers', consumers.length ? h('ul', { class: 'plain-list' }, consumers.map((each) => h('li', {}, h('a', { href: url.link('jetstream', { open: `${each.account}/${each.stream_name}/${each.name}` }) }, each.name), h('span', { class: tones[each.standing?.state] ?? '' }, each.standing?.words ?? 'not known'))))
      : h('p', { class: 'quiet' }, 'none'),
    matched > consumers.length ? h('p', { class: 'quiet' }, `The worst ${f.count(consumers.length)} of ${f.count(matched)}.`) : null),
    section('Configuration', facts([
      ['Kept by', config.retention], ['On', config.storage], ['Replicas', config.num_replicas], ['When full', config.discard === 'new' ? 'refuses new messages' : config.discard === 'old' ? 'drops the oldest' : config.discard],
      ['Oldest may be', config.max_age !== undefined ? nanoseconds(config.max_age) : undefined], ['Most messages', limit(config.max_msgs, f.count)], ['Most bytes', limit(config.max_bytes, f.bytes)], ['Most for a subject', limit(config.max_msgs_per_subject, f.count)],
      ['Largest message', limit(config.max_msg_size, f.bytes)], ['Placement', [config.placement?.cluster, ...(config.placement?.tags ?? [])].filter(Boolean).join(', ')], ['Compression', config.compression], ['Made', stream.created && `${f.ago(stream.created)}`],
    ])),
  ];
}

/** What nobody tells of now, as it was. */
const gone = ({ sentence, since }) => h('p', { class: 'notice error' }, sentence, ' Below: as of ', h('time', { datetime: since, title: since }, f.ago(since)), '.');

function consumerBody(consumer) {
  const config = consumer.config ?? {};
  const { rates } = consumer;
  const words = consumer.standing?.words ?? 'not known how it stands';
  const why = consumer.holds ?? [];
  return [
    consumer.gone ? gone(consumer.gone) : null,
    h('p', { class: `lead ${tones[consumer.standing?.state] ?? ''}` }, `${words[0].toUpperCase()}${words.slice(1)}.`),
    why.length ? h('ul', { class: 'plain-list' }, why.map((each) => h('li', {}, each))) : null,
    facts([
      ['Wait to be delivered', f.count(consumer.num_pending)], ['Not acknowledged', `${f.count(consumer.num_ack_pending)}${config.max_ack_pending > 0 ? ` of ${f.count(config.max_ack_pending)}` : ''}`], ['Delivered again', f.count(consumer.num_redelivered)], ['Pull requests waiting', config.deliver_subject ? undefined : f.count(consumer.num_waiting)],
      ['The stream stores', rates?.stored !== undefined ? f.perSecond(rates.stored) : undefined], ['It delivers', rates?.delivered !== undefined ? f.perSecond(rates.delivered) : undefined], ['It is acknowledged', rates?.acked !== undefined ? f.perSecond(rates.acked) : undefined],
      ['Delivered up to', f.exact(consumer.delivered?.stream_seq)], ['Acknowledged up to', f.exact(consumer.ack_floor?.stream_seq)], ['Last delivery', consumer.delivered?.last_active && f.ago(consumer.delivered.last_active)], ['Last acknowledgement', consumer.ack_floor?.last_active && f.ago(consumer.ack_floor.last_active)],
    ]),
    section('Replicas', replicas(consumer.cluster, '')),
    section('Configuration', facts([
      ['Filter', [config.filter_subject, ...(config.filter_subjects ?? [])].filter(Boolean).join(', ')], ['Delivers to', config.deliver_subject], ['Group', config.deliver_group], ['Acknowledged', config.ack_policy], ['Within', config.ack_wait && nanoseconds(config.ack_wait)], ['Tries', limit(config.max_deliver, f.count)],
      ['Begins with', config.deliver_policy], ['Replays', config.replay_policy], ['Durable', config.durable_name], ['Made', consumer.created && f.ago(consumer.created)],
    ])),
  ];
}

function replicas(cluster, server) {
  if (!cluster?.name && !cluster?.leader) return h('p', {}, server ? `One, on ${server}.` : 'One.');
  const row = (name, words, tone) => h('li', {}, h('a', { href: url.link('servers', { open: name }, '') }, name), h('span', { class: tone }, words));
  return h('ul', { class: 'plain-list' }, cluster.leader ? row(cluster.leader, 'leads', '') : h('li', { class: 'bad' }, 'no leader'),
    (cluster.replicas ?? []).map((peer) => row(peer.name, [peer.offline ? 'offline' : peer.current ? 'current' : 'behind', peer.lag ? `${f.count(peer.lag)} entries behind` : '', peer.active > 0 ? `last word ${f.duration(peer.active / 1e9)} ago` : ''].filter(Boolean).join(', '), peer.offline ? 'bad' : peer.current ? 'quiet' : 'warn')));
}
