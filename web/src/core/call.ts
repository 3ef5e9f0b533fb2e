/* A call leaves the page: who was called is remembered until the person is back, to be written down then. */

export interface Call { number: string, /** `object/id` of the record the number stands on. */ of: string, at: number }

const KEY = 'call'
// Shorter ones were not answered, or the person came back at once.
const SHORTEST = 3000
const LONGEST = 4 * 3600e3

let called: (call: Call, minutes: number) => void = () => {}

function back() {
  if (document.visibilityState !== 'visible') return
  const text = sessionStorage.getItem(KEY)
  if (!text) return
  const call: Call = JSON.parse(text)
  const away = Date.now() - call.at
  if (away < SHORTEST) return
  sessionStorage.removeItem(KEY)
  if (away < LONGEST) called(call, Math.max(1, Math.round(away / 60000)))
}

/** Listens to every link that calls somebody; `handler` hears of each call when the person is back. */
export function watchCalls(handler: typeof called) {
  called = handler
  document.addEventListener('click', event => {
    const link = (event.target as Element).closest?.('a[href^="tel:"]')
    if (!link) return
    const of = link.closest<HTMLElement>('[data-record]')?.dataset.record ?? /^\/[ro]\/(\w+\/\d+)/.exec(location.pathname)?.[1]
    if (of) sessionStorage.setItem(KEY, JSON.stringify({ number: link.getAttribute('href')!.slice(4), of, at: Date.now() } satisfies Call))
  }, true)
  document.addEventListener('visibilitychange', back)
  window.addEventListener('focus', back)
}
