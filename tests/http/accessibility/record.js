// Prepares a walk from the top of the page with the Tab key, and returns how many presses reach its end.
(async () => {
  // A page that gives the focus to a field does so with its first frame.
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  const controls = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
    .filter(it => it.checkVisibility({ visibilityProperty: true }) && !it.disabled)
    // The chosen one of some radio buttons stands for all of them.
    .filter(it => it.type !== 'radio' || it.checked || ![...document.querySelectorAll('[type=radio]')].some(other => other.name === it.name && other.checked));
  const seen = [];
  window.walked = { controls, seen };
  if (window.listens) removeEventListener('focusin', window.listens);
  window.listens = event => {
    const it = event.target;
    const style = getComputedStyle(it);
    // A shadow may be there without the focus.
    const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    seen.push({ it, shows: it.matches(':focus-visible') && outlined });
  };
  addEventListener('focusin', window.listens);
  // The walk starts where the focus was last: at the top of the body.
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute('tabindex');
  seen.length = 0;
  const inside = { date: 4, 'datetime-local': 7, time: 3 };
  const frames = document.querySelectorAll('iframe').length * 8;
  return controls.reduce((sum, it) => sum + (inside[it.type] ?? 1), 0) + frames
    + [...document.querySelectorAll('body *')].filter(it => /auto|scroll/.test(getComputedStyle(it).overflow)).length;
})()
