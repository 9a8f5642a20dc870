// How fast counters grow, from two readings of the same thing: for what the gateway keeps no history of.

/** Readings nearer to each other than this say nothing. */
const shortest = 0.3;

export class Rates {
  #fields;
  #before = new Map();

  /** The counters that are read: names of fields, or functions of a row by name. */
  constructor(fields) {
    this.#fields = Object.entries(Array.isArray(fields) ? Object.fromEntries(fields.map((field) => [field, (row) => row[field]])) : fields);
  }

  /**
   * Takes a reading of all rows, `now` in seconds, and answers the rates of each by its key: undefined where a row is new or
   * its counters began anew, so that nothing is known. What is no longer among the rows is forgotten.
   */
  take(rows, keyOf, now) {
    const after = new Map();
    for (const row of rows) {
      const key = keyOf(row);
      const past = this.#before.get(key);
      if (past && now - past.now < shortest) {
        after.set(key, past);
        continue;
      }
      const counters = this.#fields.map(([, value]) => value(row));
      after.set(key, { now, counters, rates: past && this.#growth(past, counters, now - past.now) });
    }
    this.#before = after;
    return new Map([...after].map(([key, { rates }]) => [key, rates]));
  }

  /** Forgets everything: the next reading is of something else. */
  clear() {
    this.#before = new Map();
  }

  #growth(past, counters, seconds) {
    const isCounter = (value) => typeof value === 'number' && Number.isFinite(value);
    if (counters.some((value, index) => isCounter(value) && isCounter(past.counters[index]) && value < past.counters[index])) return undefined;
    const rates = {};
    this.#fields.forEach(([name], index) => {
      const value = counters[index];
      if (isCounter(value) && isCounter(past.counters[index])) rates[name] = (value - past.counters[index]) / seconds;
    });
    return rates;
  }
}
