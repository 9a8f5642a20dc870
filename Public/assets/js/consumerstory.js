// What people look for in a consumer, in words: does it keep up, how far behind is it, what holds it.

import * as f from './format.js';

/**
 * How a consumer stands: { words, tone }. `rates` are a second: what its stream stored, what it was delivered, what it acknowledged.
 * @param {any} consumer
 * @param {{ stored?: number, delivered?: number, acked?: number } | undefined} rates
 */
export function standing(consumer, rates) {
  const waiting = consumer.num_pending ?? 0;
  const done = consumer.config?.ack_policy === 'none' ? rates?.delivered : rates?.acked;
  if (waiting === 0 && (consumer.num_ack_pending ?? 0) === 0) return { words: 'keeps up', tone: 'good' };
  if (rates === undefined || done === undefined || rates.stored === undefined) return { words: `${f.count(waiting)} wait`, tone: '' };
  const net = rates.stored - done;
  if (waiting === 0) return { words: 'keeps up', tone: 'good' };
  if (net > 0.05) return { words: done === 0 ? `stands still, ${f.count(waiting)} wait and ${f.perSecond(rates.stored)} come` : `falls behind ${f.perSecond(net)}`, tone: 'bad' };
  if (net < -0.05) return { words: `caught up in ${f.duration(Math.max(1, Math.ceil(waiting / -net)))}`, tone: 'warn' };
  return { words: done === 0 ? `stands still, ${f.count(waiting)} wait` : `keeps its distance of ${f.count(waiting)}`, tone: done === 0 ? 'bad' : '' };
}

/** What may hold it, each in a sentence. */
export function holds(consumer) {
  const out = [];
  const limit = consumer.config?.max_ack_pending ?? 0;
  const isPush = Boolean(consumer.config?.deliver_subject);
  if (consumer.paused) out.push('It is paused.');
  if (consumer.cluster && !consumer.cluster.leader) out.push('It has no leader.');
  if (limit > 0 && (consumer.num_ack_pending ?? 0) >= limit) out.push(`As many messages as it may have (${f.count(limit)}) are not acknowledged: it is given no more until some are.`);
  if (isPush && consumer.push_bound === false) out.push('Nobody listens on the subject that it delivers to.');
  if (!isPush && (consumer.num_pending ?? 0) > 0 && (consumer.num_waiting ?? 0) === 0) out.push('Nobody asks it for messages: no pull request waits.');
  if ((consumer.num_redelivered ?? 0) > 0) out.push(`${f.plural(consumer.num_redelivered, 'message')} had to be delivered again.`);
  return out;
}
