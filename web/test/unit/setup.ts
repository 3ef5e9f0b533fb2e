// What the page asks of a browser and happy-dom does not have.
window.matchMedia ??= (() => ({ matches: false, addEventListener() {} })) as unknown as typeof window.matchMedia
