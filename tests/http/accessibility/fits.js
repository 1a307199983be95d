// A line for each fault of the layout at the size of this window.
(() => {
  const faults = [];
  const name = it => it.outerHTML.replace(/\s+/g, ' ').slice(0, 120);
  const root = document.documentElement;
  const ancestors = it => {
    const all = [];
    for (let up = it; up && up !== document.body && up !== root; up = up.parentElement) all.push(up);
    return all;
  };
  const style = new Map();
  const styleOf = it => {
    if (!style.has(it)) style.set(it, getComputedStyle(it));
    return style.get(it);
  };
  const scrolls = it => [styleOf(it).overflowX, styleOf(it).overflowY].some(o => o === 'auto' || o === 'scroll');
  const clips = it => [styleOf(it).overflowX, styleOf(it).overflowY].some(o => o === 'hidden' || o === 'clip');
  // Text for screen readers alone, and the link that shows only while it has the focus.
  const isUnseen = it => ancestors(it).some(up => {
    const box = up.getBoundingClientRect();
    const shown = styleOf(up);
    return (clips(up) && (box.width <= 2 || box.height <= 2))
      || (shown.position === 'absolute' && (box.bottom + scrollY <= 0 || box.right + scrollX <= 0))
      || /inset\((50|100)%/.test(shown.clipPath) || /rect\(0px,? 0px,? 0px,? 0px\)/.test(shown.clip);
  });
  const isShown = it => it.checkVisibility({ visibilityProperty: true }) && !isUnseen(it);

  if (root.scrollWidth > root.clientWidth) {
    const over = [...document.querySelectorAll('body *')].filter(it =>
      it.getBoundingClientRect().right > root.clientWidth + 1 && !ancestors(it.parentElement).some(up => scrolls(up) || clips(up)));
    faults.push(`the page scrolls sideways: ${over.slice(-1).map(name)}`);
  }

  for (const it of document.querySelectorAll('body *')) {
    const isField = it.matches('input, textarea, select, option, iframe, svg, svg *');
    if (isField || !clips(it) || !isShown(it)) continue;
    if (it.scrollWidth > it.clientWidth + 1 || it.scrollHeight > it.clientHeight + 1) faults.push(`it cuts off its content: ${name(it)}`);
  }

  // The lines of all texts, without the space between lines, and cut to what scrolling containers show.
  const lines = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walk.nextNode(); text; text = walk.nextNode()) {
    const parent = text.parentElement;
    if (!text.data.trim() || parent.closest('script, style, option, svg, iframe') || !isShown(parent)
      || parent.matches('details:not([open])')) continue;
    const holders = ancestors(parent).filter(scrolls).map(it => it.getBoundingClientRect());
    const range = document.createRange();
    range.selectNodeContents(text);
    for (const box of range.getClientRects()) {
      const line = { text: text.data.trim().slice(0, 60), parent };
      line.left = Math.max(box.left, ...holders.map(it => it.left)) + 1;
      line.right = Math.min(box.right, ...holders.map(it => it.right)) - 1;
      line.top = Math.max(box.top + box.height * 0.25, ...holders.map(it => it.top));
      line.bottom = Math.min(box.bottom - box.height * 0.25, ...holders.map(it => it.bottom));
      if (line.right > line.left && line.bottom > line.top) lines.push(line);
    }
  }
  lines.sort((a, b) => a.top - b.top);
  lines.forEach((line, at) => {
    for (const other of lines.slice(at + 1)) {
      if (other.top >= line.bottom) break;
      if (other.text !== line.text && other.left < line.right && other.right > line.left) {
        faults.push(`a text covers another: ${line.text} | ${other.text}`);
      }
    }
  });

  // Each control can be seen and pressed when it has the focus.
  for (const it of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')) {
    if (!it.checkVisibility({ visibilityProperty: true }) || it.disabled) continue;
    it.focus();
    const box = it.getClientRects()[0];
    const [x, y] = [box.left + Math.min(box.width, innerWidth) / 2, box.top + Math.min(box.height, innerHeight) / 2];
    const seen = document.elementFromPoint(x, y);
    if (!seen) faults.push(`it is out of sight when it has the focus: ${name(it)}`);
    else if (seen !== it && !it.contains(seen) && !seen.contains(it)) {
      faults.push(`it is covered when it has the focus: ${name(it)} by ${name(seen)}`);
    }
  }
  document.activeElement?.blur();
  scrollTo(0, 0);
  return faults.join('\n');
})()
