/* How wide words are in the page, without laying them out. */

const pen = document.createElement('canvas').getContext('2d')
const known = new Map<string, number>()
/** Letters of titles are a little bolder. */
const BOLD = 1.05

function letterOf(letter: string): number {
  // Whoever knows one Chinese sign knows the width of all, however bold.
  const sign = letter > '\u2e7f'
  const like = sign ? '国' : letter // i18n-ok
  let px = known.get(like)
  if (px === undefined) {
    const { fontSize, fontFamily } = getComputedStyle(document.body)
    if (pen) pen.font = `${fontSize} ${fontFamily}`
    known.set(like, px = (pen?.measureText(like).width || (sign ? 14 : 8)) * (sign ? 1 : BOLD))
  }
  return px
}

/** In pixels, set like the text of the page. */
export function breadth(text: string): number {
  let px = 0
  for (const letter of text) px += letterOf(letter)
  return Math.ceil(px)
}
