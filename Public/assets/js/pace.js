// Work that is wanted often and done seldom.

/** Answers what may be called any number of times: `work` runs once, `wait` ms after the first of them. */
export function paced(work, wait) {
  let queued = false;
  return () => {
    if (queued) return;
    queued = true;
    setTimeout(() => {
      queued = false;
      work();
    }, wait);
  };
}
