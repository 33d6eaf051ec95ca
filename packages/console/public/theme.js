// Before the first paint, so that the page does not flash in the other theme. A file of its own: the
// content security policy allows no inline script.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem('plimsoll.theme');
  } catch {
    // Storage is off: the system's theme it is.
  }
  if (theme !== 'light' && theme !== 'dark') theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  document.documentElement.dataset.theme = theme;
})();
