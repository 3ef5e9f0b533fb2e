import { ref } from 'vue'

/* The only switch between desk and phone in code; everything else is CSS. */

const narrow = matchMedia('(max-width: 767px)')
export const isPhone = ref(narrow.matches)
narrow.addEventListener('change', () => { isPhone.value = narrow.matches })

const coarse = matchMedia('(pointer: coarse)')
export const isCoarse = ref(coarse.matches)
coarse.addEventListener('change', () => { isCoarse.value = coarse.matches })

/** While paper is being made: what is drawn only in part is drawn whole. */
export const isPrinted = ref(false)
addEventListener('beforeprint', () => { isPrinted.value = true })
addEventListener('afterprint', () => { isPrinted.value = false })
