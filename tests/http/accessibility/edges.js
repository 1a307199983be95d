// A line for each control that has no edge while colours are forced. A link among text, and a button that looks like one, is underlined.
(() => {
  if (!matchMedia('(forced-colors: active)').matches) return 'colours are not forced';
  const has = (it, side) => {
    const style = getComputedStyle(it);
    return parseFloat(style[`border${side}Width`]) > 0 && style[`border${side}Style`] !== 'none';
  };
  const drawnByTheBrowser = it => it.matches('[type=checkbox], [type=radio], [type=range]') && getComputedStyle(it).appearance !== 'none';
  const isUnderlined = it => it.localName === 'button' && getComputedStyle(it).textDecorationLine.includes('underline');
  return [...document.querySelectorAll('button, a.button, input:not([type=hidden]), select, textarea')]
    .filter(it => it.checkVisibility({ visibilityProperty: true }))
    .filter(it => !drawnByTheBrowser(it) && !isUnderlined(it) && !['Top', 'Bottom', 'Left', 'Right'].some(side => has(it, side)))
    .map(it => it.outerHTML.replace(/\s+/g, ' ').slice(0, 120)).join('\n');
})()
