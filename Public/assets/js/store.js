// What the pages know: the roster, the last answer of every server, findings, and fifteen minutes of
// history. Fed by polling while the page is seen and live; a hidden or paused page asks for nothing.

import { gather, get, query, setMoment } from './api.js';
import { folded, summed } from './bygone.js';
import { now, parseTime, setShown } from './format.js';

const historySeconds = 900;
/** Which of the gateway's rates is meant: what a server receives comes in. */
const rateFields = { in_msgs_rate: 'received_msgs', in_bytes_rate: 'received_bytes', out_msgs_rate: 'sent_msgs', out_bytes_rate: 'sent_bytes' };
/** How far back the rates look, and how old what a server said may be, in seconds, before it is no longer so. */
const rateSpan = '5s';
const stale = 6;

/** The gateway's rates under the names of the history's fields; undefined where it does not know them. */
export function ratesOf(rates) {
  if (!rates) return undefined;
  return Object.fromEntries(Object.entries(rateFields).map(([field, name]) => [field, rates[name] ?? null]));
}

/** What an operator has muted is shown where it belongs, and raises nothing. */
export const isAudible = (finding) => !finding.muted;

/** After an answer that took a second nothing is asked for this many. */
const restFor = 4;

export class Store extends EventTarget {
  scope = { kind: 'all', name: '', text: '', path: '' };
  live = true;
  /** The moment that is shown, as `at=` takes it; empty for now. */
  moment = '';
  /** Of what is shown, as the gateway says it. */
  at = undefined;
  roster = [];
  connectedTo = undefined;
  /** Those that are to be heeded; and all, with those that are muted. */
  findings = undefined;
  allFindings = undefined;
  /** What several of them are one thing of; and what was wrong until a while ago. */
  causes = [];
  ended = [];
  /** The checks that could not be made, as the gateway tells them: { reason, kind, checks }. */
  unknownChecks = [];
  findingsError = undefined;
  completeness = undefined;
  error = undefined;
  rosterError = undefined;
  updatedAt = undefined;
  /** Per server id: { server, statsz, at, rates, points: [{ time, …fields }] }. */
  servers = new Map();
  #tasks = new Set();
  #findings;
  #hasHistory = false;

  /**
   * Runs a task now and then again each period, while the page is seen and live. Answers how to stop. A task may say that what it got is not
   * whole (false).
   */
  every(seconds, task) {
    const entry = { seconds, task, timer: undefined, controller: undefined, waiting: seconds };
    this.#tasks.add(entry);
    this.#run(entry);
    const stop = () => {
      this.#tasks.delete(entry);
      clearTimeout(entry.timer);
      entry.controller?.abort();
    };
    stop.now = () => this.#run(entry);
    return stop;
  }

  async #run(entry) {
    clearTimeout(entry.timer);
    entry.controller?.abort();
    const controller = new AbortController();
    entry.controller = controller;
    entry.waiting = entry.seconds;
    const began = performance.now();
    try {
      const isWhole = await entry.task(controller.signal);
      // What takes long to answer is asked for less often: a page that is left open is no load. Where servers are silent most of that was
      // waiting for them, and news are wanted more.
      const rest = (performance.now() - began) / 1000 * restFor;
      entry.waiting = Math.max(entry.seconds, isWhole === false ? Math.min(rest, 2 * entry.seconds) : rest);
    } catch (error) {
      if (error.name === 'AbortError') return;
      // Backs off when the gateway says so, or when there is none.
      // What a role may not see today it may see after a reload of the access file, not sooner.
      entry.waiting = error.retryAfter ?? (error.status === 403 ? 60 : undefined) ?? (error.status === 0 || error.status >= 500 ? entry.seconds * 2 : entry.seconds);
    }
    if (!this.#tasks.has(entry) || entry.controller !== controller) return;
    if (this.#runs()) entry.timer = setTimeout(() => this.#run(entry), entry.waiting * 1000);
  }

  /** What has passed does not change: it is asked for once. */
  #runs() {
    return this.live && !this.moment && !document.hidden;
  }

  start() {
    document.addEventListener('visibilitychange', () => this.#resume());
    this.every(2, (signal) => this.#pollStatistics(signal));
    this.every(5, async (signal) => {
      await this.#pollRoster(signal);
      // Whose past it is, the roster tells.
      if (this.#hasHistory) return;
      this.#hasHistory = true;
      await this.#loadHistory();
    });
    this.#findings = this.every(10, (signal) => this.#pollFindings(signal));
  }

  setLive(live) {
    this.live = live;
    this.#resume();
    this.#changed();
  }

  /** Shows another moment; empty for now. */
  setMoment(moment) {
    if (moment === this.moment) return;
    this.moment = moment;
    setMoment(moment);
    setShown(moment ? parseTime(moment) : undefined);
    this.at = undefined;
    this.completeness = this.findings = this.allFindings = undefined;
    this.unknownChecks = this.causes = this.ended = [];
    this.servers.clear();
    this.#changed();
    this.#hasHistory = false;
    this.refresh();
  }

  setScope(scope) {
    if (scope.text === this.scope.text) return;
    this.scope = scope;
    this.completeness = undefined;
    this.#changed();
    this.refresh();
  }

  refresh() {
    for (const entry of this.#tasks) this.#run(entry);
  }

  #resume() {
    for (const entry of this.#tasks) {
      clearTimeout(entry.timer);
      if (this.#runs()) this.#run(entry);
    }
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }

  /** The path within which whoever looks may ask: who sees one account only asks that account. Empty for the whole system. */
  ownScope() {
    return this.tenant && this.scope.kind === 'account' ? this.scope.path : '';
  }

  /** The servers of the scope, from the roster, each once by name, with what was last heard of each. */
  inScope() {
    const { kind, name } = this.scope;
    const isAway = this.isAway() !== undefined;
    return folded(this.roster
      .filter((server) => kind === 'cluster' ? server.cluster === name : kind === 'server' ? server.name === name || server.id === name : true)
      .map((server) => ({ ...server, ...(this.servers.get(server.id) ?? { points: [] }), state: server.state ?? 'unknown' })))
      // Who was there is known while the gateway is away; who is there is not.
      .map((server) => isAway && server.state !== 'gone' ? { ...server, state: 'unknown' } : server)
      // What a server last said is no longer so once it has gone or fallen silent; only its past stays.
      .map((server) => server.state === 'gone' || this.#isStale(server) ? { ...server, last: { statsz: server.statsz, rates: server.rates }, statsz: undefined, rates: undefined } : server);
  }

  /** It has not answered since the others did; or never, and is not known to live. */
  #isStale(server) {
    if (this.moment) return server.statsz === undefined;
    if (server.at === undefined) return !['live', 'slow'].includes(server.state);
    return this.updatedAt !== undefined && this.updatedAt - server.at > stale * 1000;
  }

  /** For how many seconds the gateway has not answered; undefined while it does. A single slow answer is none. */
  isAway() {
    if (!this.error || this.error.status !== 0 || this.updatedAt === undefined) return undefined;
    const seconds = Math.floor((Date.now() - this.updatedAt) / 1000);
    return seconds >= stale ? seconds : undefined;
  }

  async #pollStatistics(signal) {
    const moment = this.moment;
    try {
      const answer = await this.#askStatistics(signal);
      if (moment !== this.moment) return;
      const before = JSON.stringify([this.completeness?.complete, this.completeness?.missing?.map((each) => each.name)]);
      this.completeness = answer.completeness;
      this.error = undefined;
      this.updatedAt = Date.now();
      this.at = answer.at;
      setShown(this.moment ? this.end() : undefined);
      // Who is missing is a finding too: both places say so at once.
      if (before !== JSON.stringify([this.completeness?.complete, this.completeness?.missing?.map((each) => each.name)])) this.#findings?.now();
      for (const { server, data, rates } of answer.servers) if (data) this.#note(server, data, rates ?? data.rates);
    } catch (error) {
      if (error.name !== 'AbortError') {
        this.error = error;
        this.#changed();
      }
      throw error;
    }
    this.#changed();
    return this.completeness?.complete;
  }

  /** An account's own servers are asked by the views; the frame shows the whole system then, where the role may see it. */
  async #askStatistics(signal) {
    // Rates of a moment that has passed are told by the record.
    const rate = this.moment ? '' : rateSpan;
    if (this.scope.kind !== 'account') return gather(this.scope, 'statsz', { rate }, { signal });
    if (!this.tenant) {
      try {
        return await gather({ path: '', name: '' }, 'statsz', { rate }, { signal });
      } catch (error) {
        if (error.status !== 403) throw error;
        this.tenant = true;
      }
    }
    const answer = await gather(this.scope, 'statz', {}, { signal });
    return { ...answer, servers: [] };
  }

  #note(server, statsz, told) {
    const known = this.roster.find((other) => other.id === server.id || (scopeless(server) && other.name === server.name));
    const id = known?.id ?? server.id;
    const entry = this.servers.get(id) ?? { points: [] };
    const time = this.moment ? parseTime(this.at) ?? now() : now();
    const rates = ratesOf(told);
    // Its own clock tells how long it has run; what it says now stands on the lines by the gateway's.
    const [own, start] = [parseTime(server.time), parseTime(statsz.start)];
    Object.assign(entry, { statsz, rates: this.moment ? entry.rates : rates, at: Date.now(), ran: own === undefined || start === undefined ? undefined : own - start });
    if (!this.moment && time - (entry.points.at(-1)?.time ?? 0) >= 0.5) {
      entry.points.push({ time, cpu: statsz.cpu, mem: statsz.mem, connections: statsz.connections, subscriptions: statsz.subscriptions, slow_consumers: statsz.slow_consumers, ...rates });
    }
    while (entry.points.length && entry.points[0].time < time - historySeconds) entry.points.shift();
    this.servers.set(id, entry);
  }

  async #pollRoster(signal) {
    let answer;
    const moment = this.moment;
    try {
      const asked = await get('/servers', { signal });
      if (moment !== this.moment) return;
      answer = asked.document;
      this.at ??= asked.at;
      this.rosterError = undefined;
    } catch (error) {
      if (error.name !== 'AbortError') {
        this.rosterError = error;
        this.#changed();
      }
      throw error;
    }
    this.roster = answer.servers ?? [];
    this.connectedTo = { server: answer.connected_to, url: answer.url, isConnected: answer.connected };
    for (const server of this.roster) {
      const entry = this.servers.get(server.id);
      if (server.rates && !entry?.rates && server.state === 'live') this.servers.set(server.id, { points: [], ...entry, rates: ratesOf(server.rates) });
    }
    this.#changed();
  }

  async #pollFindings(signal) {
    const moment = this.moment;
    try {
      const { document: answer } = await get('/findings', { signal });
      if (moment !== this.moment) return;
      this.allFindings = answer.findings ?? [];
      this.findings = this.allFindings.filter(isAudible);
      this.unknownChecks = answer.checks?.unknown ?? [];
      this.causes = answer.causes ?? [];
      this.ended = answer.ended ?? [];
      this.findingsError = undefined;
    } catch (error) {
      if (error.name !== 'AbortError') {
        this.findingsError = error;
        this.#changed();
      }
      throw error;
    }
    this.#changed();
  }

  /** Lines of one moment are not those of another, which may have been chosen while they were on their way. */
  async #loadHistory() {
    const moment = this.moment;
    const fields = ['cpu', 'mem', 'connections', 'subscriptions', 'slow_consumers', ...Object.keys(rateFields)];
    if (this.moment) {
      await this.#loadRecorded(fields);
      return;
    }
    try {
      const { document: answer } = await get(`/history${query({ field: fields.join(','), since: '15m' })}`);
      if (moment !== this.moment) return;
      for (const { server, times, values } of answer.servers ?? []) {
        const entry = this.servers.get(server.id) ?? { points: [] };
        const first = entry.points[0]?.time ?? Infinity;
        const past = times.map((time, index) => Object.fromEntries([['time', time], ...fields.map((field) => [field, values[field]?.[index] ?? null])]))
          .filter((point) => point.time < first);
        entry.points = [...past, ...entry.points];
        this.servers.set(server.id, entry);
      }
      this.#changed();
    } catch {
      // No history yet: the lines grow from here.
    }
    await this.#loadRecorded(fields);
  }

  /** What this gateway has not heard itself, the record may have. */
  async #loadRecorded(fields) {
    const moment = this.moment;
    const names = fields.map((field) => field.replace(/_rate$/, ''));
    try {
      const { document: kept } = await get('/epochs?since=1s');
      if (kept.store === 'memory' || moment !== this.moment) return;
      const { document: answer } = await get(`/history${query({ kind: 'server', field: [...new Set(names)].join(','), since: new Date((this.end() - historySeconds) * 1000).toISOString(), until: this.moment ? new Date(this.end() * 1000).toISOString() : '' })}`);
      if (moment !== this.moment) return;
      for (const row of answer.rows ?? []) {
        const server = this.roster.find((each) => each.name === row.server && (each.cluster ?? '') === (row.cluster ?? '') && each.state !== 'gone') ?? this.roster.find((each) => each.name === row.server);
        if (!server) continue;
        const entry = this.servers.get(server.id) ?? { points: [] };
        const first = entry.points[0]?.time ?? Infinity;
        const past = (answer.times ?? []).map((time, index) => Object.fromEntries([['time', time], ...fields.map((field, at) => [field, row.values?.[names[at]]?.[field.endsWith('_rate') ? 'rate' : 'last']?.[index] ?? null])]))
          .filter((point) => point.time < first - 1);
        entry.points = [...past, ...entry.points];
        const last = past.findLast((point) => point.in_msgs_rate !== null);
        if (this.moment && last) entry.rates = Object.fromEntries(Object.keys(rateFields).map((field) => [field, last[field]]));
        this.servers.set(server.id, entry);
      }
      this.#changed();
    } catch {
      // Nothing is recorded, or not for this caller.
    }
  }

  /** When what is shown ends: now, or the moment. */
  end() {
    return this.moment ? parseTime(this.at) ?? parseTime(this.moment) ?? now() : now();
  }

  /** The sum of a field over servers, in steps of `step` seconds, as points for a sparkline. */
  sum(servers, field, step = 10) {
    return summed(servers, field, { end: this.end(), span: historySeconds, step });
  }
}

function scopeless(server) {
  return !server.id || server.id === server.name;
}
