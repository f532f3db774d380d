// Which page: the path of the address. Links within the page do not load it again.

const listeners = new Set();

/** The id of the run that the address names, if it does. */
export function runOfPath() {
  const [, id] = /^\/runs\/([^/]+)$/.exec(location.pathname) ?? [];
  return id && decoded(id);
}

export function goTo(path) {
  history.pushState(null, '', path);
  scrollTo(0, 0);
  for (const listener of listeners) listener();
}

/** @returns a function that stops it */
export function watchRoute(changed) {
  const clicked = (event) => {
    const link = event.target.closest?.('a[href^="/"]');
    const isOurs =
      link !== null &&
      link !== undefined &&
      !link.hasAttribute('download') &&
      link.target === '' &&
      !link.pathname.startsWith('/api/');
    if (!isOurs || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    goTo(link.pathname + link.search);
  };
  listeners.add(changed);
  document.addEventListener('click', clicked);
  addEventListener('popstate', changed);
  return () => {
    listeners.delete(changed);
    document.removeEventListener('click', clicked);
    removeEventListener('popstate', changed);
  };
}

/** A part of an address as text; as it stands there where a % in it begins no character. */
export function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
