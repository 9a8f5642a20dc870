// What lies beyond the right edge is announced: the page says that there is more to the right.

export function followEdges(main) {
  let queued = false;
  const look = () => {
    if (queued) return;
    queued = true;
    requestAnimationFrame(() => {
      queued = false;
      document.body.dataset.more = String(main.scrollWidth - main.clientWidth - main.scrollLeft > 24);
    });
  };
  main.addEventListener('scroll', look, { passive: true });
  addEventListener('resize', look);
  new MutationObserver(look).observe(main, { childList: true, subtree: true });
  look();
}
