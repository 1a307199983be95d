// A line for each fault of the walk: what never had the focus, had it in another order than the page's, or did not show it.
(() => {
  const { controls, seen } = window.walked;
  const faults = [];
  const name = it => it.outerHTML.replace(/\s+/g, ' ').slice(0, 120);
  const stops = seen.map(({ it }) => it).filter(it => controls.includes(it));
  const first = controls.map(it => stops.indexOf(it));
  controls.forEach((it, at) => {
    if (first[at] < 0) faults.push(`it never has the focus: ${name(it)}`);
    const later = controls.findIndex((_, next) => next > at && first[next] >= 0 && first[next] < first[at]);
    if (later >= 0) faults.push(`what follows it has the focus before: ${name(it)}`);
  });
  const hidden = seen.filter(({ it, shows }) => !shows && it !== document.body).map(({ it }) => it);
  faults.push(...[...new Set(hidden)].map(it => `it does not show that it has the focus: ${name(it)}`));
  return faults.join('\n');
})()
